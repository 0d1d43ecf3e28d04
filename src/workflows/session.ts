/** One run of a verb: emits its first and last event and hands the plan to the engine. */
import { PlayError } from '../domain/errors.ts'
import { createEmitter, type ErrorData, type Sink } from '../engine/events.ts'
import type { Clock } from '../engine/clock.ts'
import { noLedger, type Ledger } from '../engine/ledger.ts'
import type { Plan } from '../engine/plan.ts'
import { runPlan, type RunOutcome } from '../engine/run-plan.ts'
import { TimeoutError } from '../engine/wait.ts'

/** What every verb is given besides its options and the ports. */
export interface Session {
  readonly sink: Sink
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Id of this run; also the name of its event log. */
  readonly run: string
  /** The command line as a person would type it, without secrets. */
  readonly command: string
  readonly dryRun: boolean
  /** Resolves when all is drawn that the run has told, after its last event: only then is there room for a question. */
  readonly drawn?: () => Promise<void>
  /** Fault injection of the tests: called after each step. */
  readonly afterStep?: (id: string) => Promise<void>
}

/** One verb's work. */
export interface Work<R> {
  readonly subject: string
  readonly plan: Plan
  readonly ledger?: Ledger
  /** Makes the result; runs before the last event, so what it needs is still open. */
  readonly result: (outcome: Extract<RunOutcome, { kind: 'succeeded' }>) => R | Promise<R>
  /** Commands that go on or clean up after an interrupt. */
  readonly resume: readonly string[]
  /** Advice after a failure, besides that of the error itself. */
  readonly advice?: (error: PlayError) => readonly string[]
}

/** Whatever was thrown, as data with an id and an exit code. */
export function toErrorData(error: unknown): ErrorData {
  return toPlayError(error).toData()
}

/** Whatever was thrown, as a catalogued error. */
export function toPlayError(error: unknown): PlayError {
  if (error instanceof PlayError) return error
  if (error instanceof TimeoutError) {
    const seconds = Math.round(error.timeoutMs / 1000)
    const params = { waitedFor: error.waitedFor, seconds, lastSeen: error.lastSeen ?? '' }
    return PlayError.of('WAIT_TIMEOUT', params, { cause: error })
  }
  return PlayError.of(
    'BUG_UNEXPECTED',
    { reason: error instanceof Error ? error.message : String(error) },
    { cause: error },
  )
}

/** Runs the work. Throws what failed, or CANCELLED, after the run's last event has told it. */
export async function perform<R>(session: Session, work: Work<R>): Promise<R> {
  const { clock, sink, signal, run } = session
  const start = clock.now()
  const emit = createEmitter({ run, subject: work.subject, now: () => clock.now(), sink })
  const durationMs = (): number => clock.now() - start
  emit({ type: 'run.started', tool: 'play', command: session.command })
  const fail = (thrown: unknown): never => {
    const plain = toPlayError(thrown)
    const error = plain.advising(work.advice?.(plain) ?? [])
    emit({ type: 'run.failed', durationMs: durationMs(), error: error.toData() })
    throw error
  }
  const outcome = await runPlan(work.plan, {
    emit,
    clock,
    ledger: work.ledger ?? noLedger,
    signal,
    toErrorData,
    dryRun: session.dryRun,
    ...(session.afterStep ? { afterStep: session.afterStep } : {}),
  })
  if (outcome.kind === 'cancelled') {
    emit({ type: 'run.cancelled', durationMs: durationMs(), resume: work.resume })
    throw PlayError.of('CANCELLED', { resume: work.resume })
  }
  if (outcome.kind === 'failed') return fail(outcome.error)
  try {
    const result = await work.result(outcome)
    emit({ type: 'run.succeeded', durationMs: durationMs(), result })
    return result
  } catch (error) {
    return fail(error)
  }
}
