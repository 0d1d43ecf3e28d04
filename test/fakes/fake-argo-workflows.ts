/** Plays Argo Workflows' controller for a DAG: the status that v4.0.7 writes, in its order (operator.go, dag.go, exec_control.go). */
import type { KubeObject } from '../../src/domain/cluster.ts'
import type { FakeCluster } from './fake-cluster.ts'
import { outcomeOf, PipelinePodActor, turns, type Program, type ProgramEnd } from './pipeline-pods.ts'

interface Task {
  readonly name: string
  readonly template: string
}

interface Container extends Program {
  readonly name: string
  readonly dependencies?: readonly string[]
}

interface Parameter {
  readonly name: string
  readonly value: string
}

interface Template {
  readonly name: string
  readonly dag?: { readonly tasks: readonly Task[] }
  readonly container?: Program
  readonly containerSet?: { readonly containers: readonly Container[] }
  readonly outputs?: {
    readonly parameters: readonly {
      readonly name: string
      readonly valueFrom: { readonly path?: string; readonly parameter?: string }
    }[]
  }
}

interface Spec {
  readonly serviceAccountName?: string
  readonly entrypoint: string
  readonly arguments: { readonly parameters: readonly Parameter[] }
  readonly templates: readonly Template[]
  readonly shutdown?: string
}

const workflows = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' }
const label = 'workflows.argoproj.io/workflow'
const times = { startedAt: '2026-01-01T00:00:01Z', finishedAt: null as string | null }

