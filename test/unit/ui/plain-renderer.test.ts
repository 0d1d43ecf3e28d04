import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventBody, RunEvent } from '../../../src/engine/events.ts'
import { createPlainRenderer, type PlainOptions } from '../../../src/ui/plain-renderer.ts'
import { runNames, runs } from '../../fixtures/runs/runs.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.UTC(2026, 0, 1) })
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp(options: Partial<PlainOptions> = {}) {
  const written: string[] = []
  const renderer = createPlainRenderer({ write: (text) => void written.push(text), color: false, ...options })
  let seq = 0
  /** Lets an event come at the clock's present time. */
  const tell = (body: EventBody): void => {
    seq += 1
    const time = new Date().toISOString()
    renderer.onEvent({ schema: 1, seq, time, run: 'run-1', subject: 'demo', ...body })
  }
  const begin = (): void => {
    const step = { id: 'a', title: 'Create the cluster', section: 'Cluster', after: [] }
    tell({ type: 'run.started', tool: 'play', command: 'up' })
    tell({ type: 'plan.ready', steps: [step] })
    tell({ type: 'step.started', step: 'a' })
  }
  return { renderer, tell, begin, text: () => written.join('') }
}

function replay(events: readonly RunEvent[], options: Partial<PlainOptions> = {}): string {
  const { renderer, text } = setUp(options)
  for (const event of events) renderer.onEvent(event)
  return text()
}

describe('a run as lines', () => {
  it.each(runNames)('%s looks as it should', async (name) => {
    const text = replay(await runs[name]())

    await expect(text).toMatchFileSnapshot(`../../fixtures/runs/golden/plain-${name}.txt`)
  })

  it.each(['success', 'failure'] as const)('%s looks as it should in colour', async (name) => {
    const text = replay(await runs[name](), { color: true })

    await expect(text).toMatchFileSnapshot(`../../fixtures/runs/golden/plain-${name}-color.txt`)
  })

  it.each(['pipeline', 'pipeline-failed'] as const)('%s with logs looks as it should', async (name) => {
    const text = replay(await runs[name](), { logs: true })

    await expect(text).toMatchFileSnapshot(`../../fixtures/runs/golden/plain-${name}-logs.txt`)
  })

  it('holds no escape sequence without colour, and no symbol beyond ASCII when there is no Unicode', async () => {
    const plain = replay(await runs['long-lines']())
    const ascii = replay(await runs.failure(), { unicode: false })

    expect(plain).not.toContain('\u001B')
    expect(ascii).toMatch(/^[\n -~]*$/)
  })

  it.each(runNames)('%s: tells the end of each started step exactly once', async (name) => {
    const events = await runs[name]()
    const started = events.filter((event) => event.type === 'step.started').length

    const lines = replay(events).split('\n')

    const ends = lines.filter(
      (line) => /^ *\S+ {2}[✔✘■↓] /u.test(line) && !/✔ Done|✘ Error|■ Interrupted/u.test(line),
    )
    expect(ends).toHaveLength(started)
  })

  it('tells an error once, with its details and what to do next', async () => {
    const text = replay(await runs.failure())

    expect(text.match(/KIND_FAILED/g)).toHaveLength(1)
    expect(text.match(/not healthy after 4m0s/g)).toHaveLength(1)
    expect(text).toContain('Try again: $ play up demo')
  })
})

describe('the calm of plain lines', () => {
  it('says nothing of the start of a step that is quick', async () => {
    const { begin, tell, text } = setUp()

    begin()
    await vi.advanceTimersByTimeAsync(500)
    tell({ type: 'step.succeeded', step: 'a', changed: true, durationMs: 500 })

    expect(text()).toBe('   0s  ✔ Create the cluster (0.5s)\n')
  })

  it('names a step that has run for a second in silence', async () => {
    const { begin, text } = setUp()

    begin()
    await vi.advanceTimersByTimeAsync(1000)

    expect(text()).toBe('   1s  ▸ Create the cluster\n')
  })

  it('tells progress at most once a second, and then the latest, though nothing more comes', async () => {
    const { begin, tell, text } = setUp()

    begin()
    for (const layer of [1, 2, 3, 4])
      tell({ type: 'step.progress', step: 'a', text: `layer ${String(layer)}` })
    await vi.advanceTimersByTimeAsync(60_000)

    expect(text()).toBe('   1s  · Create the cluster: layer 4\n')
  })

  it('tells the last progress of a burst long after the start, too', async () => {
    const { begin, tell, text } = setUp()

    begin()
    await vi.advanceTimersByTimeAsync(5000)
    tell({ type: 'step.progress', step: 'a', text: 'layer 1' })
    await vi.advanceTimersByTimeAsync(100)
    tell({ type: 'step.progress', step: 'a', text: 'layer 2', fraction: 0.2 })
    tell({ type: 'step.progress', step: 'a', text: 'layer 2', fraction: 0.9 })
    await vi.advanceTimersByTimeAsync(60_000)

    expect(text().split('\n').slice(1)).toEqual([
      '   5s  · Create the cluster: layer 1',
      '   6s  · Create the cluster: layer 2 (90%)',
      '',
    ])
  })

  it('does not repeat a progress whose text is the same', async () => {
    const { begin, tell, text } = setUp()

    begin()
    for (let second = 0; second < 5; second += 1) {
      tell({ type: 'step.progress', step: 'a', text: 'waiting', fraction: second / 5 })
      await vi.advanceTimersByTimeAsync(2000)
    }

    expect(text()).toBe('   1s  · Create the cluster: waiting (0%)\n')
  })

  it('says nothing after it was closed, and leaves no timer', async () => {
    const { begin, renderer, tell, text } = setUp()

    begin()
    await renderer.close()
    await renderer.close()
    tell({ type: 'warning', id: 'X', text: 'late' })

    expect(vi.getTimerCount()).toBe(0)
    expect(text()).toBe('')
  })
})

describe('a run without a plan', () => {
  it('ends without a word when it succeeds, and with the error when it fails', () => {
    const { tell, text } = setUp()

    tell({ type: 'run.succeeded', durationMs: 1, result: {} })
    expect(text()).toBe('')

    const error = { id: 'USAGE_NAME', exitCode: 2, message: 'no name', suggestions: [], details: [] }
    tell({ type: 'run.failed', durationMs: 1, error })
    expect(text()).toBe('   0s  ✘ Error USAGE_NAME: no name\n')
  })
})
