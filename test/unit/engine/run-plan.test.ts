import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/engine/events.ts'
import { defineStep, type Scope, type Step } from '../../../src/engine/step.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { recordRun, type RecordOptions } from '../../fixtures/runs/record-run.ts'

const epoch = Date.UTC(2026, 0, 1)

/** Steps on one fake clock that note when they run. */
function setUp() {
  const clock = new FakeClock(epoch)
  const notes: string[] = []
  const step = (id: string, more: Partial<Step<string>> & { readonly ms?: number } = {}): Step<string> => {
    const { ms = 0, ...rest } = more
    const run = async (scope: Scope): Promise<string> => {
      notes.push(`run ${id}`)
      await clock.sleep(ms, scope.signal)
      return `made ${id}`
    }
    return defineStep({ id, title: `Do ${id}`, run, ...rest })
  }
  const record = (steps: readonly Step<string>[], options: RecordOptions = {}) =>
    recordRun([{ name: 'All', steps }], { clock, notes, ...options })
  return { clock, notes, step, record }
}

/** "0 started a": seconds since the start, and what happened to which step. */
function story(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) =>
    event.type.startsWith('step.') && 'step' in event
      ? [
          `${String((Date.parse(event.time) - epoch) / 1000)} ${event.type.slice('step.'.length)} ${event.step}`,
        ]
      : [],
  )
}

const found = (output: string) => (): Promise<string> => Promise.resolve(output)
const notFound = (): Promise<undefined> => Promise.resolve(undefined)

