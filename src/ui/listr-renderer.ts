/** A run on a terminal: listr2 draws what `frameRows` chooses; it executes nothing. Load this module when needed. */
import { DefaultRenderer, Listr, ListrEventManager, ListrLogger, ListrTaskState, ProcessOutput } from 'listr2'
import type { RunEvent } from '../engine/events.ts'
import { errorLines, nextLines } from './error-view.ts'
import { frameRows } from './frame.ts'
import { indentation, type Look } from './frame-text.ts'
import type { Renderer } from './renderer.ts'
import { keptLogs, RunModel } from './run-model.ts'
import { failedLogs } from './task-text.ts'
import { createTheme, type Theme } from './theme.ts'

/** What is used of a terminal's stream. */
export type TerminalStream = Pick<NodeJS.WriteStream, 'columns' | 'rows'> & { write(text: string): boolean }

/** What the terminal view needs. */
export interface ListrOptions {
  /** The terminal, which is stderr: stdout is for results. */
  readonly stream: TerminalStream
  readonly color: boolean
  readonly unicode: boolean
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
}

type Task = Listr<object, 'default', 'silent'>['tasks'][number]

/** At most ten pictures a second. */
const frameMs = 100

/** listr2's own renderer, for titles that bring their mark along. */
class View extends DefaultRenderer {
  protected override style(): string {
    return ''
  }
}

/**
 * The stream as listr2 sees it. A pseudo-terminal without a size counts as 80 by 24. listr2 replaces `write`
 * of what it is given while it draws; here that is not the real stream's, so that the cursor can be restored
 * and a crash be told whatever happens.
 */
function screenOf(stream: TerminalStream): NodeJS.WriteStream {
  const screen = {
    isTTY: true,
    get columns() {
      return stream.columns > 0 ? stream.columns : 80
    },
    get rows() {
      return stream.rows > 0 ? stream.rows : 24
    },
    write: (text: string) => stream.write(text),
  }
  return screen as unknown as NodeJS.WriteStream
}

class ListrView implements Renderer {
  private readonly model = new RunModel()
  private readonly stream: TerminalStream
  private readonly screen: NodeJS.WriteStream
  private readonly theme: Theme
  private readonly now: () => number
  /** Only its tasks are used. It is never run, so it can neither stop nor exit anything. */
  private readonly list = new Listr<object, 'default', 'silent'>([], { registerSignalListeners: false })
  private readonly tasks = new Map<string, Task>()
  private readonly roots: Task[] = []
  private view: View | undefined
  private opening: Promise<void> | undefined
  private closing: Promise<void> | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(options: ListrOptions) {
    this.stream = options.stream
    this.screen = screenOf(options.stream)
    this.theme = createTheme(options)
    this.now = options.now ?? Date.now
  }

  readonly onEvent = (event: RunEvent): void => {
    if (this.closing) return
    this.model.apply(event)
    if (event.type === 'plan.ready') this.opening ??= this.open().catch(() => undefined)
    if (this.model.end) void this.close()
  }

  notice(text: string): boolean {
    if (!this.view || this.closing) return false
    this.model.notice = text
    return true
  }

  close(): Promise<void> {
    this.closing ??= this.finish().catch(() => undefined)
    return this.closing
  }

  private async open(): Promise<void> {
    const processOutput = new ProcessOutput(this.screen, this.screen)
    const logger = new ListrLogger({ useIcons: false, processOutput })
    const options = {
      indentation,
      collapseSubtasks: false,
      formatOutput: 'truncate',
      lazy: true,
      logger,
    } as const
    const view = new View(this.roots, options, new ListrEventManager())
    await view.render()
    this.view = view
    const draw = (): void => {
      // A picture that cannot be drawn must not fail the work.
      this.arrange()
        .then(() => {
          if (this.timer) view.update()
        })
        .catch(() => undefined)
    }
    this.timer = setInterval(draw, frameMs)
    this.timer.unref()
    draw()
  }

  private async finish(): Promise<void> {
    await this.opening
    clearInterval(this.timer)
    this.timer = undefined
    if (this.view) {
      await this.arrange()
      // listr2 takes output only of tasks that it has laid out once.
      this.view.create()
      await this.arrange()
      this.view.end()
    }
    const lines = this.lastLines()
    if (lines.length > 0) this.stream.write(`${lines.join('\n')}\n`)
  }

  /** Lays out listr2's tasks for the picture of this moment. */
  private async arrange(): Promise<void> {
    const { columns, rows } = this.screen
    const over = this.closing !== undefined
    const look: Look = { theme: this.theme, columns, now: this.now(), over }
    // The cursor rests on the line under the picture.
    const chosen = frameRows(this.model, Math.max(1, rows - 1), look)
    this.roots.length = 0
    const path: Task[] = []
    const enabled: Promise<boolean>[] = []
    for (const row of chosen) {
      const task = this.tasks.get(row.key) ?? this.newTask(row.key, enabled)
      task.title = row.text
      task.subtasks = []
      task.outputReset$ = null
      for (const line of row.output) task.output$ = line
      path.splice(row.level)
      const siblings = path.at(-1)?.subtasks ?? this.roots
      siblings.push(task)
      path.push(task)
    }
    await Promise.all(enabled)
  }

  private newTask(key: string, enabled: Promise<boolean>[]): Task {
    this.list.add({ title: key, task: () => undefined })
    const task = this.list.tasks.at(-1)
    if (!task) throw new Error('listr2 took no task')
    task.rendererTaskOptions = { outputBar: 1 + Math.max(keptLogs, failedLogs) }
    // listr2 draws only tasks that have said that they are enabled, and says so only of waiting ones.
    enabled.push(task.check({}))
    // The state in which it shows subtasks and output; the real one is told by the mark in the title.
    task.state = ListrTaskState.STARTED
    this.tasks.set(key, task)
    return task
  }

  /** What is told in full below the last picture. */
  private lastLines(): string[] {
    const { chalk, symbols } = this.theme
    const { end, warnings } = this.model
    const told = warnings.map((text) => `${chalk.yellow(symbols.warning)} ${text}`)
    if (end?.kind === 'failed') return [...told, '', ...errorLines(end.error, this.theme)]
    if (end?.kind === 'cancelled')
      return [...told, '', chalk.yellow('Interrupted'), ...nextLines(end.resume, this.theme)]
    return told
  }
}

/** Draws a run on a terminal; the cursor is shown again on close, and by listr2's exit hook after a crash. */
export function createListrRenderer(options: ListrOptions): Renderer {
  return new ListrView(options)
}
