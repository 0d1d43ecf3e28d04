import { describe, expect, it } from 'vitest'
import type { EventBody, TaskPhase, WatchedTask } from '../../../src/engine/events.ts'
import { displayWidth } from '../../../src/ui/display-text.ts'
import { heightOf } from '../../../src/ui/frame-folding.ts'
import { frameRows } from '../../../src/ui/frame.ts'
import { RunModel } from '../../../src/ui/run-model.ts'
import { createTheme } from '../../../src/ui/theme.ts'

const start = Date.UTC(2026, 0, 1)
const theme = createTheme({ color: false, unicode: true })
const phases: readonly TaskPhase[] = ['waiting', 'running', 'succeeded', 'failed', 'stopped', 'skipped']

/** A run whose steps watch tasks. */
function watching(steps: readonly string[] = ['a']) {
  const model = new RunModel()
  const tell = (body: EventBody, at = start): void => {
    model.apply({ schema: 1, seq: 1, time: new Date(at).toISOString(), run: 'r', subject: 'demo', ...body })
  }
  const plan = steps.map((id) => ({ id, title: `Step ${id}`, section: `Section ${id}`, after: [] }))
  tell({ type: 'plan.ready', steps: plan })
  for (const step of steps) tell({ type: 'step.started', step })
  return {
    model,
    tell,
    task: (
      step: string,
      task: string,
      phase: TaskPhase,
      more: Partial<WatchedTask> = {},
      at = start,
    ): void => {
      tell({ type: 'step.task', step, task, after: [], phase, message: '', ...more }, at)
    },
    log: (step: string, task: string, lines: readonly string[]): void => {
      for (const line of lines) tell({ type: 'step.log', step, task, line })
    },
    /** What is on a screen, with the indentation of the tree. */
    picture: (options: { columns?: number; room?: number; at?: number } = {}): string[] => {
      const { columns = 80, room = 23, at = start + 5000 } = options
      const rows = frameRows(model, room, { theme, columns, now: at, over: model.end !== undefined })
      return rows.flatMap((row) => [
        '  '.repeat(row.level) + row.text,
        ...row.output.map((line) => '  '.repeat(row.level + 1) + line),
      ])
    },
  }
}

const log = Array.from({ length: 30 }, (_one, index) => `line ${String(index + 1)}`)

function failure(details: readonly string[]): EventBody {
  const error = { id: 'DEMO_FAILED', exitCode: 6, message: 'it failed', suggestions: [], details }
  return { type: 'run.failed', durationMs: 1, error }
}

