/** Trying again: with back-off, jitter and an end. */
import type { Clock } from '../../engine/clock.ts'
import { ApiStatusError } from './api-errors.ts'

const firstDelayMs = 100
const longestDelayMs = 1000

/** How long to stay away after `failures` failures in a row: doubling to one second, half of it random. */
function backOffMs(failures: number): number {
  const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures, 10))
  return ceiling / 2 + (Math.random() * ceiling) / 2
}

/** The back-off after `error`, or longer if the server asked for it. */
export function delayAfter(error: unknown, failures: number): number {
  const asked = error instanceof ApiStatusError ? (error.retryAfterMs ?? 0) : 0
  return Math.max(backOffMs(failures), asked)
}

/** Bounds of a retried request. */
export interface RetryBounds {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** For how many milliseconds after the first failure an error like this is worth another try; 0 for none. */
  readonly patienceFor: (error: unknown) => number
}

/** Runs `attempt` until it succeeds or patience ends; then throws the last error. Aborts with the signal's reason. */
export async function retrying<T>(attempt: () => Promise<T>, bounds: RetryBounds): Promise<T> {
  let since: number | undefined
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt()
    } catch (error) {
      bounds.signal.throwIfAborted()
      const now = bounds.clock.now()
      // Counted from the first failure, not from the start: a request may wait long for a free connection.
      since ??= now
      const delay = delayAfter(error, failures)
      if (now - since + delay > bounds.patienceFor(error)) throw error
      await bounds.clock.sleep(delay, bounds.signal)
    }
  }
}
