/** What is known of a run at one moment, folded from its events; the terminal view is drawn from it. */
import type { ErrorData, RunEvent } from '../engine/events.ts'
import { cleanLine } from './display-text.ts'
import { dispatch, type EventHandlers } from './event-handlers.ts'
import { WatchedTasks } from './watched-tasks.ts'

export type StepState = 'waiting' | 'running' | 'changed' | 'unchanged' | 'skipped' | 'failed' | 'cancelled'

/** One step; instants and durations in milliseconds. */
export interface StepModel {
  readonly id: string
  readonly title: string
  state: StepState
  startedAt: number
  durationMs: number
  /** What it is doing, or the words of its outcome. */
  note: string
  /** 0 to 1 where known. */
  fraction: number | undefined
  /** Its last log lines, oldest first. */
  readonly logs: string[]
  /** What it watches. */
  readonly tasks: WatchedTasks
}

/** Steps under one heading, in the order of the plan. */
export interface SectionModel {
  readonly name: string
  readonly steps: StepModel[]
}

/** How the run ended; undefined while it goes on. */
export type RunEnd =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  | { readonly kind: 'cancelled'; readonly resume: readonly string[] }

/** Log lines that are kept for each step; a view shows at most these. */
export const keptLogs = 5

/** Folds events; never throws, whatever comes in whichever order. */
export class RunModel {
  readonly sections: SectionModel[] = []
  readonly warnings: string[] = []
  /** A word from outside the run, shown while it goes on. */
  notice = ''
  end: RunEnd | undefined
  private readonly steps = new Map<string, StepModel>()
  private readonly readOnly = new Set<string>()

  readonly apply = (event: RunEvent): void => {
    dispatch(this.handlers, event, Date.parse(event.time))
  }

  private readonly handlers: EventHandlers = {
    'run.started': () => undefined,
    'plan.ready': ({ steps }) => {
      for (const step of steps) {
        this.add(step.id, cleanLine(step.title), cleanLine(step.section))
        if (step.readOnly === true) this.readOnly.add(step.id)
      }
    },
    'step.started': ({ step }, at) => {
      this.change(step, { state: 'running', startedAt: at })
    },
    'step.progress': ({ step, text, fraction }) => {
      this.change(step, { note: cleanLine(text), fraction })
    },
    'step.log': ({ step, line, source, task }) => {
      const text = cleanLine(line)
      const model = this.steps.get(step)
      if (!model || text === '' || (task !== undefined && model.tasks.log(task, line))) return
      const speaker = source ?? task
      model.logs.push(speaker === undefined ? text : `${cleanLine(speaker)}: ${text}`)
      if (model.logs.length > keptLogs) model.logs.shift()
    },
    'step.task': (event, at) => {
      this.steps.get(event.step)?.tasks.apply(event, at)
    },
    'step.retrying': ({ step, attempt, reason }) => {
      // Nothing tells when the delay is over, so the words must be true before and after it.
      this.change(step, {
        note: `attempt ${String(attempt)}, because ${cleanLine(reason)}`,
        fraction: undefined,
      })
    },
    'step.succeeded': ({ step, changed, durationMs, detail }) => {
      this.change(step, {
        state: changed || this.readOnly.has(step) ? 'changed' : 'unchanged',
        durationMs,
        note: cleanLine(detail ?? ''),
      })
    },
    'step.failed': ({ step, durationMs }) => {
      this.change(step, { state: 'failed', durationMs, note: '' })
    },
    'step.skipped': ({ step, reason }) => {
      this.change(step, { state: 'skipped', note: cleanLine(reason) })
    },
    'step.cancelled': ({ step, durationMs }) => {
      this.change(step, { state: 'cancelled', durationMs, note: '' })
    },
    warning: ({ text }) => {
      this.warnings.push(cleanLine(text))
    },
    'run.succeeded': () => {
      this.end = { kind: 'succeeded' }
    },
    'run.failed': ({ error }) => {
      this.end = { kind: 'failed', error }
    },
    'run.cancelled': ({ resume }) => {
      this.end = { kind: 'cancelled', resume }
    },
  }

  private add(id: string, title: string, name: string): void {
    const step: StepModel = {
      id,
      title,
      state: 'waiting',
      startedAt: 0,
      durationMs: 0,
      note: '',
      fraction: undefined,
      logs: [],
      tasks: new WatchedTasks(),
    }
    const section = this.sections.find((one) => one.name === name)
    if (section) section.steps.push(step)
    else this.sections.push({ name, steps: [step] })
    this.steps.set(id, step)
  }

  private change(id: string, values: Partial<StepModel>): void {
    const step = this.steps.get(id)
    if (step) Object.assign(step, values)
  }
}
