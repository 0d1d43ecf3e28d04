import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/engine/events.ts'
import { defineStep, type Scope, type Step } from '../../../src/engine/step.ts'
import { TimeoutError } from '../../../src/engine/wait.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { recordRun, type RecordOptions } from '../../fixtures/runs/record-run.ts'

/** Steps that sleep, and then fail if they are told to. */
function setUp() {
  const clock = new FakeClock()
  const notes: string[] = []
  const step = (
    id: string,
    more: Partial<Step<string>> & { readonly ms?: number; readonly fail?: Error } = {},
  ): Step<string> => {
    const { ms = 0, fail, ...rest } = more
    const run = async (scope: Scope): Promise<string> => {
      notes.push(`run ${id}`)
      await clock.sleep(ms, scope.signal)
      if (fail) throw fail
      return id
    }
    return defineStep({ id, title: `Do ${id}`, run, ...rest })
  }
  const record = (steps: readonly Step<string>[], options: RecordOptions = {}) =>
    recordRun([{ name: 'All', steps }], { clock, notes, ...options })
  return { clock, notes, step, record }
}

const outcomes = ['step.succeeded', 'step.failed', 'step.skipped', 'step.cancelled']

/** "a failed": how each step ended. */
function ends(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) =>
    outcomes.includes(event.type) && 'step' in event
      ? [`${event.step} ${event.type.slice('step.'.length)}`]
      : [],
  )
}

describe('a step that fails', () => {
  it('ends the run, stops those that run beside it, and lets nothing new start', async () => {
    const { step, record, notes } = setUp()
    const bad = step('bad', { ms: 1000, fail: new Error('boom') })
    const beside = step('beside', { ms: 60_000 })
    const after = step('after', { after: [bad] })
    const later = step('later', { after: [beside] })

    const { events, outcome } = await record([bad, beside, after, later])

    expect(ends(events)).toEqual(['bad failed', 'beside cancelled'])
    expect(outcome).toEqual({ kind: 'failed', step: 'bad', error: new Error('boom') })
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', durationMs: 1000, error: { message: 'boom' } })
    expect(notes.slice(2)).toEqual(['run bad', 'run beside', 'settle bad failed', 'settle beside cancelled'])
  })

  it('is told as data', async () => {
    const { step, record } = setUp()

    const { events } = await record([step('bad', { ms: 500, fail: new Error('boom') })])

    expect(events.find((event) => event.type === 'step.failed')).toMatchObject({
      step: 'bad',
      durationMs: 500,
      error: { id: 'BUG_UNEXPECTED', message: 'boom' },
    })
  })

  it('fails in its check without an intent', async () => {
    const { step, record, notes } = setUp()

    const { events } = await record([step('a', { check: () => Promise.reject(new Error('cannot look')) })])

    expect(ends(events)).toEqual(['a failed'])
    expect(notes).toEqual([])
  })

  it('does not start when its intent could not be written', async () => {
    const { step, record, notes } = setUp()
    const full = { intend: () => Promise.reject(new Error('disk full')), settle: () => Promise.resolve() }

    const { events, outcome } = await record([step('a')], { ledger: full })

    expect(ends(events)).toEqual(['a failed'])
    expect(outcome).toMatchObject({ error: new Error('disk full') })
    expect(notes).toEqual([])
  })

  it('still ends once when its own description of the outcome throws', async () => {
    const { step, record } = setUp()
    const describe = (): string => {
      throw new Error('no words')
    }

    const { events, outcome } = await record([step('a', { describe })])

    expect(ends(events)).toEqual(['a failed'])
    expect(outcome).toMatchObject({ kind: 'failed', error: new Error('no words') })
  })

  it('keeps its end when a fault is injected after it', async () => {
    const { step, record } = setUp()
    const afterStep = (id: string): Promise<void> =>
      id === 'a' ? Promise.reject(new Error('injected')) : Promise.resolve()
    const a = step('a')

    const { events, outcome } = await record([a, step('b', { after: [a] })], { afterStep })

    expect(ends(events)).toEqual(['a succeeded'])
    expect(outcome).toMatchObject({ kind: 'failed', step: 'a' })
  })
})

describe('a step with a time limit', () => {
  it('fails with what was waited for when its time is over, check included', async () => {
    const { clock, step, record, notes } = setUp()
    const check = async ({ signal }: Scope): Promise<undefined> => {
      await clock.sleep(3000, signal)
    }

    const { events, outcome } = await record([step('slow', { check, ms: 60_000, timeoutMs: 5000 })])

    expect(outcome).toEqual({ kind: 'failed', step: 'slow', error: new TimeoutError('Do slow', 5000) })
    expect(events.find((event) => event.type === 'step.failed')).toMatchObject({ durationMs: 5000 })
    expect(notes).toEqual(['intend slow', 'run slow', 'settle slow failed'])
  })

  it('keeps the more telling error of a wait inside it', async () => {
    const { step, record } = setUp()
    const inner = new TimeoutError('the pod', 1000, 'pending')

    const { outcome } = await record([step('a', { ms: 1000, fail: inner, timeoutMs: 5000 })])

    expect(outcome).toMatchObject({ error: inner })
  })

  it('leaves no timer behind when it is done in time', async () => {
    const { clock, step, record } = setUp()

    const { events } = await record([step('a', { ms: 1000, timeoutMs: 60_000 })])

    expect(ends(events)).toEqual(['a succeeded'])
    expect(clock.sleeping).toBe(0)
  })
})

