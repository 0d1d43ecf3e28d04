/** A clock that a test moves: nothing waits, everything happens in the order of its time. */
import type { Clock } from '../../src/engine/clock.ts'

interface Sleeper {
  due: number
  readonly wake: () => void
}

/** Passes the contract of the system clock, except that time passes only when the test says so. */
export class FakeClock implements Clock {
  /** Raised whenever somebody falls asleep or ends its sleep. */
  activity = 0
  protected time: number
  protected readonly sleepers = new Set<Sleeper>()

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.time = start
  }

  /** How many sleeps are under way. */
  get sleeping(): number {
    return this.sleepers.size
  }

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

  /** Lets `ms` pass; whoever wakes in between runs on before time goes further. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms
    await settled()
    for (let next = this.next(); next !== undefined && next.due <= until; next = this.next()) {
      this.time = next.due
      next.wake()
      await settled()
    }
    this.time = until
  }

  /** Lets as much time pass as `work` needs, and returns its result. Fails when nothing is left that could wake. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { done: false }
    const finished = work.finally(() => {
      state.done = true
    })
    finished.catch(() => undefined)
    for (;;) {
      await settled()
      if (state.done) return finished
      const next = this.next()
      if (next === undefined) throw new Error('the work waits for something other than the clock')
      this.time = next.due
      next.wake()
    }
  }

  protected next(): Sleeper | undefined {
    return [...this.sleepers].sort((a, b) => a.due - b.due)[0]
  }
}

/** Resolves once every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
