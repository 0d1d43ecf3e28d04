/** The words of the tasks under a step in the terminal view: names, times and remarks in columns of their own. */
import { formatDuration } from '../domain/duration.ts'
import type { TaskPhase } from '../engine/events.ts'
import { displayWidth, pad, truncate } from './display-text.ts'
import { explains } from './error-view.ts'
import { mark, outputLine, passedTime, roomFor, type Look } from './frame-text.ts'
import type { RunEnd, StepModel, StepState } from './run-model.ts'
import type { TaskModel } from './watched-tasks.ts'

/** One task as it is drawn. */
export interface TaskLine {
  readonly task: TaskModel
  readonly text: string
  /** Lines that it wrote, to be drawn below it. */
  readonly output: readonly string[]
}

/** Lines of a failed task's log that stay on the screen. */
export const failedLogs = 10
/** The level of tasks in the tree. */
const level = 2
/** Columns of a mark and the space after it, and those between a time and a remark. */
const gap = 2
/** "1m05s": up to an hour no row moves because of its time. */
const usualTime = 5
/** A line of a log that has less room beside a name than this is worth a row of its own. */
const readable = 24

const marks: Readonly<Record<TaskPhase, StepState>> = {
  waiting: 'waiting',
  running: 'running',
  succeeded: 'changed',
  failed: 'failed',
  stopped: 'cancelled',
  skipped: 'skipped',
}

/** How long an ended task ran; clusters tell whole seconds, to which no tenths are made up. Empty if it never ran. */
export function ranFor({ startedAt, finishedAt }: TaskModel): string {
  if (startedAt === undefined || finishedAt === undefined) return ''
  const ms = Math.max(0, finishedAt - startedAt)
  if (ms === 0) return '<1s'
  return ms % 1000 === 0 ? formatDuration(ms).replace('.0s', 's') : formatDuration(ms)
}

function timeOf(task: TaskModel, step: StepModel, now: number): string {
  if (task.state !== 'running') return ranFor(task)
  // Nobody has looked since the step ended.
  const until = step.state === 'running' ? now : step.startedAt + step.durationMs
  return passedTime(until - (task.startedAt ?? until))
}

/** How wide the columns are, which all tasks of a step share. */
interface Columns {
  readonly name: number
  readonly time: number
  /** What is left for a remark. */
  readonly remark: number
}

function columnsOf(names: readonly string[], times: readonly string[], look: Look): Columns {
  const room = roomFor(level, look.columns) - gap
  const longest = Math.max(...names.map(displayWidth))
  const time = Math.max(usualTime, ...times.map(displayWidth))
  const left = (name: number): number => Math.max(0, room - name - 1 - time - gap)
  const wanted = Math.min(longest, Math.floor(room * 0.4))
  // Where no log can be read beside names, they may as well have its place.
  const name = left(wanted) >= readable ? wanted : Math.min(longest, Math.max(8, left(0)))
  return name + 1 + time > room ? { name: room, time: 0, remark: 0 } : { name, time, remark: left(name) }
}

/** Whether this reason can be read beside a name; logs, which change all the time, never depend on their length. */
function hasRoom(reason: string, room: number): boolean {
  return room >= readable || displayWidth(reason) <= room
}

/** What there is to say of a task besides its name: why it waits, or how it ended where that was not well. */
export function reasonOf({ state, message }: TaskModel): string {
  if (state === 'running' || state === 'succeeded') return ''
  return message === '' && state !== 'waiting' ? state : message
}

function runningRemark(task: TaskModel, step: StepModel, room: number): string {
  if (step.state !== 'running') return 'not watched to its end'
  return (room >= readable ? task.logs.at(-1)?.trimStart() : undefined) ?? task.message
}

/** What is said of a task beside its name, painted; only what has room there to be read. */
function remarkOf(task: TaskModel, step: StepModel, room: number, look: Look): string {
  const { chalk, symbols } = look.theme
  const text = task.state === 'running' ? runningRemark(task, step, room) : reasonOf(task)
  if (!hasRoom(text, room)) return ''
  const remark = truncate(text, room, symbols.ellipsis)
  if (task.state === 'waiting') return remark
  return task.state === 'failed' ? chalk.red(remark) : chalk.dim(remark)
}

/** The end of the log of a task that failed. */
function failureLog(task: TaskModel, end: RunEnd | undefined): readonly string[] {
  const logs = task.logs.slice(-failedLogs)
  // The error below the picture tells them once more, and it is what a person reads last.
  return end?.kind === 'failed' && explains(end.error, logs) ? [] : logs
}

/** What is said of a task below its name. */
function outputOf(task: TaskModel, step: StepModel, room: number, end?: RunEnd): readonly string[] {
  const reason = reasonOf(task)
  const below = reason === '' || hasRoom(reason, room) ? [] : [reason]
  if (task.state === 'waiting') return below
  if (task.state === 'failed') return [...below, ...failureLog(task, end)]
  return task.state === 'running' && step.state === 'running' && room < readable ? task.logs.slice(-1) : []
}

function textOf(task: TaskModel, time: string, step: StepModel, columns: Columns, look: Look): string {
  const { chalk, symbols } = look.theme
  const sign = mark(marks[task.state], { ...look, over: look.over || step.state !== 'running' })
  const name = truncate(task.name, columns.name, symbols.ellipsis)
  const isFaint = task.state === 'waiting' || task.state === 'skipped'
  const painted = isFaint ? chalk.dim(name) : name
  const remark = columns.remark > 0 ? remarkOf(task, step, columns.remark, look) : ''
  if (columns.time === 0 || (time === '' && remark === '')) return `${sign} ${painted}`
  const spaces = ' '.repeat(Math.max(0, columns.name - displayWidth(name)) + 1)
  const told = chalk.dim(pad(time, columns.time, 'right'))
  return `${sign} ${painted}${spaces}${told}${remark === '' ? '' : ' '.repeat(gap) + remark}`
}

/** The lines of all tasks of a step; `end` is how the run ended. */
export function taskLines(step: StepModel, look: Look, end?: RunEnd): TaskLine[] {
  const tasks = step.tasks.all
  const times = tasks.map((task) => timeOf(task, step, look.now))
  const columns = columnsOf(
    tasks.map((task) => task.name),
    times,
    look,
  )
  return tasks.map((task, index) => ({
    task,
    text: textOf(task, times[index] ?? '', step, columns, look),
    output: outputOf(task, step, columns.remark, end).map((line) => outputLine(line, level, look)),
  }))
}
