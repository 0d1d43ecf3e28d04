import { beforeEach, describe, expect, test } from 'vitest'
import { ProgramLogs } from '../../../src/demos/program-logs.ts'
import type { PipelinePod } from '../../../src/domain/pipelines.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

/** What one request for a log gives: lines, then an end in order, an error, or none. */
interface Answer {
  readonly lines: readonly string[]
  readonly then: 'ends' | 'breaks' | 'goes on'
}

let clock: FakeClock
let stop: AbortController
let answers: Answer[]
let asked: string[]
let heard: string[]
let troubles: unknown[]
let logs: ProgramLogs

const broken = new Error('the connection was cut')

async function* read({ pod, container }: { pod: string; container: string }): AsyncGenerator<string> {
  asked.push(`${pod}/${container}`)
  const { lines, then } = answers.shift() ?? { lines: [], then: 'breaks' }
  await Promise.resolve()
  yield* lines
  if (then === 'breaks') throw broken
  if (then === 'goes on')
    await new Promise((_, reject) => {
      stop.signal.addEventListener('abort', () => {
        reject(stop.signal.reason as Error)
      })
    })
}

function pod(finishedAt?: string): PipelinePod {
  const ended = finishedAt === undefined ? {} : { finishedAt }
  return {
    name: 'ci-1',
    state: 'Running',
    programs: [
      { container: 'main', step: 'build', hasStarted: true, ...ended },
      { container: 'late', step: 'late', hasStarted: false },
    ],
  }
}

beforeEach(() => {
  clock = new FakeClock()
  stop = new AbortController()
  answers = []
  asked = []
  heard = []
  troubles = []
  logs = new ProgramLogs({
    ...{ clock, read, signal: stop.signal },
    onLine: (step, line) => heard.push(`${step}: ${line}`),
    onTrouble: (error) => troubles.push(error),
  })
})

describe('the log of a program', () => {
  test('is read once it has started, and once', async () => {
    answers.push({ lines: ['one', 'two'], then: 'ends' })
    logs.follow([pod()])
    logs.follow([pod()])
    logs.follow([pod('2026-01-01T00:00:01Z')])
    await clock.run(logs.end(5000))
    expect(asked).toEqual(['ci-1/main'])
    expect(heard).toEqual(['build: one', 'build: two'])
    expect(clock.sleeping).toBe(0)
  })

  test('whose connection breaks goes on where it was, also when it breaks again at once', async () => {
    answers.push({ lines: ['one', 'two'], then: 'breaks' })
    answers.push({ lines: ['one'], then: 'breaks' })
    answers.push({ lines: ['one', 'two', 'three'], then: 'ends' })
    logs.follow([pod()])
    await clock.advance(2000)
    logs.follow([pod('2026-01-01T00:00:01Z')])
    await clock.run(logs.end(5000))
    expect(heard).toEqual(['build: one', 'build: two', 'build: three'])
    expect(troubles).toEqual([])
  })

  test('that ends in order while its program goes on is read again', async () => {
    answers.push({ lines: ['one'], then: 'ends' })
    answers.push({ lines: ['one', 'two'], then: 'ends' })
    logs.follow([pod()])
    await clock.advance(4000)
    logs.follow([])
    await clock.run(logs.end(5000))
    expect(heard).toEqual(['build: one', 'build: two'])
    expect(asked).toHaveLength(2)
  })

  test('that cannot be read is given up after a few tries, each later than the one before', async () => {
    logs.follow([pod()])
    await clock.advance(700)
    expect(asked).toHaveLength(2)
    await clock.advance(60_000)
    expect(asked).toHaveLength(5)
    await clock.run(logs.end(5000))
    expect(troubles).toEqual([broken])
  })

  test('that is not through some seconds after the end of the run is left', async () => {
    answers.push({ lines: ['one'], then: 'goes on' })
    logs.follow([pod()])
    const end = logs.end(5000)
    await clock.advance(4999)
    expect(await Promise.race([end, Promise.resolve('reading')])).toBe('reading')
    await clock.advance(1)
    await end
    expect(heard).toEqual(['build: one'])
    stop.abort()
    await logs.closed()
  })

  test('is read no more once that is not wanted', async () => {
    answers.push({ lines: ['one'], then: 'breaks' })
    logs.follow([pod()])
    await clock.advance(100)
    stop.abort()
    await logs.closed()
    await logs.end(5000)
    expect(asked).toHaveLength(1)
    expect(clock.sleeping).toBe(0)
  })
})
