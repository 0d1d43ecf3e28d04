/** The runner: starts each step as soon as what it waits for has ended, and gives every start exactly one end. */
import type { Clock } from './clock.ts'
import type { Emit, ErrorData } from './events.ts'
import type { Ledger } from './ledger.ts'
import { outline, stepsOf, type Plan } from './plan.ts'
import type { Scope, Step } from './step.ts'
import { TimeoutError } from './wait.ts'

/** What the runner needs besides the plan. */
export interface RunOptions {
  readonly emit: Emit
  readonly clock: Clock
  readonly ledger: Ledger
  readonly signal: AbortSignal
  /** Turns whatever a step threw into data; the engine knows no error catalog. */
  readonly toErrorData: (error: unknown) => ErrorData
  /** Only check: steps that would change something are reported as skipped, and so is all that waits for them. */
  readonly dryRun?: boolean
  /** Steps that have ended are told here, e.g. for fault injection in tests. */
  readonly afterStep?: (id: string) => Promise<void>
}

/** How a run of a plan ended; the caller emits the run's last event. */
export type RunOutcome =
  | {
      readonly kind: 'succeeded'
      readonly changed: readonly string[]
      readonly skipped: readonly string[]
      readonly output: <O>(step: Step<O>) => O | undefined
    }
  | { readonly kind: 'failed'; readonly step: string; readonly error: unknown }
  | { readonly kind: 'cancelled' }

type Ended = { state: 'ok'; output: unknown; changed: boolean } | { state: 'skipped' }

class Run {
  readonly ended = new Map<string, Ended>()
  readonly abort = new AbortController()
  private readonly options: RunOptions
  /** What each step said last: a deadline tells it. */
  private readonly lastProgress = new Map<string, string>()
  private failure: { step: string; error: unknown } | undefined

  constructor(options: RunOptions) {
    this.options = options
  }

  async all(plan: Plan): Promise<RunOutcome> {
    const { signal, emit } = this.options
    emit({ type: 'plan.ready', steps: outline(plan) })
    const onAbort = (): void => {
      this.abort.abort(signal.reason)
    }
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    const promises = new Map<string, Promise<void>>()
    for (const step of stepsOf(plan)) {
      const before = (step.after ?? []).flatMap((other) => promises.get(other.id) ?? [])
      promises.set(
        step.id,
        Promise.all(before).then(() => this.one(step)),
      )
    }
    await Promise.all(promises.values())
    signal.removeEventListener('abort', onAbort)
    // A failure came before any abort that could hide it, so it is told even when an interrupt followed.
    if (this.failure) return { kind: 'failed', ...this.failure }
    if (signal.aborted) return { kind: 'cancelled' }
    return this.success()
  }

  private success(): RunOutcome {
    const ended = this.ended
    return {
      kind: 'succeeded',
      changed: [...ended].filter(([, end]) => end.state === 'ok' && end.changed).map(([id]) => id),
      skipped: [...ended].filter(([, end]) => end.state === 'skipped').map(([id]) => id),
      output<O>(step: Step<O>): O | undefined {
        const end = ended.get(step.id)
        return end?.state === 'ok' ? (end.output as O) : undefined
      },
    }
  }

  private async one(step: Step<unknown>): Promise<void> {
    if (this.abort.signal.aborted) return
    const { emit, clock } = this.options
    if ((step.after ?? []).some((before) => this.ended.get(before.id)?.state === 'skipped')) {
      this.ended.set(step.id, { state: 'skipped' })
      emit({ type: 'step.skipped', step: step.id, reason: 'would run' })
      return
    }
    emit({ type: 'step.started', step: step.id })
    const start = clock.now()
    try {
      const end = await this.within(step, (signal) => this.checkThenRun(step, this.scope(step, signal)))
      this.emitEnd(step, end, clock.now() - start)
      this.ended.set(step.id, end)
      await this.options.afterStep?.(step.id)
    } catch (error) {
      this.emitFailure(step, error, clock.now() - start)
    }
  }

  private emitEnd(step: Step<unknown>, end: Ended, durationMs: number): void {
    if (end.state === 'skipped') {
      this.options.emit({ type: 'step.skipped', step: step.id, reason: 'would run' })
      return
    }
    const detail = step.describe?.(end.output)
    this.options.emit({
      type: 'step.succeeded',
      step: step.id,
      changed: end.changed,
      durationMs,
      ...(detail === undefined ? {} : { detail }),
    })
  }

