/** The Clock of the running machine. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../engine/clock.ts'

/** Wall-clock time and real timers; an aborted sleep rejects with the signal's own reason. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    signal.throwIfAborted()
    try {
      await delay(ms, undefined, { signal })
    } catch (error) {
      // node:timers wraps the reason in an AbortError of its own.
      signal.throwIfAborted()
      throw error
    }
  },
}
