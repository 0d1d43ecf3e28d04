/** The tasks of a run as lines: their starts, their ends, why they wait, and what they write. */
import { cleanLine, displayWidth, pad } from './display-text.ts'
import type { BodyOf } from './event-handlers.ts'
import { ranFor, reasonOf } from './task-text.ts'
import type { Theme } from './theme.ts'
import { keptTaskLogs, WatchedTasks, type TaskModel } from './watched-tasks.ts'

/** What the lines of tasks need. */
export interface PlainTasksOptions {
  readonly theme: Theme
  /** Whether to tell each line that a task writes; without it only the last ones of one that failed are told. */
  readonly logs: boolean
  /** Milliseconds for which a task has to wait for the same reason before that is worth a line. */
  readonly quietMs: number
  /** Prints a line of this step. */
  readonly print: (step: string, at: number, symbol: string, text: string) => void
  /** Prints a line that belongs to the one before. */
  readonly append: (text: string) => void
}

/** What has been told of a task. */
interface Told {
  readonly step: string
  readonly task: TaskModel
  state: TaskModel['state']
  readonly reasons: Set<string>
  /** Why it waits, while that has not been told. */
  waiting: { readonly reason: string; readonly since: number } | undefined
  /** Lines told though they came after the failure. */
  late: number
}

/** Columns by which tasks stand to the right of their step. */
const indent = '  '
/** Names are made equally long in front of logs up to this many columns. */
const widestName = 20

/** Tells tasks; the renderer gives it the events that are about them. */
export class PlainTasks {
  private readonly options: PlainTasksOptions
  private readonly steps = new Map<string, WatchedTasks>()
  private readonly told = new Map<TaskModel, Told>()

  constructor(options: PlainTasksOptions) {
    this.options = options
  }

  /** Whether a line may come due though nothing more happens. */
  get isWaiting(): boolean {
    return [...this.told.values()].some((told) => told.waiting)
  }

  apply(event: BodyOf<'step.task'>, at: number): void {
    const tasks = this.steps.get(event.step) ?? new WatchedTasks()
    this.steps.set(event.step, tasks)
    const task = tasks.apply(event, at)
    const told = this.told.get(task) ?? {
      step: event.step,
      task,
      state: 'waiting',
      reasons: new Set(),
      waiting: undefined,
      late: 0,
    }
    this.told.set(task, told)
    const hasChanged = told.state !== task.state
    told.state = task.state
    if (hasChanged) this.change(told, at)
    this.await(told, at)
  }

  /** Takes in a line that a task wrote; false when nobody has told of that task. */
  log(step: string, id: string, line: string, at: number): boolean {
    const tasks = this.steps.get(step)
    const task = tasks?.log(id, line)
    const told = task && this.told.get(task)
    if (!tasks || !told) return false
    if (cleanLine(line) === '' || !this.tellsLogOf(told)) return true
    const { chalk, symbols } = this.options.theme
    const longest = Math.max(...tasks.all.map((one) => displayWidth(one.name)))
    const name = pad(task.name, Math.min(longest, widestName))
    const text = task.logs.at(-1) ?? ''
    this.options.print(step, at, `${indent} `, chalk.dim(`${name} ${symbols.bar} ${text}`))
    return true
  }

  /** Forgets what could still be told of the tasks of a step that has ended. */
  end(step: string): void {
    for (const told of this.told.values()) if (told.step === step) told.waiting = undefined
  }

  /** Tells the reasons for which tasks have been waiting long enough. */
  speakDue(at: number): void {
    for (const told of this.told.values()) {
      if (told.waiting && at >= told.waiting.since + this.options.quietMs) this.speak(told, at)
    }
  }

  private tellsLogOf(told: Told): boolean {
    if (this.options.logs) return true
    // Logs arrive on a way of their own: the last lines may come after the news of the failure.
    if (told.task.state === 'failed') told.late += 1
    return told.task.state === 'failed' && told.late <= keptTaskLogs
  }

  private speak(told: Told, at: number): void {
    if (!told.waiting) return
    const { reason } = told.waiting
    told.waiting = undefined
    told.reasons.add(reason)
    const { chalk, symbols } = this.options.theme
    this.print(told, at, chalk.cyan(symbols.pending), reason)
  }

  private await(told: Told, at: number): void {
    const reason = told.task.state === 'waiting' ? told.task.message : ''
    // Kubernetes changes its mind between two words for the same trouble: each is told once.
    if (reason === '' || told.reasons.has(reason)) told.waiting = undefined
    else if (told.waiting?.reason !== reason) told.waiting = { reason, since: at }
  }

  private change(told: Told, at: number): void {
    const { chalk, symbols } = this.options.theme
    const { state, logs } = told.task
    if (state === 'waiting') return
    const signs = {
      running: chalk.cyan(symbols.running),
      succeeded: chalk.green(symbols.done),
      failed: chalk.red(symbols.failed),
      stopped: chalk.yellow(symbols.cancelled),
      skipped: chalk.yellow(symbols.skipped),
    }
    this.print(told, at, signs[state], reasonOf(told.task))
    if (state === 'failed' && !this.options.logs)
      for (const line of logs) this.options.append(chalk.dim(line))
  }

  private print({ step, task }: Told, at: number, symbol: string, said = ''): void {
    const { chalk, symbols } = this.options.theme
    const time = ranFor(task)
    const words = said === '' ? '' : ` ${symbols.dash} ${said}`
    const duration = time === '' ? '' : ` ${chalk.dim(`(${time})`)}`
    this.options.print(step, at, indent + symbol, `${task.name}${words}${duration}`)
  }
}
