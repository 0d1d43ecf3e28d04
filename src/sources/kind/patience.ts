/** Reads again while the engine does not answer: one that is restarted is back in a few seconds. */
import { isSilence } from '../../domain/cannot-tell.ts'
import type { Clock } from '../../engine/clock.ts'
import type { Scope } from '../../engine/step.ts'
import { TimeoutError } from '../../engine/wait.ts'

const patienceMs = 20_000
const betweenReadsMs = 1000

/** The answer; or, when there is none for 20 s, what the last read threw. An answer that is an error is thrown at once. */
export async function patiently<T>(read: () => Promise<T>, scope: Scope, clock: Clock): Promise<T> {
  const { signal, report } = scope
  const deadline = clock.now() + patienceMs
  for (;;) {
    try {
      return await read()
    } catch (error) {
      signal.throwIfAborted()
      if (!isSilence(error) || clock.now() >= deadline) throw error
      report.progress('the container engine does not answer; asking again')
      await clock.sleep(betweenReadsMs, signal)
    }
  }
}

/** Gives the work a signal that aborts with a TimeoutError after `timeoutMs`, or as `signal` does. */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { what, timeoutMs, signal, clock }: { what: string; timeoutMs: number; signal: AbortSignal; clock: Clock },
): Promise<T> {
  const limit = new AbortController()
  const done = new AbortController()
  const timer = clock.sleep(timeoutMs, done.signal).then(
    () => {
      limit.abort(new TimeoutError(what, timeoutMs))
    },
    () => undefined,
  )
  try {
    return await work(AbortSignal.any([signal, limit.signal]))
  } finally {
    done.abort()
    await timer
  }
}