describe('running a plan', () => {
  it('announces the plan, then runs each step and says how long it took', async () => {
    const { step, record } = setUp()

    const { events, outcome } = await record([step('a', { ms: 2000, describe: (output) => output })])

    expect(events.map((event) => event.type)).toEqual([
      'run.started',
      'plan.ready',
      'step.started',
      'step.succeeded',
      'run.succeeded',
    ])
    expect(events[3]).toMatchObject({ step: 'a', changed: true, durationMs: 2000, detail: 'made a' })
    expect(outcome).toMatchObject({ kind: 'succeeded', changed: ['a'] })
  })

  it('leaves alone what is already so: unchanged, and nothing is written to the ledger', async () => {
    const { step, record, notes } = setUp()
    const a = step('a', { check: found('there') })

    const { events, outcome } = await record([a])

    expect(events[3]).toMatchObject({ type: 'step.succeeded', changed: false })
    expect(notes).toEqual([])
    expect(outcome.kind === 'succeeded' && outcome.changed).toEqual([])
    expect(outcome.kind === 'succeeded' && outcome.output(a)).toBe('there')
  })

  it('writes the intent before the effect and its end after it', async () => {
    const { step, record, notes } = setUp()

    await record([step('a', { check: notFound, ms: 1000 })])

    expect(notes).toEqual(['intend a', 'run a', 'settle a succeeded'])
  })

  it('needs no intent for a step that only reads, and counts it as unchanged', async () => {
    const { step, record, notes } = setUp()

    const { events } = await record([step('a', { readOnly: true })])

    expect(notes).toEqual(['run a'])
    expect(events[3]).toMatchObject({ type: 'step.succeeded', changed: false })
  })

  it('starts each step as soon as what it waits for has ended', async () => {
    const { step, record } = setUp()
    const slow = step('slow', { ms: 5000 })
    const quick = step('quick', { ms: 1000 })
    const next = step('next', { ms: 1000, after: [quick] })
    const last = step('last', { after: [slow, next] })

    const { events } = await record([slow, quick, next, last])

    expect(story(events)).toEqual([
      '0 started slow',
      '0 started quick',
      '1 succeeded quick',
      '1 started next',
      '2 succeeded next',
      '5 succeeded slow',
      '5 started last',
      '5 succeeded last',
    ])
  })

  it('hands the typed output of earlier steps on, also across several steps', async () => {
    const { step, record } = setUp()
    const first = step('first')
    const second = step('second', { after: [first], check: found('was there') })
    const third = step('third', {
      after: [second],
      run: (scope) => Promise.resolve(`${scope.use(first)} and ${scope.use(second)}`),
    })

    const { outcome } = await record([first, second, third])

    expect(outcome.kind === 'succeeded' && outcome.output(third)).toBe('made first and was there')
  })

  it('refuses the output of a step that does not come before, though it has ended', async () => {
    const { step, record } = setUp()
    const other = step('other')
    const slow = step('slow', { ms: 1000 })
    const curious = step('curious', { after: [slow], run: (scope) => Promise.resolve(scope.use(other)) })

    const { events, outcome } = await record([other, slow, curious])

    expect(story(events)).toContain('0 succeeded other')

    expect(outcome).toMatchObject({ kind: 'failed', step: 'curious' })
    expect(outcome.kind === 'failed' && outcome.error).toEqual(
      new Error('curious uses other but does not come after it'),
    )
  })

  it('passes on progress, log lines and warnings of a step', async () => {
    const { step, record } = setUp()
    const talk = step('talk', {
      run: ({ report }) => {
        report.progress('half way', 0.5)
        report.progress('nearly')
        report.log('a line', 'kind')
        report.log('another')
        report.warn('DISK_FULL', 'the disk is nearly full')
        return Promise.resolve('')
      },
    })

    const { events } = await record([talk])

    expect(events.slice(3, 8)).toMatchObject([
      { type: 'step.progress', step: 'talk', text: 'half way', fraction: 0.5 },
      { type: 'step.progress', step: 'talk', text: 'nearly' },
      { type: 'step.log', step: 'talk', line: 'a line', source: 'kind' },
      { type: 'step.log', step: 'talk', line: 'another' },
      { type: 'warning', id: 'DISK_FULL', text: 'the disk is nearly full' },
    ])
    expect(events[4]).not.toHaveProperty('fraction')
    expect(events[6]).not.toHaveProperty('source')
  })

  it('passes on the tasks that a step watches, and what they write, under its name', async () => {
    const { step, record } = setUp()
    const task = {
      task: 'build.test',
      after: ['build.clone'],
      phase: 'running',
      message: '',
      pod: 'ci',
    } as const
    const watch = step('watch', {
      run: ({ report }) => {
        report.task(task)
        report.output('build.test', 'ok 1')
        return Promise.resolve('')
      },
    })

    const { events } = await record([watch])

    expect(events[3]).toMatchObject({ type: 'step.task', step: 'watch', ...task })
    expect(events[4]).toMatchObject({ type: 'step.log', step: 'watch', task: 'build.test', line: 'ok 1' })
    expect(events[4]).not.toHaveProperty('source')
  })

  it('runs a plan without steps', async () => {
    const { record } = setUp()

    const { events, outcome } = await record([])

    expect(events.map((event) => event.type)).toEqual(['run.started', 'plan.ready', 'run.succeeded'])
    expect(outcome.kind).toBe('succeeded')
  })
})

describe('a dry run', () => {
  it('checks everything, changes nothing, and skips all that would run or waits for it', async () => {
    const { step, record, notes } = setUp()
    const there = step('there', { check: found('yes') })
    const missing = step('missing', { check: notFound, after: [there] })
    const waits = step('waits', { readOnly: true, after: [missing] })
    const alone = step('alone', { readOnly: true })

    const { events, outcome } = await record([there, missing, waits, alone], { dryRun: true })

    expect(story(events)).toEqual([
      '0 started there',
      '0 started alone',
      '0 succeeded there',
      '0 started missing',
      '0 skipped missing',
      '0 skipped waits',
      '0 succeeded alone',
    ])
    expect(notes).toEqual(['run alone'])
    expect(outcome.kind === 'succeeded' && [outcome.changed, outcome.output(missing)]).toEqual([
      [],
      undefined,
    ])
  })
})
