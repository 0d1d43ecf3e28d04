/** A clock of many simulated processes at once, and whoever moves it: time passes when nobody has anything left to do. */
import { FakeClock } from '../../fakes/fake-clock.ts'

/**
 * Starts at the machine's own time, since the age of files is told by the real file system. Its `activity` is raised by
 * everything else that happens as well, so that the driver sees whether something still does.
 */
export class SimClock extends FakeClock {
  /** Real milliseconds before a long sleep is skipped: what is loaded for the first time must not run into a deadline. */
  static patienceMs = 2

  constructor() {
    super(Date.now())
  }

  /** Milliseconds until somebody wakes; undefined when nobody sleeps. */
  get nextIn(): number | undefined {
    const next = this.next()
    return next && next.due - this.time
  }

  /** Moves on to the next sleeper and wakes it. */
  wakeNext(): void {
    const next = this.next()
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
