/** What is known of the units of work that a step watches, folded from its events. */
import type { TaskPhase } from '../engine/events.ts'
import { cleanLine } from './display-text.ts'
import type { BodyOf } from './event-handlers.ts'

/** One unit of work; instants in milliseconds since the epoch. */
export interface TaskModel {
  readonly id: string
  /** What people call it: the part after the last dot, unless another task of the step is called the same. */
  name: string
  after: readonly string[]
  state: TaskPhase
  /** Why it waits or failed, in one line; empty when there is nothing to tell. */
  message: string
  startedAt: number | undefined
  finishedAt: number | undefined
  /** Its last log lines, oldest first. */
  readonly logs: string[]
}

/** Log lines that are kept of each task. */
export const keptTaskLogs = 20

/** "build.test" is "test"; dots inside parentheses, as of a matrix such as test(0:22.13), are no separators. */
function shortName(id: string): string {
  return id.replace(/^(?:[^.(]+\.)+(?=.)/, '')
}

/** The instant that the cluster told, but none after the event that told it: clocks differ. */
function instant(told: string | undefined, at: number): number | undefined {
  const parsed = Date.parse(told ?? '')
  return Number.isNaN(parsed) ? undefined : Math.min(parsed, at)
}

/** The tasks of one step, in the order in which they were told first. */
export class WatchedTasks {
  readonly all: TaskModel[] = []

  /** Takes in what an event at `at` tells; answers its task. */
  apply(event: BodyOf<'step.task'>, at: number): TaskModel {
    const task = this.find(event.task) ?? this.add(event.task)
    const { phase, after } = event
    const hasEnded = phase !== 'waiting' && phase !== 'running'
    task.startedAt = instant(event.startedAt, at) ?? task.startedAt ?? (phase === 'running' ? at : undefined)
    task.finishedAt = hasEnded ? (instant(event.finishedAt, at) ?? task.finishedAt ?? at) : undefined
    const message = cleanLine(event.message.replaceAll(/\s+/g, ' '))
    return Object.assign(task, { after, state: phase, message })
  }

  /** Takes in a line; answers its task, or undefined when that was never told of. */
  log(id: string, line: string): TaskModel | undefined {
    const task = this.find(id)
    const text = cleanLine(line)
    if (!task || text === '') return task
    task.logs.push(text)
    if (task.logs.length > keptTaskLogs) task.logs.shift()
    return task
  }

  private find(id: string): TaskModel | undefined {
    return this.all.find((task) => task.id === id)
  }

  private add(id: string): TaskModel {
    const task: TaskModel = {
      id,
      name: id,
      after: [],
      state: 'waiting',
      message: '',
      startedAt: undefined,
      finishedAt: undefined,
      logs: [],
    }
    this.all.push(task)
    this.rename()
    return task
  }

  private rename(): void {
    const owners = new Map<string, number>()
    for (const { id } of this.all) owners.set(shortName(id), (owners.get(shortName(id)) ?? 0) + 1)
    for (const task of this.all) {
      const name = shortName(task.id)
      task.name = cleanLine(owners.get(name) === 1 ? name : task.id)
    }
  }
}
