/** The promise that an intent is on disk before its effect; src/journal keeps it. */

/** Write-ahead notes of the runner. Both calls return only when the note is durable. */
export interface Ledger {
  /** Before `run` of a step: this is about to change the world. */
  intend(step: string): Promise<void>
  /** After it: how it ended. */
  settle(step: string, outcome: 'succeeded' | 'failed' | 'cancelled'): Promise<void>
}

/** For runs that change nothing, and for tests that look elsewhere. */
export const noLedger: Ledger = {
  intend: () => Promise.resolve(),
  settle: () => Promise.resolve(),
}
