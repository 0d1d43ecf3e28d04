/** A row of `play doctor` before it is answered. */
import type { Check } from './check.ts'

/** What was seen. Without a `fix`, there is nothing to do. */
export interface Answer {
  readonly status: Check['status']
  readonly found: string
  readonly fix?: string
}

/** One thing to look at. `ask` changes nothing; what it throws becomes the row's answer. */
export interface Question {
  /** Stable id of the row. */
  readonly id: string
  readonly subject: string
  /** What it takes, in a few words. */
  readonly needed: string
  /** Status of the row when the question cannot be answered; `missing` unless told. */
  readonly ifUnknown?: 'warning'
  ask(signal: AbortSignal): Promise<Answer>
}