  private emitFailure(step: Step<unknown>, error: unknown, durationMs: number): void {
    const { emit, toErrorData } = this.options
    const alreadyEnded = this.ended.has(step.id)
    if (this.abort.signal.aborted) {
      // Whatever a step throws while it is being stopped is an echo of the abort.
      if (!alreadyEnded) emit({ type: 'step.cancelled', step: step.id, durationMs })
      return
    }
    this.failure = { step: step.id, error }
    if (!alreadyEnded) emit({ type: 'step.failed', step: step.id, durationMs, error: toErrorData(error) })
    this.abort.abort(error)
  }

  private async checkThenRun(step: Step<unknown>, scope: Scope): Promise<Ended> {
    const found = await step.check?.(scope)
    if (found !== undefined) return { state: 'ok', output: found, changed: false }
    if (this.options.dryRun === true && step.readOnly !== true) return { state: 'skipped' }
    if (step.readOnly === true)
      return { state: 'ok', output: await this.attempts(step, scope), changed: false }
    const { ledger } = this.options
    await ledger.intend(step.id)
    try {
      const output = await this.attempts(step, scope)
      await ledger.settle(step.id, 'succeeded')
      return { state: 'ok', output, changed: true }
    } catch (error) {
      await ledger.settle(step.id, this.abort.signal.aborted ? 'cancelled' : 'failed')
      throw error
    }
  }

  private async attempts(step: Step<unknown>, scope: Scope): Promise<unknown> {
    const { emit, clock, toErrorData } = this.options
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await step.run(scope)
      } catch (error) {
        const { retry } = step
        if (!retry || attempt >= retry.attempts || scope.signal.aborted || !retry.when(error)) throw error
        const reason = toErrorData(error).message
        emit({ type: 'step.retrying', step: step.id, attempt: attempt + 1, delayMs: retry.delayMs, reason })
        await clock.sleep(retry.delayMs, scope.signal)
      }
    }
  }

  /** Runs work under the run's signal and the step's own deadline; a deadline ends as TimeoutError. */
  private async within<T>(step: Step<unknown>, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (step.timeoutMs === undefined) return work(this.abort.signal)
    const limit = new AbortController()
    const done = new AbortController()
    const { timeoutMs, title } = step
    const timer = this.options.clock.sleep(timeoutMs, done.signal).then(
      () => {
        limit.abort(new TimeoutError(title, timeoutMs, this.lastProgress.get(step.id)))
      },
      () => undefined,
    )
    try {
      return await work(AbortSignal.any([this.abort.signal, limit.signal]))
    } catch (error) {
      throw limit.signal.aborted && !(error instanceof TimeoutError) ? limit.signal.reason : error
    } finally {
      done.abort()
      await timer
    }
  }

  private scope(step: Step<unknown>, signal: AbortSignal): Scope {
    const { emit } = this.options
    return {
      signal,
      report: {
        progress: (text, fraction) => {
          this.lastProgress.set(step.id, text)
          emit({
            type: 'step.progress',
            step: step.id,
            text,
            ...(fraction === undefined ? {} : { fraction }),
          })
        },
        log: (line, source) => {
          emit({ type: 'step.log', step: step.id, line, ...(source === undefined ? {} : { source }) })
        },
        task: (task) => {
          emit({ type: 'step.task', step: step.id, ...task })
        },
        output: (task, line) => {
          emit({ type: 'step.log', step: step.id, line, task })
        },
        warn: (id, text) => {
          emit({ type: 'warning', id, text })
        },
      },
      use: <O>(other: Step<O>): O => {
        const end = comesAfter(step, other) ? this.ended.get(other.id) : undefined
        if (end?.state !== 'ok') throw new Error(`${step.id} uses ${other.id} but does not come after it`)
        return end.output as O
      },
    }
  }
}

function comesAfter(step: Step<unknown>, other: Step<unknown>): boolean {
  return (step.after ?? []).some((before) => before === other || comesAfter(before, other))
}

/** Runs the plan. Never throws for what a step did: that is in the outcome. */
export function runPlan(plan: Plan, options: RunOptions): Promise<RunOutcome> {
  return new Run(options).all(plan)
}
