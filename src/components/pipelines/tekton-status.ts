/** What a Tekton PipelineRun and its TaskRuns say, as steps and pods (pkg/apis/pipeline/v1 of v1.0.0); pure. */
import type { KubeObject } from '../../domain/cluster.ts'
import { given } from '../../domain/given.ts'
import { oldestFirst } from '../../domain/oldest-first.ts'
import { isFinal } from '../../domain/pipeline-phase.ts'
import type { PipelinePhase, PipelinePod, PipelineState, PipelineStep } from '../../domain/pipelines.ts'
import { outputsOf, pipelinePod } from './run-pods.ts'

interface Task {
  readonly name: string
  readonly runAfter?: readonly string[]
}

interface PipelineSpec {
  readonly tasks?: readonly Task[]
  readonly finally?: readonly Task[]
}

interface Spec {
  readonly pipelineSpec?: PipelineSpec
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

interface RunStatus {
  readonly conditions?: readonly Condition[]
  readonly startTime?: string
  readonly completionTime?: string
  /** Of a PipelineRun: the pipeline as it runs, wherever it came from. */
  readonly pipelineSpec?: PipelineSpec
  readonly skippedTasks?: readonly { readonly name: string; readonly reason: string }[]
  /** Of a PipelineRun. */
  readonly results?: readonly { readonly name: string; readonly value?: unknown }[]
  /** Of a TaskRun. */
  readonly podName?: string
}

const taskLabel = 'tekton.dev/pipelineTask'
const taskRunLabel = 'tekton.dev/taskRun'

/** The PipelineRun, its TaskRuns and their pods as one state. */
export function tektonState(run: KubeObject, parts: readonly KubeObject[]): PipelineState {
  const status = statusOf(run)
  const phase = phaseOf(status, (reason) => reason !== 'Started' && reason !== 'PipelineRunPending')
  const pods = parts.filter(({ kind }) => kind === 'Pod').toSorted(oldestFirst)
  const taskRuns = parts.filter(({ kind }) => kind === 'TaskRun').toSorted(oldestFirst)
  const { tasks = [], finally: last = [] } = status.pipelineSpec ?? (run['spec'] as Spec).pipelineSpec ?? {}
  const names = (task: string): readonly string[] => {
    const found = taskRuns.filter(({ metadata }) => metadata.labels?.[taskLabel] === task)
    return found.length > 0 ? found.map((taskRun) => stepName(taskRun, taskRuns)) : [task]
  }
  const planned = [
    ...tasks.map((task) => ({ name: task.name, after: predecessors(task, tasks) })),
    ...last.map(({ name }) => ({ name, after: tasks.map((task) => task.name) })),
  ]
  const steps = planned.flatMap(({ name, after: waitsFor }) => {
    const after = waitsFor.flatMap(names)
    const found = taskRuns.filter(({ metadata }) => metadata.labels?.[taskLabel] === name)
    if (found.length === 0) return [{ ...pending(name, status, phase), after }]
    return found.map((taskRun) => ({ ...stepOf(taskRun), name: stepName(taskRun, taskRuns), after }))
  })
  return {
    phase,
    message: reasonOf(phase, steps, status),
    steps,
    pods: pods.map((pod) => podOf(pod, taskRuns)),
    outputs: isFinal(phase) ? outputsOf(status.results ?? []) : {},
  }
}

function statusOf(object: KubeObject): RunStatus {
  return object['status'] ?? {}
}

function conditionOf({ conditions = [] }: RunStatus): Condition | undefined {
  return conditions.find(({ type }) => type === 'Succeeded')
}

/** Reasons of runs that were told to stop: `Cancelled` of a PipelineRun, the other of a TaskRun. */
const stopReasons = ['Cancelled', 'TaskRunCancelled']

function phaseOf(status: RunStatus, runs: (reason: string) => boolean): PipelinePhase {
  const { status: verdict = 'Unknown', reason = 'Started' } = conditionOf(status) ?? {}
  if (verdict === 'True') return 'succeeded'
  if (verdict === 'False') return stopReasons.includes(reason) ? 'stopped' : 'failed'
  return runs(reason) ? 'running' : 'waiting'
}

/** Tasks also wait for those whose results they use. */
function predecessors(task: Task, all: readonly Task[]): readonly string[] {
  const used = [...JSON.stringify(task).matchAll(/\$\(tasks\.([\w-]+)\./g)].map(([, name]) => name)
  return all
    .map(({ name }) => name)
    .filter((name) => task.runAfter?.includes(name) === true || used.includes(name))
}

/** The task's name; one that runs once for each value of a matrix bears those of its TaskRuns. */
function stepName({ metadata }: KubeObject, taskRuns: readonly KubeObject[]): string {
  const task = metadata.labels?.[taskLabel] ?? metadata.name
  const isOnly = taskRuns.filter((other) => other.metadata.labels?.[taskLabel] === task).length < 2
  return isOnly ? task : metadata.name.slice(Math.max(0, metadata.name.indexOf(task)))
}

/** A task without a TaskRun: its turn has not come, or never will. */
function pending(name: string, { skippedTasks = [] }: RunStatus, run: PipelinePhase): PipelineStep {
  const skipped = skippedTasks.find((task) => task.name === name)
  const isWaiting = skipped === undefined && !isFinal(run)
  return { name, after: [], phase: isWaiting ? 'waiting' : 'skipped', message: skipped?.reason ?? '' }
}

function stepOf(taskRun: KubeObject): PipelineStep {
  const status = statusOf(taskRun)
  // Before `Running` the reason says why its pod does not run.
  const phase = phaseOf(status, (reason) => reason === 'Running')
  const isQuiet = phase === 'running' || phase === 'succeeded'
  return {
    name: '',
    after: [],
    phase,
    ...given('pod', status.podName === '' ? undefined : status.podName),
    ...given('startedAt', status.startTime),
    ...given('finishedAt', status.completionTime),
    message: isQuiet ? '' : (conditionOf(status)?.message ?? ''),
  }
}

/** A failed run says how many tasks failed; the tasks say why. */
function reasonOf(phase: PipelinePhase, steps: readonly PipelineStep[], status: RunStatus): string {
  if (phase !== 'failed' && phase !== 'stopped') return ''
  const failed = steps.find((step) => phase === 'failed' && step.phase === 'failed' && step.message !== '')
  return failed?.message ?? conditionOf(status)?.message ?? ''
}

function podOf(pod: KubeObject, taskRuns: readonly KubeObject[]): PipelinePod {
  const { labels, name } = pod.metadata
  const taskRun = taskRuns.find(({ metadata }) => metadata.name === labels?.[taskRunLabel])
  const step = taskRun === undefined ? (labels?.[taskLabel] ?? name) : stepName(taskRun, taskRuns)
  const { containers = [] } = (pod['spec'] ?? {}) as { containers?: readonly { name: string }[] }
  const programs = containers.map((container) => container.name).filter((each) => each.startsWith('step-'))
  return pipelinePod(pod, new Map(programs.map((program) => [program, step])))
}