/** A line of the executor's own log. */
function executor(words: string): string {
  return `time=2026-01-01T00:00:04.000Z level=INFO msg=${words}`
}

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
  readonly #answers = new Map<string, string>()
  #strategy: string | undefined
  #onShutDown: () => void = () => undefined
  #seconds = 2

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
    const { entrypoint } = this.#spec
    const root = this.#template(entrypoint)
    const node = { displayName: name, type: 'DAG', templateName: entrypoint }
    this.#node(name, name, { ...node, phase: 'Running' })
    let failed = false
    for (const [index, task] of (root.dag?.tasks ?? []).entries()) {
      if (failed) this.#omit(task, String(4292161196 + index))
      else failed = (await this.#run(task, String(1457662774 + index))) !== 'Succeeded'
      if (this.#strategy !== undefined) break
    }
    const phase = failed ? 'Failed' : 'Succeeded'
    this.#node(name, name, { ...node, phase, ...(failed ? {} : this.#outputs(root)) })
    const message =
      this.#strategy === undefined ? {} : { message: `Stopped with strategy '${this.#strategy}'` }
    this.#status({ phase, finishedAt: '2026-01-01T00:00:09Z', ...message })
  }

  #template(wanted: string): Template {
    const template = this.#spec.templates.find(({ name }) => name === wanted)
    if (template === undefined) throw new Error(`there is no template ${wanted}`)
    return template
  }

  /** Those of a DAG: `{{tasks.TASK.outputs.parameters.NAME}}`, of tasks with a single one. */
  #outputs({ outputs }: Template): object {
    if (outputs === undefined) return {}
    const parameters = outputs.parameters.map(({ name, valueFrom }) => {
      const task = /^\{\{tasks\.([\w-]+)\.outputs\./.exec(valueFrom.parameter ?? '')?.[1] ?? ''
      return { name, valueFrom, value: this.#answers.get(task) }
    })
    return { outputs: { parameters } }
  }

  async #run(task: Task, hash: string): Promise<string> {
    const { name: workflow, namespace } = this.#ref
    const template = this.#template(task.template)
    const { containerSet, container = {} } = template
    const containers = containerSet?.containers ?? [{ ...container, name: 'main' }]
    const id = `${workflow}-${hash}`
    const path = `${workflow}.${task.name}`
    const node = { displayName: task.name, type: 'Pod', templateName: template.name, boundaryID: workflow }
    const tell = (more: { readonly phase: string }, inner: (name: string) => object = () => more): void => {
      this.#node(id, path, { ...node, ...more })
      for (const { name } of containerSet === undefined ? [] : containers)
        this.#node(`${id}-${name}`, `${path}.${name}`, { type: 'Container', boundaryID: id, ...inner(name) })
      this.#status({ phase: 'Running' })
    }
    const annotations = { 'workflows.argoproj.io/node-name': path }
    const metadata = { name: `${workflow}-${template.name}-${hash}`, namespace, annotations }
    const labels = { [label]: workflow }
    const names = ['wait', ...containers.map(({ name }) => name)]
    const pod = new PipelinePodActor(this.#cluster, { ...metadata, labels }, names)
    tell({ phase: 'Pending' })
    await turns()
    pod.create()
    tell({ phase: 'Pending', ...{ message: 'PodInitializing' } })
    await turns()
    pod.start()
    await turns()
    tell({ phase: 'Running' })
    const ends = await this.#programs(task.name, pod, containers)
    if (ends === undefined) {
      // The step counts as ended before its pod has.
      const message = `workflow shutdown with strategy:  ${this.#strategy ?? ''}`
      tell({ phase: 'Failed', ...{ message, finishedAt: '2026-01-01T00:00:04Z' } })
      void turns().then(() => {
        for (const name of names) pod.end(name, { exitCode: name === 'wait' ? 0 : 143 })
      })
      return 'Failed'
    }
    // The pod goes on for as long as its outputs are kept, and the controller looks later still.
    await turns()
    pod.end('wait', { exitCode: 0 })
    await turns()
    const told = new Map([...ends].map(([name, end]) => [name, ended(name, end)]))
    const failure = [...told.values()].find(({ phase }) => phase === 'Failed')
    const { phase, message = '' } = failure ?? { phase: 'Succeeded' }
    const finishedAt = this.#now()
    const words = failure === undefined ? {} : { message: message.replace(/: $/, '') }
    tell({ phase, ...words, ...{ finishedAt } }, (name) => ({ ...told.get(name), finishedAt }))
    await turns()
    return phase
  }

  /** Exit codes and last words by container; undefined where the workflow was told to end. */
  async #programs(
    task: string,
    pod: PipelinePodActor,
    containers: readonly Container[],
  ): Promise<Map<string, ProgramEnd> | undefined> {
    const executors = new Executors(pod, () => this.#now())
    executors.begin(containers)
    const hanging: string[] = []
    for (const { name, dependencies = [], ...program } of containers) {
      if (executors.refuses(name, dependencies)) continue
      const { lines, answer, exitCode } = outcomeOf(program, this.#message())
      pod.write(name, lines)
      if (answer !== undefined) this.#answers.set(task, answer)
      await turns()
      if (exitCode === undefined) hanging.push(name)
      else executors.quit(name, exitCode)
    }
    if (hanging.length > 0 && !executors.hasFailed) {
      await this.#shutDown()
      return undefined
    }
    // Once one of a set has failed the controller ends the others.
    for (const name of hanging) executors.quit(name, 143)
    return executors.ends
  }

  #message(): string {
    return this.#spec.arguments.parameters.find(({ name }) => name === 'message')?.value ?? ''
  }

  #omit({ name: task, template }: Task, hash: string): void {
    const { name: workflow } = this.#ref
    const message = 'omitted: depends condition not met'
    const node = { displayName: task, type: 'Skipped', phase: 'Omitted', boundaryID: workflow, message }
    this.#node(`${workflow}-${hash}`, `${workflow}.${task}`, { ...node, templateName: template })
  }

  /** A second later each time. */
  #now(): string {
    this.#seconds += 1
    return new Date(Date.UTC(2026, 0, 1, 0, 0, this.#seconds)).toISOString().replace('.000', '')
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

/** What the executor in each container does and says (emissary.go). */
class Executors {
  readonly ends = new Map<string, ProgramEnd>()
  readonly #pod: PipelinePodActor
  readonly #now: () => string

  constructor(pod: PipelinePodActor, now: () => string) {
    this.#pod = pod
    this.#now = now
  }

  get hasFailed(): boolean {
    return [...this.ends.values()].some(({ exitCode }) => exitCode !== 0)
  }

  begin(containers: readonly Container[]): void {
    for (const { name, dependencies = [] } of containers)
      for (const other of dependencies)
        this.#pod.write(name, [executor(`"waiting for dependency" argo=true dependency=${other}`)])
  }

  /** True where it ended because what it waits for did not succeed. */
  refuses(name: string, dependencies: readonly string[]): boolean {
    const broken = dependencies.find((other) => this.ends.get(other)?.exitCode !== 0)
    if (broken === undefined) return false
    const code = this.ends.get(broken)?.exitCode ?? 143
    const message = `dependency "${broken}" exited with non-zero code: ${String(code)}`
    this.#pod.write(name, [`Error: ${message}`, message])
    this.#end(name, { exitCode: 64, message })
    return true
  }

  quit(name: string, exitCode: number): void {
    this.#pod.write(name, farewell(exitCode))
    this.#end(name, { exitCode })
  }

  #end(name: string, how: ProgramEnd): void {
    const end = { ...how, finishedAt: this.#now() }
    this.ends.set(name, end)
    this.#pod.end(name, end)
  }
}

/** What assessNodeStatus and inferFailedReason make of an exit code. */
function ended(name: string, { exitCode, message = '' }: ProgramEnd): { phase: string; message?: string } {
  if (exitCode === 0) return { phase: 'Succeeded' }
  return { phase: 'Failed', message: `${name}: Error (exit code ${String(exitCode)}): ${message}` }
}

/** What the executor writes when a program has ended. */
function farewell(exitCode: number): string[] {
  const error = exitCode === 0 ? '<nil>' : `"exit status ${String(exitCode)}"`
  const lines = [executor(`"sub-process exited" argo=true error=${error}`)]
  return exitCode === 0 ? lines : [...lines, `Error: exit status ${String(exitCode)}`]
}