describe('a step that may be tried again', () => {
  const retry = { attempts: 3, delayMs: 2000, when: (error: unknown) => (error as Error).message === 'busy' }

  /** Fails as often as told, then succeeds. */
  function flaky(step: ReturnType<typeof setUp>['step'], notes: string[], failures: readonly string[]) {
    const left = [...failures]
    const run = (): Promise<string> => {
      notes.push('run a')
      const failure = left.shift()
      return failure === undefined ? Promise.resolve('a') : Promise.reject(new Error(failure))
    }
    return step('a', { retry, run })
  }

  it('is tried again after a delay, within one intent, and says so', async () => {
    const { step, record, notes } = setUp()

    const { events } = await record([flaky(step, notes, ['busy', 'busy'])])

    expect(notes).toEqual(['intend a', 'run a', 'run a', 'run a', 'settle a succeeded'])
    expect(events.filter((event) => event.type === 'step.retrying')).toMatchObject([
      { step: 'a', attempt: 2, delayMs: 2000, reason: 'busy' },
      { step: 'a', attempt: 3, delayMs: 2000, reason: 'busy' },
    ])
    expect(events.at(-2)).toMatchObject({ type: 'step.succeeded', durationMs: 4000 })
  })

  it('fails when all attempts have failed', async () => {
    const { step, record, notes } = setUp()

    const { outcome } = await record([flaky(step, notes, ['busy', 'busy', 'busy'])])

    expect(outcome).toMatchObject({ kind: 'failed', error: new Error('busy') })
    expect(notes.filter((note) => note === 'run a')).toHaveLength(3)
  })

  it('fails at once for an error that trying again cannot mend', async () => {
    const { step, record, notes } = setUp()

    await record([flaky(step, notes, ['refused'])])

    expect(notes).toEqual(['intend a', 'run a', 'settle a failed'])
  })

  it('is cancelled while it waits for the next attempt', async () => {
    const { step, record, notes } = setUp()

    const { events, outcome } = await record([flaky(step, notes, ['busy', 'busy'])], { abortAfter: 1000 })

    expect(ends(events)).toEqual(['a cancelled'])
    expect(outcome.kind).toBe('cancelled')
    expect(notes.at(-1)).toBe('settle a cancelled')
  })
})

describe('an interrupt', () => {
  it('cancels what runs and lets nothing new start', async () => {
    const { step, record, notes } = setUp()
    const a = step('a', { ms: 5000 })

    const { events, outcome } = await record([a, step('b', { after: [a] })], {
      abortAfter: 2000,
      resume: ['play up'],
    })

    expect(ends(events)).toEqual(['a cancelled'])
    expect(outcome).toEqual({ kind: 'cancelled' })
    expect(events.at(-1)).toMatchObject({ type: 'run.cancelled', durationMs: 2000, resume: ['play up'] })
    expect(notes).toEqual(['intend a', 'run a', 'settle a cancelled'])
  })

  it('before the start runs nothing', async () => {
    const { step, record } = setUp()

    const { events, outcome } = await record([step('a')], { abortAfter: 0 })

    expect(events.map((event) => event.type)).toEqual(['run.started', 'plan.ready', 'run.cancelled'])
    expect(outcome.kind).toBe('cancelled')
  })

  it('lets a step that finishes all the same be done', async () => {
    const { clock, step, record } = setUp()
    const stubborn = step('stubborn', {
      run: async () => {
        await clock.sleep(3000, new AbortController().signal)
        return 'done'
      },
    })

    const { events, outcome } = await record([stubborn], { abortAfter: 1000 })

    expect(ends(events)).toEqual(['stubborn succeeded'])
    expect(outcome.kind).toBe('cancelled')
  })

  it('while others stop after a failure does not hide the failure', async () => {
    const { clock, step, record } = setUp()
    const tidy = step('tidy', {
      run: async ({ signal }) => {
        await clock.sleep(60_000, signal).catch(() => undefined)
        await clock.sleep(5000, new AbortController().signal)
        throw new Error('stopped in order')
      },
    })
    const bad = step('bad', { ms: 1000, fail: new Error('boom') })

    const { events, outcome } = await record([bad, tidy], { abortAfter: 3000 })

    expect(ends(events)).toEqual(['bad failed', 'tidy cancelled'])
    expect(outcome).toMatchObject({ kind: 'failed', step: 'bad' })
  })
})

describe('whatever happens', () => {
  const nothing: RecordOptions = {}
  const cases: readonly (readonly [string, RecordOptions])[] = [
    ['success', nothing],
    ['a dry run', { dryRun: true }],
    ['an early interrupt', { abortAfter: 500 }],
    ['a late interrupt', { abortAfter: 2500 }],
    [
      'a fault after a step',
      { afterStep: (id) => (id === 'b' ? Promise.reject(new Error('fault')) : Promise.resolve()) },
    ],
  ]

  it.each(cases)('every start has exactly one end, and the run one: %s', async (_name, options) => {
    const { step, record } = setUp()
    const a = step('a', { ms: 1000 })
    const b = step('b', { ms: 1000, after: [a], timeoutMs: 5000 })
    const c = step('c', { ms: 3000, after: [a] })
    const d = step('d', { after: [b, c] })

    const { events } = await record([a, b, c, d], options)

    for (const id of events.flatMap((event) => (event.type === 'step.started' ? [event.step] : []))) {
      expect(ends(events).filter((end) => end.startsWith(`${id} `))).toHaveLength(1)
    }
    expect(events.filter((event) => /^run\.(succeeded|failed|cancelled)$/.test(event.type))).toHaveLength(1)
    expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1))
  })
})
