import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/system-clock.ts'
import type { Clock } from '../../src/engine/clock.ts'
import { FakeClock } from '../fakes/fake-clock.ts'

/** A clock, and how to wait for something that the clock has to make happen. */
interface Timed {
  readonly clock: Clock
  run<T>(work: Promise<T>): Promise<T>
}

const clocks: Record<string, () => Timed> = {
  system: () => ({ clock: systemClock, run: (work) => work }),
  fake: () => {
    const clock = new FakeClock()
    return { clock, run: (work) => clock.run(work) }
  },
}

describe.each(Object.entries(clocks))('the clock (%s)', (_, make) => {
  it('has slept at least as long as told', async () => {
    const timed = make()
    const before = timed.clock.now()
    await timed.run(timed.clock.sleep(20, new AbortController().signal))
    // Timers of Node may be early by a millisecond.
    expect(timed.clock.now() - before).toBeGreaterThanOrEqual(19)
  })

  it('wakes at once with the reason of an abort', async () => {
    const { clock } = make()
    const abort = new AbortController()
    const reason = new Error('stop')
    const sleep = clock.sleep(60_000, abort.signal)
    abort.abort(reason)
    await expect(sleep).rejects.toBe(reason)
  })

  it('does not fall asleep after an abort', async () => {
    const reason = new Error('stop')
    await expect(make().clock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})
