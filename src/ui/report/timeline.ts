/** Rows of the waterfall: each step, below it what it watched, waiting apart from running. */
import {
  taskStates,
  type LogRecord,
  type PodUse,
  type RunRecord,
  type StepRecord,
  type TaskRecord,
} from './run-record.ts'
import type { Span, TimelineRow } from './report-model.ts'
import type { ReportState } from './report-state.ts'

/** What turns instants into spans on the page. */
export interface TimeFrame {
  /** Instants between which everything lies, in milliseconds since the epoch. */
  readonly start: number
  readonly end: number
  /** Id of a log on the page; undefined for one that is not shown. */
  readonly logId: (log: LogRecord) => string | undefined
}

/** Rows in the order of the plan and of the watched tasks; a pod comes after the last task that ran in it. */
export function timelineRows(record: RunRecord, frame: TimeFrame): TimelineRow[] {
  return [...record.steps.values()].flatMap((step) => {
    const names = [...step.tasks.keys()]
    const below = [...step.tasks.values()].flatMap((task, index) => [
      taskRow(task, step, frame),
      ...podsThatEndWith(names.slice(index), step).map((name) => podRow(name, step, frame)),
    ])
    return [stepRow(step, frame), ...below]
  })
}

function stepRow(step: StepRecord, frame: TimeFrame): TimelineRow {
  return {
    kind: 'step',
    name: step.title,
    state: step.state,
    waiting: undefined,
    running: span(step.started, step.ended ?? frame.end, frame),
    note: step.note,
    log: frame.logId(step.log),
  }
}

function taskRow({ model, created, log }: TaskRecord, step: StepRecord, frame: TimeFrame): TimelineRow {
  const { startedAt: started, finishedAt: finished } = model
  const ready = model.after
    .map((id) => step.tasks.get(id)?.model.finishedAt)
    .filter((one) => one !== undefined)
  const turn = started !== undefined && ready.length > 0 ? Math.max(...ready) : created
  const state = taskStates[model.state]
  return {
    kind: 'task',
    name: model.name,
    state,
    ...spans({ state, created: turn, started, finished }, frame),
    note: model.message,
    log: frame.logId(log),
  }
}

/** Pods in which the first of these tasks ran, and none after it; also those of former tries. */
function podsThatEndWith([own = '', ...later]: readonly string[], { pods, tasks }: StepRecord): string[] {
  // A task that is a pod, as in a rollout, has told all of it.
  const others = [...pods].filter(([name]) => !tasks.has(name))
  return others.flatMap(([name, uses]) =>
    uses.has(own) && !later.some((task) => uses.has(task)) ? [name] : [],
  )
}

function podRow(name: string, step: StepRecord, frame: TimeFrame): TimelineRow {
  const uses = [...(step.pods.get(name)?.values() ?? [])]
  const known = (pick: (use: PodUse) => number | undefined): number[] =>
    uses.map(pick).filter((one) => one !== undefined)
  const [created, started, finished] = [
    known((use) => use.created),
    known((use) => use.started),
    known((use) => use.finished),
  ]
  const state = podState(uses)
  const pod: PodUse = {
    state,
    created: created.length > 0 ? Math.min(...created) : undefined,
    started: started.length > 0 ? Math.min(...started) : undefined,
    finished: isOpen(state) || finished.length === 0 ? undefined : Math.max(...finished),
  }
  const isFormer = [...step.tasks.values()].every((task) => task.pod !== name)
  const note = isFormer ? 'an earlier try' : uses.length > 1 ? `${String(uses.length)} tasks in it` : ''
  return { kind: 'pod', name, state, ...spans(pod, frame), note, log: undefined }
}

function podState(uses: readonly PodUse[]): ReportState {
  const order = ['failed', 'unfinished', 'stopped', 'succeeded', 'never'] as const
  return order.find((state) => uses.some((use) => use.state === state)) ?? 'skipped'
}

/** Whether it was still to end when the run was over. */
function isOpen(state: ReportState): boolean {
  return state === 'unfinished' || state === 'never'
}

function spans(use: PodUse, frame: TimeFrame): Pick<TimelineRow, 'waiting' | 'running'> {
  const end = use.finished ?? (isOpen(use.state) ? frame.end : undefined)
  return {
    waiting: use.state === 'skipped' ? undefined : span(use.created, use.started ?? end, frame),
    running: span(use.started, end ?? use.started, frame),
  }
}

/** Undefined where an end of it is not known. */
function span(from: number | undefined, to: number | undefined, { start, end }: TimeFrame): Span | undefined {
  if (from === undefined || to === undefined) return undefined
  const inside = (at: number): number => Math.min(Math.max(at, start), end) - start
  return { from: inside(from), to: Math.max(inside(from), inside(to)) }
}
