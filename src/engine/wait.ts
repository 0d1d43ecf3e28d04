/** The only way to wait: a probe, a deadline, a signal and a clock. */
import type { Clock } from './clock.ts'

/** Thrown when a wait or a step ran out of time; `waitedFor` is a noun phrase for a person. */
export class TimeoutError extends Error {
  readonly waitedFor: string
  readonly timeoutMs: number
  readonly lastSeen: string | undefined

  constructor(waitedFor: string, timeoutMs: number, lastSeen?: string) {
    super(`timed out after ${String(Math.round(timeoutMs / 1000))} s waiting for ${waitedFor}`)
    this.name = 'TimeoutError'
    this.waitedFor = waitedFor
    this.timeoutMs = timeoutMs
    this.lastSeen = lastSeen
  }
}

/** What one look at reality says: done with a value, or not yet with a word on why. */
export type Probe<T> = { done: true; value: T } | { done: false; seen: string }

/** Settings of one wait; durations in milliseconds. */
export interface WaitOptions {
  readonly waitedFor: string
  readonly timeoutMs: number
  readonly intervalMs: number
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Called whenever what the probe saw has changed. */
  readonly onChange?: (seen: string) => void
}

/** Probes until done. Throws TimeoutError at the deadline, or the signal's reason when aborted. */
export async function waitUntil<T>(probe: () => Promise<Probe<T>>, options: WaitOptions): Promise<T> {
  const deadline = options.clock.now() + options.timeoutMs
  let seen: string | undefined
  for (;;) {
    options.signal.throwIfAborted()
    const look = await probe()
    if (look.done) return look.value
    if (look.seen !== seen) options.onChange?.(look.seen)
    seen = look.seen
    const left = deadline - options.clock.now()
    if (left <= 0) throw new TimeoutError(options.waitedFor, options.timeoutMs, seen)
    await options.clock.sleep(Math.min(options.intervalMs, left), options.signal)
  }
}
