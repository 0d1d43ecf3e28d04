import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventBody, WatchedTask } from '../../../src/engine/events.ts'
import { createPlainRenderer } from '../../../src/ui/plain-renderer.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.UTC(2026, 0, 1) })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A step that watches tasks, as lines. */
function watch(logs = false) {
  const written: string[] = []
  const renderer = createPlainRenderer({ write: (text) => void written.push(text), color: false, logs })
  const tell = (body: EventBody): void => {
    renderer.onEvent({
      schema: 1,
      seq: 1,
      time: new Date().toISOString(),
      run: 'run-1',
      subject: 'demo',
      ...body,
    })
  }
  tell({ type: 'plan.ready', steps: [{ id: 'a', title: 'Run the pipeline', section: 'Demo', after: [] }] })
  tell({ type: 'step.started', step: 'a' })
  return {
    tell,
    task: (task: string, phase: WatchedTask['phase'], more: Partial<WatchedTask> = {}): void => {
      tell({ type: 'step.task', step: 'a', task, after: [], phase, message: '', ...more })
    },
    output: (task: string, line: string): void => {
      tell({ type: 'step.log', step: 'a', task, line })
    },
    lines: () => written.join('').split('\n').slice(0, -1),
  }
}

const backOff = { message: 'ImagePullBackOff' }

describe('tasks as lines', () => {
  it('are told when they start and end, under their step, and not while they merely wait', () => {
    const { task, lines } = watch()

    task('build.test', 'waiting')
    task('build.test', 'running', { startedAt: '2025-12-31T23:59:58.800Z' })
    task('build.test', 'succeeded', { finishedAt: '2026-01-01T00:00:00Z' })
    task('build.test', 'succeeded', { finishedAt: '2026-01-01T00:00:00Z' })

    expect(lines()).toEqual(['   0s  ▸ Run the pipeline', '   0s    ▸ test', '   0s    ✔ test (1.2s)'])
  })

  it('have their whole names where the short ones would be the same', () => {
    const { task, lines } = watch()

    task('api.test', 'waiting')
    task('web.test', 'running')

    expect(lines().at(-1)).toBe('   0s    ▸ web.test')
  })

  it('tell why they wait once they have waited for a second, each reason once', async () => {
    const { task, lines } = watch()

    task('smoke', 'waiting', { message: 'ContainerCreating' })
    await vi.advanceTimersByTimeAsync(400)
    task('smoke', 'waiting', backOff)
    await vi.advanceTimersByTimeAsync(3000)
    task('smoke', 'waiting', { message: 'ErrImagePull' })
    await vi.advanceTimersByTimeAsync(3000)
    task('smoke', 'waiting', backOff)
    await vi.advanceTimersByTimeAsync(10_000)

    const reasons = lines().filter((line) => line.includes('smoke'))
    expect(reasons.map((line) => line.slice(7))).toEqual([
      '  · smoke — ImagePullBackOff',
      '  · smoke — ErrImagePull',
    ])
  })

  it('say nothing of a reason that has gone, nor after their step has ended', async () => {
    const { task, tell, lines } = watch()

    task('smoke', 'waiting', backOff)
    task('smoke', 'running')
    task('promote', 'waiting', backOff)
    tell({ type: 'step.cancelled', step: 'a', durationMs: 1 })
    await vi.advanceTimersByTimeAsync(10_000)

    expect(lines().join('\n')).not.toContain('BackOff')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('tell the last twenty lines of one that fails, and those that come late', () => {
    const { task, output, lines } = watch()

    task('test', 'running')
    for (let count = 1; count <= 30; count += 1) output('test', `line ${String(count)}`)
    expect(lines().some((line) => line.includes('line'))).toBe(true) // "Run the pipeline"
    expect(lines()).toHaveLength(2)
    task('test', 'failed', { message: 'exit\ncode 1' })
    output('test', 'late')
    output('test', '\r\n')

    const [failure = '', ...log] = lines().slice(2)
    expect(failure).toBe('   0s    ✘ test — exit code 1 (<1s)')
    expect(log).toHaveLength(21)
    expect(log[0]).toBe('           line 11')
    expect(log.slice(-2)).toEqual(['           line 30', '   0s      test │ late'])
  })

  it('tell every line with their names when logs are wanted, and none twice', () => {
    const { task, output, lines } = watch(true)

    task('lint', 'running')
    task('promote', 'running')
    output('lint', 'one\u001B[31m red\u001B[0m')
    output('promote', 'two')
    output('unknown', 'three')
    task('lint', 'failed')

    expect(lines().slice(3)).toEqual([
      '   0s      lint    │ one red',
      '   0s      promote │ two',
      '   0s    unknown │ three',
      '   0s    ✘ lint — failed (<1s)',
    ])
  })
})
