/** The smallest unit of work with a title: it looks first and acts only where reality differs. */
import type { WatchedTask } from './events.ts'

/** How a step tells what it is doing. */
export interface Reporter {
  /** Replaces the step's one line of progress; `fraction` is 0 to 1 where known. */
  progress(text: string, fraction?: number): void
  /** One line of a child process or a pod; `source` says which. */
  log(line: string, source?: string): void
  /** A unit of work that the step watches, as it is now; told first of all of them, then of each that changes. */
  task(task: WatchedTask): void
  /** One line that such a unit of work wrote. */
  output(task: string, line: string): void
  /** Something worth knowing that is no failure; `id` is from the error catalog. */
  warn(id: string, text: string): void
}

/** What a step may touch while it checks or runs. */
export interface Scope {
  readonly signal: AbortSignal
  readonly report: Reporter
  /** The output of a step that this one comes after. A bug error for any other. */
  readonly use: <Output>(step: Step<Output>) => Output
}

/** When and how often a failed `run` is tried again; delays in milliseconds. */
export interface RetryPolicy {
  readonly attempts: number
  readonly delayMs: number
  readonly when: (error: unknown) => boolean
}

/** A step. `check` returns the output when reality already satisfies it; `run` makes it so. */
export interface Step<Output> {
  /** Stable and dotted: cluster.stack, gitops.ready. */
  readonly id: string
  readonly title: string
  /** Steps that must have ended before this one starts. */
  readonly after?: readonly Step<unknown>[]
  /** Milliseconds for check and run together. */
  readonly timeoutMs?: number
  readonly retry?: RetryPolicy
  /** True for a step that only reads or waits: its run needs no intent and counts as unchanged. */
  readonly readOnly?: boolean
  check?(scope: Scope): Promise<Output | undefined>
  run(scope: Scope): Promise<Output>
  /** A few words for the outcome line, from the output. */
  describe?(output: Output): string
}

/** Identity, for inference of the output type. */
export function defineStep<Output>(step: Step<Output>): Step<Output> {
  return step
}
