/** A clock of many simulated processes at once, and whoever moves it: time passes when nobody has anything left to do. */
import type { Clock } from '../../../src/engine/clock.ts'

interface Sleeper {
  due: number
  readonly wake: () => void
}

/** Starts at the machine's own time, since the age of files is told by the real file system. */
export class SimClock implements Clock {
  /** Raised by everything that happens, so that the driver sees whether something still does. */
  activity = 0
  /** Real milliseconds before a long sleep is skipped: what is loaded for the first time must not run into a deadline. */
  static patienceMs = 2
  private time = Date.now()
  private readonly sleepers = new Set<Sleeper>()

  now(): number {
    return this.time
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.activity += 1
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error)
        return
      }
      const end = (): void => {
        this.activity += 1
        this.sleepers.delete(sleeper)
        signal.removeEventListener('abort', abort)
      }
      const abort = (): void => {
        end()
        reject(signal.reason as Error)
      }
      const wake = (): void => {
        end()
        resolve()
      }
      const sleeper: Sleeper = { due: this.time + Math.max(0, ms), wake }
      this.sleepers.add(sleeper)
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  /** Milliseconds until somebody wakes; undefined when nobody sleeps. */
  get nextIn(): number | undefined {
    const dues = [...this.sleepers].map(({ due }) => due)
    return dues.length === 0 ? undefined : Math.min(...dues) - this.time
  }

  /** Moves on to the next sleeper and wakes it. */
  wakeNext(): void {
    const next = [...this.sleepers].sort((a, b) => a.due - b.due)[0]
    if (next === undefined) return
    this.time = Math.max(this.time, next.due)
    next.wake()
  }

  /** The clock is set anew, forwards or backwards; whoever sleeps, sleeps as long as before. */
  jump(ms: number): void {
    this.time += ms
    for (const sleeper of this.sleepers) sleeper.due += ms
  }
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Idle turns before time moves on: a fake controller acts a few turns later, which a deadline must not overtake. */
const shortIdle = 3
const longIdle = 14
const shortMs = 3000

/** Lets as much time pass as `work` needs. Fails when neither time nor anything else gets it any further. */
export async function drive<T>(clock: SimClock, work: Promise<T>): Promise<T> {
  const state = { done: false }
  const finished = work.finally(() => {
    state.done = true
  })
  finished.catch(() => undefined)
  let seen = -1
  for (let idle = 0; !state.done; idle += 1) {
    await turn()
    if (clock.activity !== seen) idle = 0
    seen = clock.activity
    await goOn(clock, idle)
    if (idle > 3000) throw new Error('the run hangs: it waits for neither time nor anything else')
  }
  return finished
}

/** Moves time on once nothing has happened for so many turns. */
async function goOn(clock: SimClock, idle: number): Promise<void> {
  const { nextIn: next, activity } = clock
  if (next === undefined || idle < (next <= shortMs ? shortIdle : longIdle)) {
    if (idle > 100) await wall(2)
    return
  }
  if (next > shortMs || SimClock.patienceMs > 2) await wall(SimClock.patienceMs)
  if (clock.activity === activity) clock.wakeNext()
}

function wall(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
