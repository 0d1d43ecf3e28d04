/** The words of each line in the terminal view: a mark, a title, what is said about it, and how long it took. */
import { formatDuration } from '../domain/duration.ts'
import { displayWidth, truncate } from './display-text.ts'
import type { SectionModel, StepModel, StepState } from './run-model.ts'
import type { Theme } from './theme.ts'

/** What lines look like right now. */
export interface Look {
  readonly theme: Theme
  /** Columns of the screen. */
  readonly columns: number
  /** Milliseconds since the epoch; moves the spinner and the running times. */
  readonly now: number
  /** Whether the run is over, so that what is still waiting will not run. */
  readonly over: boolean
}

/** Columns that listr2 keeps free at the right, so that no terminal wraps. */
const margin = 2
/** Columns by which listr2 indents each level. */
export const indentation = 2
const spinMs = 100

interface Words {
  readonly title: string
  /** After the title, with a dash between. */
  readonly said?: string | undefined
  /** Last; never cut off while there is room for it. */
  readonly time?: string
}

/** How many columns a line on `level` may take. */
export function roomFor(level: number, columns: number): number {
  return Math.max(1, columns - level * indentation - margin)
}

function line(
  mark: string,
  words: Words,
  level: number,
  look: Look,
  paint: (text: string) => string,
): string {
  const { chalk, symbols } = look.theme
  const said = (words.said ?? '') === '' ? '' : ` ${symbols.dash} ${words.said ?? ''}`
  const time = (words.time ?? '') === '' ? '' : `  ${words.time ?? ''}`
  const room = roomFor(level, look.columns) - 2 - displayWidth(time)
  const text = truncate(`${words.title}${said}`, Math.max(1, room), symbols.ellipsis)
  const title = text.slice(0, words.title.length)
  return `${mark} ${paint(title)}${chalk.dim(text.slice(words.title.length) + time)}`
}

/** The mark of a state, coloured. */
export function mark(state: StepState, look: Look): string {
  const { chalk, symbols } = look.theme
  const spinner = symbols.spinner[Math.floor(look.now / spinMs) % symbols.spinner.length] ?? ''
  const marks: Readonly<Record<StepState, string>> = {
    waiting: chalk.dim(symbols.pending),
    running: chalk.cyan(look.over ? symbols.running : spinner),
    changed: chalk.green(symbols.done),
    unchanged: chalk.green.dim(symbols.done),
    skipped: chalk.yellow(symbols.skipped),
    failed: chalk.red(symbols.failed),
    cancelled: chalk.yellow(symbols.cancelled),
  }
  return marks[state]
}

/** What has passed so far. Tenths would flicker; whole seconds are what a person counts. */
export function passedTime(ms: number): string {
  return ms < 1000 ? '' : formatDuration(Math.floor(ms / 1000) * 1000).replace('.0s', 's')
}

function runningTime(step: StepModel, now: number): string {
  const percent = step.fraction === undefined ? '' : `${String(Math.round(step.fraction * 100))}%`
  const time = passedTime(now - step.startedAt)
  return [percent, time].filter((part) => part !== '').join(' ')
}

function stepWords(step: StepModel, look: Look): Words {
  const { title, note } = step
  const time = formatDuration(step.durationMs)
  const words: Readonly<Record<StepState, Words>> = {
    waiting: { title, said: look.over ? 'not run' : '' },
    // What it says stands above its tasks; without any there is a line for it below.
    running: {
      title,
      said: step.tasks.all.length > 0 ? note : '',
      time: runningTime(step, look.now),
    },
    changed: { title, said: note, time },
    unchanged: { title, said: note === '' ? 'unchanged' : `unchanged, ${note}`, time },
    skipped: { title, said: note === '' ? 'skipped' : note },
    failed: { title, said: 'failed', time },
    cancelled: { title, said: 'cancelled', time },
  }
  return words[step.state]
}

/** The line of a step. */
export function stepLine(step: StepModel, level: number, look: Look): string {
  const faint = step.state === 'waiting' || step.state === 'unchanged' || step.state === 'skipped'
  const paint = faint ? look.theme.chalk.dim : (text: string): string => text
  return line(mark(step.state, look), stepWords(step, look), level, look, paint)
}

/** What a section is as a whole: cancelled where some steps never ran; unchanged or skipped where all steps are. */
export function sectionState(section: SectionModel, over: boolean): StepState {
  const states = new Set(section.steps.map((step) => step.state))
  if (states.size === 1 && !states.has('running')) return [...states][0] ?? 'waiting'
  if (states.has('failed')) return 'failed'
  if (states.has('cancelled') || (states.has('waiting') && over)) return 'cancelled'
  if (states.has('running') || states.has('waiting')) return 'running'
  return 'changed'
}

/** The line above the steps of a section; `alone` when they are not shown, so that it speaks for them. */
export function sectionLine(section: SectionModel, alone: boolean, look: Look): string {
  const { chalk, symbols } = look.theme
  const state = sectionState(section, look.over)
  const sign = state === 'running' ? chalk.cyan(symbols.running) : mark(state, look)
  const paint = state === 'waiting' ? chalk.dim : chalk.bold
  if (state === 'waiting' || !alone) {
    return line(
      sign,
      { title: section.name, said: state === 'waiting' && look.over ? 'not run' : '' },
      0,
      look,
      paint,
    )
  }
  const started = section.steps.filter((step) => step.startedAt > 0)
  const first = Math.min(...started.map((step) => step.startedAt))
  const last = Math.max(...started.map((step) => step.startedAt + step.durationMs))
  const count = `${String(section.steps.length)} ${section.steps.length === 1 ? 'step' : 'steps'}`
  const said = state === 'changed' ? count : state
  return line(
    sign,
    { title: section.name, said, time: started.length > 0 ? formatDuration(last - first) : '' },
    0,
    look,
    paint,
  )
}

/** A line that stands for `count` others. */
export function foldLine(
  state: 'changed' | 'waiting' | 'running',
  text: string,
  level: number,
  look: Look,
): string {
  return line(mark(state, look), { title: text }, level, look, look.theme.chalk.dim)
}

/** A warning, cut to one line. */
export function warningLine(text: string, look: Look): string {
  const { chalk, symbols } = look.theme
  return line(chalk.yellow(symbols.warning), { title: text }, 0, look, chalk.yellow)
}

/** A line of progress or of a log, under the line of its step. */
export function outputLine(text: string, level: number, look: Look): string {
  const { chalk, symbols } = look.theme
  return chalk.dim(truncate(text, roomFor(level + 1, look.columns), symbols.ellipsis))
}
