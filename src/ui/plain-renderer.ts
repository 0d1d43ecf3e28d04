/** A run as lines, for logs and pipes: one line per change, with the time since the start. */
import { formatDuration } from '../domain/duration.ts'
import type { RunEvent } from '../engine/events.ts'
import { cleanLine } from './display-text.ts'
import { errorLines, nextLines } from './error-view.ts'
import { dispatch, type BodyOf, type EventHandlers } from './event-handlers.ts'
import { PlainTasks } from './plain-tasks.ts'
import type { Renderer } from './renderer.ts'
import { createTheme, type Theme } from './theme.ts'

/** What the plain renderer needs. */
export interface PlainOptions {
  /** Takes whole lines with their line ends; usually writes to stderr. */
  readonly write: (text: string) => void
  readonly color: boolean
  /** Default true. */
  readonly unicode?: boolean
  /** Whether to tell each line that a watched task writes; otherwise only the last ones of one that fails. */
  readonly logs?: boolean
  /** Milliseconds since the epoch; stamps lines that no event brings. Default `Date.now`. */
  readonly now?: () => number
}

/** Shortest time between two lines of progress of one step, and the age from which its start is worth a line. */
const quietMs = 1000

/** A step between its start and its end. */
interface LiveStep {
  /** The line that waits until the step may speak again. */
  waiting: { readonly symbol: string; readonly text: string } | undefined
  progress: string
  spokeAt: number
}

class PlainRenderer implements Renderer {
  private readonly theme: Theme
  private readonly write: (text: string) => void
  private readonly now: () => number
  private readonly titles = new Map<string, string>()
  private readonly readOnly = new Set<string>()
  private readonly live = new Map<string, LiveStep>()
  private readonly tasks: PlainTasks
  private changed = 0
  private unchanged = 0
  private startedAt: number | undefined
  private timer: NodeJS.Timeout | undefined
  private closed = false

  constructor(options: PlainOptions) {
    this.theme = createTheme({ color: options.color, unicode: options.unicode ?? true })
    this.write = options.write
    this.now = options.now ?? Date.now
    this.tasks = new PlainTasks({
      theme: this.theme,
      logs: options.logs ?? false,
      quietMs,
      print: (step, at, symbol, text) => {
        const live = this.live.get(step)
        if (live) this.speak(live, at)
        this.print(at, symbol, text)
      },
      append: (text) => {
        this.write(`${' '.repeat(11)}${text}\n`)
      },
    })
  }

  readonly onEvent = (event: RunEvent): void => {
    if (this.closed) return
    const at = Date.parse(event.time)
    this.startedAt ??= at
    dispatch(this.handlers, event, at)
    this.speakDue(at)
  }

  close(): Promise<void> {
    this.closed = true
    clearTimeout(this.timer)
    return Promise.resolve()
  }

