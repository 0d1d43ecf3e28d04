/** Plays Tekton's controller for tasks in a row: the status that v1.0.0 writes, in its order (pkg/reconciler, pkg/pod/status.go). */
import type { KubeObject } from '../../src/domain/cluster.ts'
import type { FakeCluster } from './fake-cluster.ts'
import { outcomeOf, PipelinePodActor, turns, type Outcome, type Program } from './pipeline-pods.ts'

interface Task {
  readonly name: string
  readonly taskSpec: { readonly steps: readonly (Program & { readonly name: string })[] }
}

interface Spec {
  readonly params: readonly { readonly name: string; readonly value: string }[]
  readonly pipelineSpec: {
    readonly tasks: readonly Task[]
    readonly results?: readonly { readonly name: string; readonly value: string }[]
  }
  readonly status?: string
}

const apiVersion = 'tekton.dev/v1'
const startTime = '2026-01-01T00:00:01Z'
const completionTime = '2026-01-01T00:00:04Z'

/** Sets the reactions of a cluster that has the kinds. `outcome` says how a step's program goes with the parameter `message`. */
export function playTekton(cluster: FakeCluster, outcome = outcomeOf): void {
  for (const kind of ['PipelineRun', 'TaskRun']) {
    const plural = `${kind.toLowerCase()}s`
    cluster.put({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.tekton.dev` },
      spec: {
        group: 'tekton.dev',
        scope: 'Namespaced',
        names: { kind, plural },
        versions: [{ name: 'v1' }],
      },
    })
  }
  const runs = new Map<string, PipelineRunActor>()
  cluster.whenApplied('PipelineRun', (run) => {
    const { status } = run['spec'] as Spec
    if (status !== undefined) return runs.get(run.metadata.name)?.cancel(status)
    const actor = new PipelineRunActor(cluster, run, outcome)
    runs.set(run.metadata.name, actor)
    void actor.play()
  })
}

function condition(status: string, reason: string, message: string): object {
  return { conditions: [{ type: 'Succeeded', status, reason, message }] }
}

class PipelineRunActor {
  readonly #cluster: FakeCluster
  readonly #ref: { readonly namespace: string; readonly name: string }
  readonly #spec: Spec
  readonly #outcome: typeof outcomeOf
  readonly #answers = new Map<string, string>()
  #isCancelled = false
  #onCancel: () => void = () => undefined

  constructor(cluster: FakeCluster, { metadata, ...run }: KubeObject, outcome: typeof outcomeOf) {
    this.#outcome = outcome
    this.#cluster = cluster
    this.#ref = { namespace: metadata.namespace ?? '', name: metadata.name }
    this.#spec = run['spec'] as Spec
  }

  cancel(status: string): void {
    if (!['Cancelled', 'CancelledRunFinally', 'StoppedRunFinally'].includes(status))
      throw new Error(`the webhook refuses the status ${status}`)
    this.#isCancelled = true
    this.#onCancel()
  }

  async play(): Promise<void> {
    const { tasks } = this.#spec.pipelineSpec
    await turns()
    this.#status(condition('Unknown', 'Started', ''))
    const counted = (completed: number, failed: number): string =>
      `Tasks Completed: ${String(completed)} (Failed: ${String(failed)}, Cancelled 0), Skipped: ${String(tasks.length - completed)}`
    for (const [index, task] of tasks.entries()) {
      this.#status(condition('Unknown', 'Running', counted(index, 0)))
      const code = await this.#run(task)
      if (code === 0) continue
      const reason = code === undefined ? 'PipelineRun was gracefully cancelled' : 'PipelineRun was stopping'
      const skippedTasks = tasks.slice(index + 1).map(({ name }) => ({ name, reason }))
      const end =
        code === undefined
          ? condition('False', 'Cancelled', `PipelineRun "${this.#ref.name}" was cancelled`)
          : condition('False', 'Failed', counted(index + 1, 1))
      this.#status({ ...end, skippedTasks, completionTime })
      return
    }
    const end = condition('True', 'Succeeded', counted(tasks.length, 0))
    this.#status({ ...end, ...this.#results(), completionTime })
  }

  /** `$(tasks.TASK.results.RESULT)`, of tasks with a single result. */
  #results(): object {
    const { results } = this.#spec.pipelineSpec
    if (results === undefined) return {}
    const told = results.map(({ name, value }) => {
      const task = /^\$\(tasks\.([\w-]+)\.results\.[\w-]+\)$/.exec(value)?.[1] ?? ''
      return { name, value: this.#answers.get(task) }
    })
    return { results: told }
  }

  /** The exit code; undefined where it was cancelled. */
  async #run(task: Task): Promise<number | undefined> {
    const [step, ...others] = task.taskSpec.steps
    if (step === undefined || others.length > 0) throw new Error('the fake plays tasks of one step')
    const message = this.#spec.params.find(({ name }) => name === 'message')?.value ?? ''
    const outcome = this.#outcome(step, message)
    const container = `step-${step.name}`
    const name = `${this.#ref.name}-${task.name}`
    const { namespace } = this.#ref
    const own = { 'tekton.dev/pipelineRun': this.#ref.name, 'tekton.dev/pipelineTask': task.name }
    const tell = (status: object): void => {
      if (!this.#isThere()) return
      const taskRun = { apiVersion, kind: 'TaskRun', metadata: { name, namespace, labels: own } }
      this.#cluster.put({ ...taskRun, status: { podName: `${name}-pod`, startTime, ...status } })
    }
    const labels = { ...own, 'tekton.dev/taskRun': name }
    const pod = new PipelinePodActor(this.#cluster, { name: `${name}-pod`, namespace, labels }, [container])
    tell({ podName: '', ...condition('Unknown', 'Started', '') })
    await turns()
    pod.create()
    tell(condition('Unknown', 'Pending', 'pod status "Initialized":"False"; message: "…: [prepare]"'))
    await turns()
    pod.start()
    pod.write(container, outcome.lines)
    tell(condition('Unknown', 'Running', 'Not all Steps in the Task have finished executing'))
    await turns()
    if (outcome.answer !== undefined) this.#answers.set(task.name, outcome.answer)
    return this.#end(pod, outcome, container, tell)
  }

  async #end(
    pod: PipelinePodActor,
    outcome: Outcome,
    container: string,
    tell: (status: object) => void,
  ): Promise<number | undefined> {
    const { exitCode } = outcome
    if (exitCode === undefined) {
      await this.#cancelled()
      this.#status(condition('Unknown', 'CancelledRunningFinally', ''))
      const why = 'TaskRun cancelled as the PipelineRun it belongs to has been cancelled.'
      tell({ ...condition('False', 'TaskRunCancelled', why), completionTime })
      pod.remove()
      return undefined
    }
    pod.write(container, ['2026/01/01 00:00:04 INFO Step was canceling'])
    pod.end(container, { exitCode })
    await turns()
    const end =
      exitCode === 0
        ? condition('True', 'Succeeded', 'All Steps have completed executing')
        : condition('False', 'Failed', `"${container}" exited with code ${String(exitCode)}`)
    tell({ ...end, completionTime })
    await turns()
    return exitCode
  }

  #isThere(): boolean {
    return this.#cluster.object({ apiVersion, kind: 'PipelineRun', ...this.#ref }) !== undefined
  }

  /** Nothing for a run that is gone. */
  #status(status: object): void {
    if (!this.#isThere()) return
    const { pipelineSpec } = this.#spec
    this.#cluster.setStatus(
      { apiVersion, kind: 'PipelineRun', ...this.#ref },
      { startTime, pipelineSpec, ...status },
    )
  }

  async #cancelled(): Promise<void> {
    if (this.#isCancelled) return
    await new Promise<void>((resolve) => (this.#onCancel = resolve))
  }
}
