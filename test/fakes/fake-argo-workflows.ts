/** Plays Argo Workflows' controller for a DAG: the status that v4.0.7 writes, in its order (operator.go, dag.go, exec_control.go). */
import type { KubeObject } from '../../src/domain/cluster.ts'
import type { FakeCluster } from './fake-cluster.ts'
import { outcomeOf, PipelinePodActor, turns, type Program } from './pipeline-pods.ts'

interface Task {
  readonly name: string
  readonly template: string
}

interface Spec {
  readonly serviceAccountName?: string
  readonly entrypoint: string
  readonly arguments: { readonly parameters: readonly { readonly name: string; readonly value: string }[] }
  readonly templates: readonly {
    readonly name: string
    readonly dag?: { readonly tasks: readonly Task[] }
    readonly container?: Program
  }[]
  readonly shutdown?: string
}

const workflows = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' }
const label = 'workflows.argoproj.io/workflow'
const times = { startedAt: '2026-01-01T00:00:01Z', finishedAt: null as string | null }
const noise = [
  'time=2026-01-01T00:00:04.000Z level=INFO msg="sub-process exited" argo=true error=<nil>',
  'Error: exit status 3',
]

/** Sets the reactions of a cluster that has the kind. */
export function playArgoWorkflows(cluster: FakeCluster): void {
  cluster.put({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'workflows.argoproj.io' },
    spec: {
      group: 'argoproj.io',
      scope: 'Namespaced',
      names: { kind: 'Workflow', plural: 'workflows' },
      versions: [{ name: 'v1alpha1' }],
    },
  })
  const runs = new Map<string, WorkflowActor>()
  cluster.whenApplied('Workflow', (workflow) => {
    const { name } = workflow.metadata
    const { shutdown } = workflow['spec'] as Spec
    if (shutdown !== undefined) return runs.get(name)?.shutDown(shutdown)
    const actor = new WorkflowActor(cluster, workflow)
    runs.set(name, actor)
    void actor.play()
  })
}

class WorkflowActor {
  readonly #cluster: FakeCluster
  readonly #ref: { readonly namespace: string; readonly name: string }
  readonly #spec: Spec
  readonly #nodes: Record<string, object> = {}
  #strategy: string | undefined
  #onShutDown: () => void = () => undefined

  constructor(cluster: FakeCluster, { metadata, ...workflow }: KubeObject) {
    this.#cluster = cluster
    this.#ref = { namespace: metadata.namespace ?? '', name: metadata.name }
    this.#spec = workflow['spec'] as Spec
    if (this.#spec.serviceAccountName === undefined) throw new Error('its pods could not report')
  }

  shutDown(strategy: string): void {
    if (!['Stop', 'Terminate'].includes(strategy)) throw new Error(`there is no strategy ${strategy}`)
    this.#strategy = strategy
    this.#onShutDown()
  }

  async play(): Promise<void> {
    const { name } = this.#ref
    const { entrypoint, templates } = this.#spec
    const tasks = templates.find((each) => each.name === entrypoint)?.dag?.tasks ?? []
    this.#node(name, name, { displayName: name, type: 'DAG', phase: 'Running', templateName: entrypoint })
    let failed = false
    for (const [index, task] of tasks.entries()) {
      if (failed) this.#omit(task)
      else failed = (await this.#run(task, String(1457662774 + index))) !== 'Succeeded'
      if (this.#strategy !== undefined) break
    }
    const phase = failed ? 'Failed' : 'Succeeded'
    this.#node(name, name, { displayName: name, type: 'DAG', phase, templateName: entrypoint })
    const message =
      this.#strategy === undefined ? {} : { message: `Stopped with strategy '${this.#strategy}'` }
    this.#status({ phase, finishedAt: '2026-01-01T00:00:09Z', ...message })
  }

  async #run({ name: task, template }: Task, hash: string): Promise<string> {
    const { name: workflow, namespace } = this.#ref
    const program = this.#spec.templates.find(({ name }) => name === template)?.container
    const message = this.#spec.arguments.parameters.find(({ name }) => name === 'message')?.value ?? ''
    const outcome = outcomeOf(program ?? {}, message)
    const id = `${workflow}-${hash}`
    const node = { displayName: task, type: 'Pod', templateName: template, boundaryID: workflow }
    const tell = (more: object): void => {
      this.#node(id, `${workflow}.${task}`, { ...node, ...more })
      this.#status({ phase: 'Running' })
    }
    const pod = this.#pod(`${workflow}-${template}-${hash}`, namespace, `${workflow}.${task}`)
    tell({ phase: 'Pending' })
    await turns()
    pod.create()
    tell({ phase: 'Pending', message: 'PodInitializing' })
    await turns()
    pod.run(outcome)
    tell({ phase: 'Running' })
    await turns()
    if (outcome.exitCode === undefined) {
      await this.#shutDown()
      // The step counts as ended before its pod has.
      const words = `workflow shutdown with strategy:  ${this.#strategy ?? ''}`
      tell({ phase: 'Failed', message: words, finishedAt: '2026-01-01T00:00:04Z' })
      void turns().then(() => {
        pod.end(outcome, 143)
      })
      return 'Failed'
    }
    pod.end(outcome, outcome.exitCode)
    await turns()
    const phase = outcome.exitCode === 0 ? 'Succeeded' : 'Failed'
    const words = outcome.exitCode === 0 ? {} : { message: `Error (exit code ${String(outcome.exitCode)})` }
    tell({ phase, ...words, finishedAt: '2026-01-01T00:00:04Z' })
    await turns()
    return phase
  }

  #pod(name: string, namespace: string, node: string): PipelinePodActor {
    const annotations = { 'workflows.argoproj.io/node-name': node }
    const metadata = { name, namespace, labels: { [label]: this.#ref.name }, annotations }
    return new PipelinePodActor(this.#cluster, metadata, { container: 'main', others: ['wait'], noise })
  }

  #omit({ name: task }: Task): void {
    const { name: workflow } = this.#ref
    const message = 'omitted: depends condition not met'
    const node = { displayName: task, type: 'Skipped', phase: 'Omitted', boundaryID: workflow, message }
    this.#node(`${workflow}-4292161196`, `${workflow}.${task}`, node)
  }

  #node(id: string, name: string, fields: object): void {
    this.#nodes[id] = { id, name, ...times, ...fields }
  }

  /** Nothing for a workflow that is gone. */
  #status(status: object): void {
    if (this.#cluster.object({ ...workflows, ...this.#ref }) === undefined) return
    const nodes = structuredClone(this.#nodes)
    this.#cluster.setStatus({ ...workflows, ...this.#ref }, { ...status, nodes })
  }

  async #shutDown(): Promise<void> {
    if (this.#strategy !== undefined) return
    await new Promise<void>((resolve) => (this.#onShutDown = resolve))
  }
}