  private readonly handlers: EventHandlers = {
    'run.started': () => undefined,
    'plan.ready': ({ steps }) => {
      for (const step of steps) {
        this.titles.set(step.id, cleanLine(step.title))
        if (step.readOnly === true) this.readOnly.add(step.id)
      }
    },
    'step.started': ({ step }, at) => {
      const waiting = { symbol: this.theme.symbols.running, text: this.title(step) }
      this.live.set(step, { waiting, progress: '', spokeAt: at })
      this.wake()
    },
    'step.progress': (event) => {
      this.progress(event)
    },
    'step.log': ({ step, line, source, task }, at) => {
      if (task !== undefined && this.tasks.log(step, task, line, at)) return
      const live = this.live.get(step)
      if (live) this.speak(live, at)
      const text = cleanLine(line)
      if (text === '') return
      const said = `${cleanLine(source ?? task ?? step)} ${this.theme.symbols.bar} ${text}`
      this.print(at, ' ', this.theme.chalk.dim(said))
    },
    'step.task': (event, at) => {
      this.tasks.apply(event, at)
      if (this.tasks.isWaiting) this.wake()
    },
    'step.retrying': ({ step, delayMs, attempt, reason }, at) => {
      const live = this.live.get(step)
      if (live) live.waiting = undefined
      const when = `trying again in ${formatDuration(delayMs)} (attempt ${String(attempt)})`
      const { chalk, symbols } = this.theme
      this.print(at, chalk.yellow(symbols.retrying), `${this.title(step)}: ${when}: ${cleanLine(reason)}`)
    },
    'step.succeeded': ({ step, changed, durationMs, detail }, at) => {
      const unchanged = !changed && !this.readOnly.has(step)
      if (changed) this.changed += 1
      if (unchanged) this.unchanged += 1
      const notes = [unchanged ? 'unchanged' : '', cleanLine(detail ?? '')].filter((note) => note !== '')
      this.outcome(at, step, this.theme.chalk.green(this.theme.symbols.done), notes, durationMs)
    },
    'step.failed': ({ step, durationMs }, at) => {
      this.outcome(at, step, this.theme.chalk.red(this.theme.symbols.failed), ['failed'], durationMs)
    },
    'step.skipped': ({ step, reason }, at) => {
      this.outcome(at, step, this.theme.chalk.yellow(this.theme.symbols.skipped), [cleanLine(reason)])
    },
    'step.cancelled': ({ step, durationMs }, at) => {
      this.outcome(at, step, this.theme.chalk.yellow(this.theme.symbols.cancelled), ['cancelled'], durationMs)
    },
    warning: ({ text }, at) => {
      this.print(at, this.theme.chalk.yellow(this.theme.symbols.warning), cleanLine(text))
    },
    'run.succeeded': (_event, at) => {
      if (this.titles.size === 0) return
      const done = `Done (${String(this.changed)} changed, ${String(this.unchanged)} unchanged)`
      this.print(at, this.theme.chalk.green(this.theme.symbols.done), done)
    },
    'run.failed': ({ error }, at) => {
      const { chalk, symbols } = this.theme
      this.block(at, chalk.red(symbols.failed), errorLines(error, this.theme))
    },
    'run.cancelled': ({ resume }, at) => {
      const { chalk, symbols } = this.theme
      this.block(at, chalk.yellow(symbols.cancelled), ['Interrupted', ...nextLines(resume, this.theme)])
    },
  }

  private progress(event: BodyOf<'step.progress'>): void {
    const live = this.live.get(event.step)
    const text = cleanLine(event.text)
    // The same text again is worth no line, but one that still waits is to be right when it comes.
    if (live === undefined || text === '' || (text === live.progress && !live.waiting)) return
    live.progress = text
    const percent = event.fraction === undefined ? '' : ` (${String(Math.round(event.fraction * 100))}%)`
    live.waiting = {
      symbol: this.theme.symbols.pending,
      text: `${this.title(event.step)}: ${text}${percent}`,
    }
    this.wake()
  }

  private outcome(
    at: number,
    step: string,
    symbol: string,
    notes: readonly string[],
    durationMs?: number,
  ): void {
    this.live.delete(step)
    this.tasks.end(step)
    const { chalk, symbols } = this.theme
    const said = notes.length > 0 ? ` ${symbols.dash} ${notes.join(', ')}` : ''
    const duration = durationMs === undefined ? '' : ` ${chalk.dim(`(${formatDuration(durationMs)})`)}`
    this.print(at, symbol, `${this.title(step)}${said}${duration}`)
  }

  private title(step: string): string {
    return this.titles.get(step) ?? step
  }

  private speakDue(at: number): void {
    for (const step of this.live.values()) if (at >= step.spokeAt + quietMs) this.speak(step, at)
    this.tasks.speakDue(at)
  }

  private speak(step: LiveStep, at: number): void {
    if (!step.waiting) return
    this.print(at, this.theme.chalk.cyan(step.waiting.symbol), step.waiting.text)
    step.waiting = undefined
    step.spokeAt = at
  }

  /** Sees to it that a waiting line appears though no further event comes. */
  private wake(): void {
    if (this.timer) return
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.speakDue(this.now())
      if (this.tasks.isWaiting || [...this.live.values()].some((step) => step.waiting)) this.wake()
    }, quietMs)
    this.timer.unref()
  }

  private block(at: number, symbol: string, [first = '', ...more]: readonly string[]): void {
    this.print(at, symbol, first)
    for (const line of more) this.write(`${' '.repeat(8)}${line}\n`)
  }

  private print(at: number, symbol: string, text: string): void {
    const seconds = Math.floor(Math.max(0, at - (this.startedAt ?? at)) / 1000)
    const elapsed = (seconds < 10 ? `${String(seconds)}s` : formatDuration(seconds * 1000)).padStart(5)
    this.write(`${this.theme.chalk.dim(elapsed)}  ${symbol} ${text}\n`)
  }
}

/** Draws a run as lines; an error is told in full once, when the run has failed. */
export function createPlainRenderer(options: PlainOptions): Renderer {
  return new PlainRenderer(options)
}
