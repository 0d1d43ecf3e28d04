/** Time as a port, so that waits and timeouts are tested without waiting. */

/** What the engine knows of time. All durations are milliseconds. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason as soon as `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}
