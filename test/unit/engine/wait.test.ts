import { describe, expect, it } from 'vitest'
import { TimeoutError, waitUntil, type Probe, type WaitOptions } from '../../../src/engine/wait.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

function setUp(overrides: Partial<WaitOptions> = {}) {
  const clock = new FakeClock(0)
  const options: WaitOptions = {
    waitedFor: 'the pod',
    timeoutMs: 10_000,
    intervalMs: 3000,
    signal: new AbortController().signal,
    clock,
    ...overrides,
  }
  const looks: number[] = []
  /** Answers with what it is given, look by look; the last answer stays. */
  const probe = (...answers: readonly (Probe<string> | Error)[]) => {
    return (): Promise<Probe<string>> => {
      looks.push(clock.now())
      const answer = answers[Math.min(looks.length, answers.length) - 1] ?? { done: false, seen: '' }
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    }
  }
  return { clock, options, looks, probe }
}

const notYet = (seen: string): Probe<string> => ({ done: false, seen })

describe('waiting', () => {
  it('ends without any delay when it is already so', async () => {
    const { options, looks, probe } = setUp()

    expect(await waitUntil(probe({ done: true, value: 'here' }), options)).toBe('here')
    expect(looks).toEqual([0])
  })

  it('looks again at every interval until it is so', async () => {
    const { clock, options, looks, probe } = setUp()

    const wait = waitUntil(probe(notYet('pending'), notYet('running'), { done: true, value: 'up' }), options)

    expect(await clock.run(wait)).toBe('up')
    expect(looks).toEqual([0, 3000, 6000])
  })

  it('tells what it sees only when that has changed', async () => {
    const seen: string[] = []
    const { clock, options, probe } = setUp({ onChange: (text) => void seen.push(text) })

    const answers = [
      notYet('pending'),
      notYet('pending'),
      notYet('running'),
      { done: true, value: '' } as const,
    ]
    await clock.run(waitUntil(probe(...answers), options))

    expect(seen).toEqual(['pending', 'running'])
  })

  it('looks a last time at the deadline, then says what it waited for and what it saw last', async () => {
    const { clock, options, looks, probe } = setUp()

    const failure = await clock.run(
      waitUntil(probe(notYet('0 of 1 ready')), options).catch((error: unknown) => error),
    )

    expect(looks).toEqual([0, 3000, 6000, 9000, 10_000])
    expect(failure).toBeInstanceOf(TimeoutError)
    expect(failure).toMatchObject({ waitedFor: 'the pod', timeoutMs: 10_000, lastSeen: '0 of 1 ready' })
    expect((failure as Error).message).toBe('timed out after 10 s waiting for the pod')
  })

  it('succeeds when it becomes so exactly at the deadline', async () => {
    const { clock, options, probe } = setUp({ timeoutMs: 3000 })

    expect(await clock.run(waitUntil(probe(notYet(''), { done: true, value: 'just' }), options))).toBe('just')
  })

  it('stops at once, with the reason, when it is aborted in mid-sleep', async () => {
    const abort = new AbortController()
    const { clock, options, looks, probe } = setUp({ signal: abort.signal })

    const failure = waitUntil(probe(notYet('pending')), options).catch((error: unknown) => error)
    await clock.advance(1000)
    abort.abort(new Error('interrupted'))

    expect(await failure).toEqual(new Error('interrupted'))
    expect(looks).toEqual([0])
    expect(clock.sleeping).toBe(0)
  })

  it('does not look at all when it was aborted before', async () => {
    const { options, looks, probe } = setUp({ signal: AbortSignal.abort(new Error('interrupted')) })

    await expect(waitUntil(probe(notYet('')), options)).rejects.toThrow('interrupted')
    expect(looks).toEqual([])
  })

  it('passes on an error of the probe: it is never taken for "not yet"', async () => {
    const { options, probe } = setUp()

    await expect(waitUntil(probe(new Error('forbidden')), options)).rejects.toThrow('forbidden')
  })
})
