import { beforeEach, describe, expect, test } from 'vitest'
import type { ProcessOptions, ProcessResult, ProcessRunner } from '../../../src/domain/ports.ts'
import type { ProcessLog } from '../../../src/domain/running-process.ts'
import { recordRuns } from '../../../src/pulumi/provider/recorded-runs.ts'

/** Everything that happens, in order. */
let story: string[]
/** The note that cannot be written. */
let failing: string

const log: ProcessLog = {
  intend: (step) => note(`intend ${step}`),
  settle: (step, outcome) => note(`settle ${step} ${outcome}`),
  spawned: (pid) => note(`spawned ${String(pid)}`),
  reaped: (pid) => note(`reaped ${String(pid)}`),
}

function note(text: string): Promise<void> {
  if (text.startsWith(failing)) return Promise.reject(new Error(`the disk is full: ${text}`))
  story.push(text)
  return Promise.resolve()
}

/** Starts as number 7 and ends with that code, or when it is told to. */
function kind(ends: number | 'when told'): ProcessRunner {
  return {
    async run(
      _file: string,
      _args: readonly string[],
      { signal, onStart }: ProcessOptions,
    ): Promise<ProcessResult> {
      story.push('start')
      onStart?.(7)
      if (ends === 'when told') {
        await new Promise((resolve) => {
          if (signal.aborted) resolve(undefined)
          signal.addEventListener('abort', resolve)
        })
        story.push('ended')
        signal.throwIfAborted()
      }
      return Promise.resolve({ exitCode: Number(ends), stdout: '', stderr: '' })
    },
  }
}

function run(processes: ProcessRunner, signal = new AbortController().signal): Promise<ProcessResult> {
  return recordRuns(processes, log).run('/bundle/kind', ['create', 'cluster', '--name', 'x'], { signal })
}

beforeEach(() => {
  story = []
  failing = 'nothing'
})

describe('a run', () => {
  test('[row 1] is noted before it starts, while it runs and when it has ended', async () => {
    await run(kind(0))
    expect(story).toEqual([
      'intend kind create cluster',
      'start',
      'spawned 7',
      'reaped 7',
      'settle kind create cluster succeeded',
    ])
  })

  test('that fails is no different', async () => {
    expect((await run(kind(1))).exitCode).toBe(1)
    expect(story.at(-1)).toBe('settle kind create cluster failed')
  })

  test('that is cancelled is noted as that', async () => {
    const over = new AbortController()
    const running = run(kind('when told'), over.signal)
    over.abort(new Error('interrupted'))
    await expect(running).rejects.toThrow('interrupted')
    expect(story.at(-1)).toBe('settle kind create cluster cancelled')
  })

  test('[row 5] does not begin where that cannot be noted', async () => {
    failing = 'intend'
    await expect(run(kind(0))).rejects.toThrow('the disk is full')
    expect(story).toEqual([])
  })

  test('[row 5] is ended where its number cannot be noted', async () => {
    failing = 'spawned'
    await expect(run(kind('when told'))).rejects.toThrow('the disk is full')
    expect(story).toContain('ended')
  })
})
