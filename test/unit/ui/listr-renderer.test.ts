import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createListrRenderer } from '../../../src/ui/listr-renderer.ts'
import { FakeTerminal } from '../../fakes/fake-terminal.ts'
import { runNames, runs, type RunName } from '../../fixtures/runs/runs.ts'

const epoch = Date.UTC(2026, 0, 1)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: epoch })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

interface Shown {
  readonly terminal: FakeTerminal
  /** The screen each time that it had changed, with the milliseconds since the start. */
  readonly frames: readonly { readonly at: number; readonly screen: string }[]
}

/** Lets a run happen in its own time before a terminal of this size. */
async function show(
  name: RunName,
  columns: number,
  rows: number,
  { color = false, unicode = true } = {},
): Promise<Shown> {
  const terminal = new FakeTerminal(columns, rows)
  const renderer = createListrRenderer({ stream: terminal, color, unicode })
  const frames: { at: number; screen: string }[] = []
  const look = (): void => {
    const screen = terminal.screen()
    if (screen !== frames.at(-1)?.screen) frames.push({ at: Date.now() - epoch, screen })
  }
  const passUntil = async (instant: number): Promise<void> => {
    while (Date.now() < instant) {
      await vi.advanceTimersByTimeAsync(Math.min(100, instant - Date.now()))
      look()
    }
  }
  for (const event of await runs[name]()) {
    await passUntil(Date.parse(event.time))
    renderer.onEvent(event)
    if (event.type === 'plan.ready') await drawn(terminal)
  }
  await renderer.close()
  look()
  return { terminal, frames }
}

/** One picture of each fifth of a run, and all that stays. */
function album({ frames, terminal }: Shown): string {
  const last = frames.at(-1)?.at ?? 0
  const pictures = [1, 2, 3, 4].map((fifth) => frames.findLast((frame) => frame.at <= (last * fifth) / 5))
  const text = pictures.map((frame) => `--- ${String(frame?.at ?? 0)} ms\n${frame?.screen ?? ''}\n`).join('')
  return `${text}--- end\n${terminal.all()}\n`
}

/** listr2 loads some of its parts when it draws first. */
async function drawn(terminal: FakeTerminal): Promise<void> {
  while (terminal.screen() === '') await new Promise((resolve) => setImmediate(resolve))
}

function expectInside({ terminal, frames }: Shown): void {
  const heights = frames.slice(0, -1).map((frame) => frame.screen.split('\n').length)
  expect(Math.max(...heights)).toBeLessThan(terminal.rows > 0 ? terminal.rows : 24)
  expect(terminal.clamped).toBe(0)
  expect(terminal.cursorVisible).toBe(true)
}