describe('the tasks of a step', () => {
  it('keep the last ten lines of one that failed on the screen, to the end', () => {
    const { task, log: write, tell, picture } = watching()
    task('a', 'test', 'running')
    task('a', 'lint', 'running')
    write('a', 'test', log)
    task('a', 'test', 'failed', { message: 'exit code 1' })

    const shown = (): string[] => picture().filter((line) => /^ {6}line/.test(line))
    expect(shown()).toEqual(log.slice(-10).map((line) => `      ${line}`))
    tell({ type: 'step.failed', step: 'a', durationMs: 1, error: { ...fields, details: [] } })
    tell(failure(['pod ci-test: OOMKilled']))
    expect(shown()).toHaveLength(10)
  })

  it('leave those lines to the error where it tells them as well', () => {
    const { task, log: write, tell, picture } = watching()
    task('a', 'test', 'running')
    write('a', 'test', log)
    task('a', 'test', 'failed')
    tell(failure(log.map((line) => `test: ${line}`)))

    expect(picture().filter((line) => line.includes('line '))).toEqual([])
  })

  it('show less of that log before they hide what failed', () => {
    const { task, log: write, picture } = watching()
    for (const name of ['a', 'b', 'c', 'd']) task('a', name, 'succeeded')
    task('a', 'test', 'failed')
    write('a', 'test', log)
    task('a', 'deploy', 'waiting')
    task('a', 'promote', 'waiting')

    expect(picture({ room: 9 })).toEqual([
      '▸ Section a',
      '  ⠋ Step a  5s',
      '    ✔ 4 done',
      '    ✘ test           failed',
      '      line 27',
      '      line 28',
      '      line 29',
      '      line 30',
      '    · 2 more',
    ])
  })

  it('fold those that have ended, then those that wait; what runs or failed stays', () => {
    const { task, picture } = watching()
    for (let index = 0; index < 30; index += 1) {
      const phase = index < 10 ? 'succeeded' : index === 10 ? 'failed' : index < 14 ? 'running' : 'waiting'
      task('a', `t${String(index)}`, phase)
    }

    expect(picture({ room: 8 }).map((line) => line.trim())).toEqual([
      '▸ Section a',
      '⠋ Step a  5s',
      '✔ 10 done',
      expect.stringContaining('✘ t10'),
      expect.stringContaining('⠋ t11'),
      expect.stringContaining('⠋ t12'),
      expect.stringContaining('⠋ t13'),
      '· 16 more',
    ])
  })

  it('of earlier steps go first when space is short; those of the last stay to the end', () => {
    const { task, tell, picture } = watching(['a', 'b'])
    for (const step of ['a', 'b']) {
      for (const name of ['one', 'two', 'three']) task(step, name, 'succeeded')
      tell({ type: 'step.succeeded', step, changed: true, durationMs: 2000 })
    }
    tell({ type: 'run.succeeded', durationMs: 1, result: {} })

    expect(picture().filter((line) => line.includes('two'))).toHaveLength(2)
    expect(picture({ room: 7 })).toEqual([
      '✔ Section a',
      '  ✔ Step a  2.0s',
      '✔ Section b',
      '  ✔ Step b  2.0s',
      '    ✔ one',
      '    ✔ two',
      '    ✔ three',
    ])
  })

  it('say why they wait, even where there is little room', () => {
    const { task, picture } = watching()
    for (let index = 0; index < 10; index += 1) task('a', `t${String(index)}`, 'waiting')
    task('a', 'smoke', 'waiting', { message: 'ImagePullBackOff' })

    expect(picture({ columns: 40, room: 4 }).join('\n')).toContain('· smoke        ImagePullBackOff')
  })

  it('count from when the cluster says they began, but never from the future', () => {
    const { task, picture } = watching()
    task('a', 'late', 'running', { startedAt: '2026-01-01T01:00:00Z' })
    task('a', 'early', 'running', { startedAt: '2025-12-31T23:59:55Z' })
    task('a', 'silent', 'running', { startedAt: 'no time' })
    task('a', 'backwards', 'failed', {
      startedAt: '2025-12-31T23:59:55Z',
      finishedAt: '2025-12-31T23:59:50Z',
    })

    const times = picture().map((line) => / {2,}(<?\d+s)/.exec(line)?.[1])
    expect(times.slice(2)).toEqual(['5s', '10s', '5s', '<1s'])
  })

  it('stop counting when nobody looks any more', () => {
    const { task, tell, picture } = watching()
    task('a', 'test', 'running')
    tell({ type: 'step.cancelled', step: 'a', durationMs: 3000 })

    expect(picture({ at: start + 60_000 }).at(-1)).toBe('    ▸ test    3s  not watched to its end')
  })

  it('are worth no line to a step that nobody planned', () => {
    const { task, log: write, picture } = watching()
    task('other', 'test', 'running')
    write('a', 'unknown', ['hello'])

    expect(picture()).toEqual(['▸ Section a', '  ⠋ Step a  5s', '    unknown: hello'])
  })
})

const fields = { id: 'X', exitCode: 6, message: 'no', suggestions: [] }

/** Numbers from 0 to below 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** A run that could be, and some that could not. */
function anyRun(random: () => number) {
  const one = (count: number): number => Math.floor(random() * count)
  const words = [
    'ok',
    '集群正在启动',
    '👩‍👩‍👧 done',
    'a very long line '.repeat(9),
    '\u001B[31mred\tx',
    '  indented',
    '',
  ]
  const word = (): string => words[one(words.length)] ?? ''
  const steps = Array.from({ length: 1 + one(4) }, (_one, index) => `s${String(index)}`)
  const run = watching(steps)
  for (const step of steps) {
    const count = one(40)
    for (let change = 0; change < count * 3; change += 1) {
      const name = `${word().slice(0, 30)}.task-${String(one(count))}`
      run.task(step, name, phases[one(phases.length)] ?? 'waiting', { message: word() }, start + one(90_000))
      run.log(step, name, Array.from({ length: one(15) }, word))
    }
    run.tell({ type: 'step.progress', step, text: word() })
    if (one(3) === 0) run.tell({ type: 'step.succeeded', step, changed: true, durationMs: one(90_000) })
    else if (one(4) === 0)
      run.tell({ type: 'step.failed', step, durationMs: 1, error: { ...fields, details: [] } })
  }
  if (one(3) === 0) run.tell(failure([word()]))
  return run
}

it('no run is wider or higher than the screen', () => {
  const random = randomNumbers(5)
  for (let count = 0; count < 100; count += 1) {
    const { model, picture } = anyRun(random)
    const columns = 12 + Math.floor(random() * 120)
    const room = 1 + Math.floor(random() * 40)
    const lines = picture({ columns, room, at: start + Math.floor(random() * 7_200_000) })

    expect(lines.length).toBeLessThanOrEqual(room)
    expect(lines.length).toBeGreaterThan(0)
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns)
    const rows = frameRows(model, room, { theme, columns, now: start, over: false })
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length)
    expect(heightOf(rows)).toBeLessThanOrEqual(room)
  }
})
