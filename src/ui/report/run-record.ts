/** What a report keeps of a run, folded from its events as they come; instants in milliseconds since the epoch. */
import type { ErrorData, RunEvent, WatchedTask } from '../../engine/events.ts'
import { dispatch, type BodyOf, type EventHandlers } from '../event-handlers.ts'
import { WatchedTasks, type TaskModel } from '../watched-tasks.ts'
import { outsideLine, outsideLines } from './outside-text.ts'
import type { ReportState } from './report-state.ts'

/** Lines that are kept of each log, the last ones. */
const keptLines = 2000

/** The last lines of an output. */
export interface LogRecord {
  readonly lines: string[]
  dropped: number
}

/** What is known of a pod on behalf of one task. */
export interface PodUse {
  created: number | undefined
  started: number | undefined
  finished: number | undefined
  state: ReportState
}

/** A task as it was told last. */
export interface TaskRecord {
  readonly model: TaskModel
  readonly log: LogRecord
  /** When its pod was made. */
  created: number | undefined
  pod: string
}

/** A step, and what it watched. */
export interface StepRecord {
  readonly id: string
  title: string
  readOnly: boolean
  state: ReportState
  started: number | undefined
  ended: number | undefined
  note: string
  readonly log: LogRecord
  readonly watched: WatchedTasks
  /** By their ids, in the order in which they were told first. */
  readonly tasks: Map<string, TaskRecord>
  /** For each pod those tasks that ran in it, by their ids. */
  readonly pods: Map<string, Map<string, PodUse>>
}

/** How the run ended. */
export type RunEnd =
  | { readonly kind: 'succeeded'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  | { readonly kind: 'cancelled'; readonly resume: readonly string[] }

/** How far a task has come when nothing more is told of it. */
export const taskStates: Readonly<Record<WatchedTask['phase'], ReportState>> = {
  waiting: 'never',
  running: 'unfinished',
  succeeded: 'succeeded',
  failed: 'failed',
  stopped: 'stopped',
  skipped: 'skipped',
}

/** Folds events; never throws, whatever comes in whichever order. */
export class RunRecord {
  readonly steps = new Map<string, StepRecord>()
  readonly warnings: string[] = []
  command = ''
  run = ''
  end: RunEnd | undefined
  /** Of the first and of the last event. */
  first: number | undefined
  last: number | undefined

  readonly apply = (event: RunEvent): void => {
    try {
      const at = instant(event.time) ?? this.last ?? 0
      this.first ??= at
      this.last = Math.max(this.last ?? at, at)
      if (this.run === '') this.run = outsideLine(event.run)
      dispatch(this.handlers, event, this.last)
    } catch {
      // An event that is not what it should be is no part of the picture.
    }
  }

  private readonly handlers: EventHandlers = {
    'run.started': ({ command }) => {
      this.command = outsideLine(command)
    },
    'plan.ready': ({ steps }) => {
      for (const { id, title, readOnly } of steps)
        Object.assign(this.step(id), { title: outsideLine(title), readOnly: readOnly === true })
    },
    'step.started': ({ step }, at) => {
      Object.assign(this.step(step), { state: 'unfinished', started: at })
    },
    'step.progress': () => undefined,
    'step.retrying': ({ step, attempt, reason }) => {
      this.step(step).note = `attempt ${String(attempt)}, because ${outsideLine(reason)}`
    },
    'step.log': ({ step, line, source, task = '' }) => {
      const known = this.step(step).tasks.get(task)
      const speaker = known ? '' : outsideLine(source ?? task)
      const text = outsideLine(line)
      keep(known?.log ?? this.step(step).log, speaker === '' ? text : `${speaker}: ${text}`)
    },
    'step.task': (event, at) => {
      if (outsideLine(event.task) !== '') this.watch(this.step(event.step), event, at)
    },
    'step.succeeded': ({ step, changed, durationMs, detail }, at) => {
      const state = changed || this.step(step).readOnly ? 'succeeded' : 'unchanged'
      this.finish(step, state, at, durationMs, outsideLine(detail))
    },
    'step.failed': ({ step, durationMs, error }, at) => {
      this.finish(step, 'failed', at, durationMs, outsideLine(error.message.split('\n')[0]))
    },
    'step.skipped': ({ step, reason }) => {
      Object.assign(this.step(step), { state: 'skipped', note: outsideLine(reason) })
    },
    'step.cancelled': ({ step, durationMs }, at) => {
      this.finish(step, 'stopped', at, durationMs, '')
    },
    warning: ({ text }) => {
      this.warnings.push(outsideLine(text))
    },
    'run.succeeded': ({ result }) => {
      this.end = { kind: 'succeeded', result }
    },
    'run.failed': ({ error }) => {
      this.end = { kind: 'failed', error }
    },
    'run.cancelled': ({ resume }) => {
      this.end = { kind: 'cancelled', resume }
    },
  }

  private step(id: string): StepRecord {
    const known = this.steps.get(id)
    if (known) return known
    const step: StepRecord = {
      ...{ id, title: outsideLine(id), readOnly: false, state: 'never', note: '' },
      ...{ started: undefined, ended: undefined, log: emptyLog() },
      ...{ watched: new WatchedTasks(), tasks: new Map(), pods: new Map() },
    }
    this.steps.set(id, step)
    return step
  }

  private watch(step: StepRecord, told: BodyOf<'step.task'>, at: number): void {
    const after = Array.isArray(told.after) ? told.after : []
    const model = step.watched.apply({ ...told, after, message: outsideLines(told.message).join(' ') }, at)
    const task = step.tasks.get(model.id) ?? { model, log: emptyLog(), created: undefined, pod: '' }
    step.tasks.set(model.id, task)
    const pod = outsideLine(told.pod)
    const use: PodUse = {
      created: instant(told.createdAt),
      started: instant(told.startedAt),
      finished: instant(told.finishedAt),
      state: taskStates[told.phase],
    }
    const former = task.pod === pod ? undefined : step.pods.get(task.pod)?.get(model.id)
    // A task that is tried again leaves a pod behind of which nothing more is told.
    if (former) Object.assign(former, { state: 'failed', finished: former.finished ?? use.created ?? at })
    Object.assign(task, { created: use.created, pod })
    if (pod !== '') step.pods.set(pod, (step.pods.get(pod) ?? new Map<string, PodUse>()).set(model.id, use))
  }

  private finish(id: string, state: ReportState, at: number, durationMs: number, note: string): void {
    const step = this.step(id)
    const took = Number.isFinite(durationMs) ? durationMs : 0
    Object.assign(step, { state, note, ended: at, started: step.started ?? at - took })
  }
}

function emptyLog(): LogRecord {
  return { lines: [], dropped: 0 }
}

function keep(log: LogRecord, line: string): void {
  log.lines.push(line)
  if (log.lines.length <= keptLines) return
  log.lines.shift()
  log.dropped += 1
}

/** Undefined for what is no instant. */
function instant(iso: string | undefined): number | undefined {
  const at = Date.parse(iso ?? '')
  return Number.isNaN(at) ? undefined : at
}
