import { beforeEach, describe, expect, test } from 'vitest'
import { PlayError } from '../../../src/domain/errors.ts'
import { downEach, type DownEachOptions, type DownEnd } from '../../../src/workflows/down-each.ts'
import type { Session } from '../../../src/workflows/session.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { parts } from './verbs.ts'

let world: FakeWorld
let asked: string[]
let answer: boolean
/** Sessions that were made, by name. */
let sessions: string[]

beforeEach(() => {
  world = new FakeWorld()
  asked = []
  answer = true
  sessions = []
})

function run(
  options: Partial<DownEachOptions>,
  session: Partial<Session> = {},
): Promise<readonly DownEnd[] | undefined> {
  const prompter = {
    confirm(question: string): Promise<boolean> {
      asked.push(question)
      return Promise.resolve(answer)
    },
  }
  const wanted = { names: [], all: false, force: false, timeoutMs: 60_000, yes: false, ...options }
  const makeSession = (name: string): Session => {
    sessions.push(name)
    return world.session(session)
  }
  return world.run(downEach(wanted, world.ports, prompter, parts, makeSession))
}

/** Each end as name and whether there was something, or as name and the error's id. */
function told(ends: readonly DownEnd[] | undefined): unknown {
  return ends?.map((end) =>
    'result' in end
      ? [end.result.name, 'existed' in end.result && end.result.existed]
      : [end.name, end.error.id],
  )
}

describe('down of several', () => {
  test('without a name means dev', async () => {
    await world.makePlayground('dev')
    expect(told(await run({}))).toEqual([['dev', true]])
    expect(asked).toEqual([])
  })

  test('removes each that was named, once, with one session each', async () => {
    await world.makePlayground('one')
    await world.makePlayground('two')
    expect(told(await run({ names: ['one', 'two', 'one'] }))).toEqual([
      ['one', true],
      ['two', true],
    ])
    expect(sessions).toEqual(['one', 'two'])
  })

  test('a failure of one does not keep the others, and each end is told', async () => {
    await world.makePlayground('one')
    await world.makePlayground('two')
    world.states.damaged.add('one')
    expect(told(await run({ names: ['one', 'two', 'three'] }))).toEqual([
      ['one', 'STATE_DAMAGED'],
      ['two', true],
      ['three', false],
    ])
    expect(await world.states.list()).toEqual(['one'])
  })

  test('an interrupt does keep the others', async () => {
    await world.makePlayground('one')
    await world.makePlayground('two')
    const interrupt = new AbortController()
    const afterStep = (): Promise<void> => {
      interrupt.abort(PlayError.of('CANCELLED', { resume: [] }))
      return Promise.resolve()
    }
    const ends = await run({ names: ['one', 'two'] }, { signal: interrupt.signal, afterStep })
    expect(told(ends)).toEqual([['one', 'CANCELLED']])
    expect(sessions).toEqual(['one'])
    expect(await world.states.exists('two')).toBe(true)
  })
})

describe('down --all', () => {
  beforeEach(async () => {
    await world.makePlayground('one')
    await world.makePlayground('two')
  })

  test('asks, naming what would go', async () => {
    await run({ all: true })
    expect(asked).toEqual(['Remove one, two?'])
    expect(await world.states.list()).toEqual([])
  })

  test('takes no for an answer', async () => {
    answer = false
    expect(await run({ all: true })).toBeUndefined()
    expect(await world.states.list()).toEqual(['one', 'two'])
  })

  test('does not ask after --yes', async () => {
    await run({ all: true, yes: true })
    expect(asked).toEqual([])
    expect(await world.states.list()).toEqual([])
  })

  test('takes a damaged one as a failure and removes the others', async () => {
    world.states.damaged.add('one')
    expect(told(await run({ all: true, yes: true }))).toEqual([
      ['one', 'STATE_DAMAGED'],
      ['two', true],
    ])
    expect(await world.states.list()).toEqual(['one'])
  })

  test('is refused beside names, which nobody can have meant', async () => {
    await expect(run({ all: true, yes: true, names: ['one'] })).rejects.toThrow('not both')
    expect(await world.states.list()).toEqual(['one', 'two'])
  })
})

test('down --all asks nothing where there is nothing', async () => {
  expect(await run({ all: true })).toEqual([])
  expect(asked).toEqual([])
})