// The first picture loads parts of listr2, which takes its time on a busy machine.
describe('a run on a terminal', { timeout: 20_000 }, () => {
  const sizes = [
    [80, 24],
    [40, 10],
  ] as const
  const cases = runNames.flatMap((name) => sizes.map(([columns, rows]) => [name, columns, rows] as const))

  it.each(cases)('%s fits %i by %i and looks as it should', async (name, columns, rows) => {
    const shown = await show(name, columns, rows)

    expectInside(shown)
    const file = `../../fixtures/runs/golden/tty-${name}-${String(columns)}x${String(rows)}.txt`
    await expect(album(shown)).toMatchFileSnapshot(file)
  })

  it.each(['pipeline', 'pipeline-failed', 'pipeline-thirty'] as const)(
    '%s fits 120 by 40, and says the same in ASCII',
    async (name) => {
      const shown = await show(name, 120, 40)
      const ascii = await show(name, 80, 24, { unicode: false })

      expectInside(shown)
      expectInside(ascii)
      const file = `../../fixtures/runs/golden/tty-${name}`
      await expect(album(shown)).toMatchFileSnapshot(`${file}-120x40.txt`)
      expect(album(ascii)).toMatch(/^[\n -~]*$/)
      await expect(album(ascii)).toMatchFileSnapshot(`${file}-ascii.txt`)
    },
  )

  it('leaves rows above the first that changed as they are', async () => {
    const { terminal } = await show('pipeline', 80, 24)

    // The last picture is written anew; that of the plan came first.
    const push = terminal.chunks.filter((chunk) => chunk.includes('Find the playground  0.2s'))
    expect(terminal.chunks.length).toBeGreaterThan(100)
    expect(push.length).toBeLessThan(5)
  })

  it.each([
    [20, 5],
    [12, 3],
    [200, 60],
    [0, 0],
  ] as const)('fits a terminal of %i by %i too', async (columns, rows) => {
    expectInside(await show('parallel', columns, rows))
  })

  it.each(runNames)('%s never wraps a line while it is drawn', async (name) => {
    for (const columns of [40, 12]) {
      const terminal = new FakeTerminal(columns, 12)
      const renderer = createListrRenderer({ stream: terminal, color: true, unicode: true })
      const drawnEvents = (await runs[name]()).filter(
        ({ type }) => type.startsWith('step.') || type === 'plan.ready',
      )
      for (const event of drawnEvents) {
        renderer.onEvent(event)
        if (event.type === 'plan.ready') await drawn(terminal)
        await vi.advanceTimersByTimeAsync(100)
      }
      await renderer.close()
      expect(terminal.wrapped).toBe(0)
    }
  })

  it.each(['success', 'parallel', 'cancel'] as const)('%s ends with one line for each step', async (name) => {
    const { terminal } = await show(name, 100, 60)

    const events = await runs[name]()
    const titles = events.flatMap((event) =>
      event.type === 'plan.ready' ? event.steps.map((step) => step.title) : [],
    )
    const lines = terminal.all().split('\n')
    for (const title of titles.filter((one) => lines.some((line) => line.includes(one)))) {
      expect(lines.filter((line) => line.includes(title))).toHaveLength(1)
    }
    const ended = new Set(events.flatMap((event) => (event.type === 'step.started' ? [event.step] : [])))
    expect(lines.filter((line) => /^ {2}[✔✘■] /u.test(line))).toHaveLength(ended.size)
  })

  it('draws at most ten pictures a second, however many events come', async () => {
    const { terminal } = await show('parallel', 80, 24)
    const busy = new FakeTerminal(80, 24)
    const renderer = createListrRenderer({ stream: busy, color: false, unicode: true })
    const events = await runs.parallel()
    for (const event of events.slice(0, 3)) renderer.onEvent(event)
    await drawn(busy)
    const before = busy.chunks.length
    const last = events[2]
    for (let count = 0; last && count < 1000; count += 1) {
      renderer.onEvent({
        ...last,
        type: 'step.progress',
        step: 'images.0',
        text: `layer ${String(count)}`,
      })
      await vi.advanceTimersByTimeAsync(1)
    }
    expect(busy.chunks.length - before).toBeLessThanOrEqual(10)
    await renderer.close()
    expect(terminal.chunks.length).toBeLessThan(events.length * 20)
  })

  it('writes nothing to stdout, uses no colour unless told, and leaves signals and timers alone', async () => {
    const stdout = vi.spyOn(process.stdout, 'write')
    const signals = process.listenerCount('SIGINT')

    const plain = await show('failure', 80, 24)
    const coloured = await show('failure', 80, 24, { color: true })

    expect(stdout).not.toHaveBeenCalled()
    expect(process.listenerCount('SIGINT')).toBe(signals)
    expect(vi.getTimerCount()).toBe(0)
    const colour = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`)
    expect(plain.terminal.chunks.join('')).not.toMatch(colour)
    expect(coloured.terminal.chunks.join('')).toMatch(colour)
    expect(coloured.terminal.all()).toBe(plain.terminal.all())
  })

  it('tells an error once, under the last picture, in full', async () => {
    const { terminal } = await show('failure', 40, 10)

    const text = terminal.all()
    expect(text.match(/KIND_FAILED/g)).toHaveLength(1)
    expect(text).toContain('Try again: $ play up demo')
  })

  it('tells all warnings in full when the run has ended', async () => {
    const { terminal } = await show('success', 80, 24)

    expect(terminal.all().match(/The disk is nearly full/g)).toHaveLength(1)
  })

  it('is closed as well in the middle of a run, before its first picture, and twice', async () => {
    const events = await runs.success()
    for (const count of [0, 1, 2, 5]) {
      const terminal = new FakeTerminal(80, 24)
      const renderer = createListrRenderer({ stream: terminal, color: false, unicode: true })
      for (const event of events.slice(0, count)) renderer.onEvent(event)
      await Promise.all([renderer.close(), renderer.close()])
      for (const event of events.slice(count)) renderer.onEvent(event)
      expect(terminal.cursorVisible).toBe(true)
      expect(vi.getTimerCount()).toBe(0)
      expect(terminal.screen().includes('Preflight')).toBe(count > 1)
    }
  })

  it('does not fail when the terminal does', async () => {
    const events = await runs.success()
    const broken = {
      columns: 80,
      rows: 24,
      write: (): boolean => {
        throw new Error('gone')
      },
    }
    const renderer = createListrRenderer({ stream: broken, color: false, unicode: true })

    for (const event of events) renderer.onEvent(event)
    await vi.advanceTimersByTimeAsync(500)

    await expect(renderer.close()).resolves.toBeUndefined()
  })
})
