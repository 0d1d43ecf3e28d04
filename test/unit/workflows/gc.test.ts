import { beforeEach, describe, expect, test } from 'vitest'
import type { GarbageRow } from '../../../src/domain/results.ts'
import { extend } from '../../../src/workflows/extend.ts'
import { findGarbage, removeGarbage, type Garbage, type Gathered } from '../../../src/workflows/gc.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { parts } from './verbs.ts'

const minute = 60_000
const hour = 60 * minute
const year = 365 * 24 * hour

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

const after = (ms: number): string => new Date(world.clock.now() + ms).toISOString()
const { signal } = new AbortController()

function find(expiredOnly = true): Promise<Gathered<Garbage>> {
  const session = (): ReturnType<FakeWorld['session']> => world.session({ command: 'play gc' })
  const given = { ports: world.ports, ...parts, session, signal }
  return findGarbage({ expiredOnly, timeoutMs: minute }, given)
}

/** One run of `play gc --expired --yes`. */
async function sweep(): Promise<Gathered<GarbageRow>> {
  const { found, errors } = await find()
  const removed = await removeGarbage(found, signal)
  return { found: removed.found, errors: [...errors, ...removed.errors] }
}

const namesOf = (rows: readonly { readonly what: string }[]): string[] => rows.map(({ what }) => what)

describe('an expired playground', () => {
  test('goes, by the same verification as with down', async () => {
    await world.makePlayground('dev', { expiresAt: after(-1) })
    const { found, errors } = await world.run(sweep())
    expect([namesOf(found), errors]).toEqual([['dev'], []])
    expect([world.engine.containers.size, world.engine.volumes.size]).toEqual([0, 0])
    expect(world.states.certificates).toMatchObject([{ name: 'dev', verdict: 'empty' }])
  })

  test('stays when it was given more time after it was found', async () => {
    await world.makePlayground('dev', { expiresAt: after(-1) })
    const { found } = await find()
    await extend({ name: 'dev', byMs: hour }, world.ports)
    const before = world.snapshot()
    expect((await world.run(removeGarbage(found, signal))).found).toMatchObject([
      { what: 'dev', removed: false, reason: 'it was given more time' },
    ])
    expect(world.snapshot()).toEqual(before)
    await (await world.states.lock('dev', 'play up dev')).release()
  })

  test('that another sweeper has removed is no error', async () => {
    await world.makePlayground('dev', { expiresAt: after(-1) })
    const { found } = await find()
    await world.run(sweep())
    const { found: rows, errors } = await world.run(removeGarbage(found, signal))
    expect(errors).toEqual([])
    expect(rows).toMatchObject([{ removed: false, reason: 'somebody else has removed it' }])
  })

  test('[row 24] stays when the clock that jumped ahead is back before anything goes', async () => {
    await world.makePlayground('dev', { expiresAt: after(hour) })
    const now = world.clock.now.bind(world.clock)
    world.clock.now = () => now() + year
    const { found } = await find()
    expect(namesOf(found.map(({ row }) => row))).toEqual(['dev'])
    world.clock.now = now
    expect((await world.run(removeGarbage(found, signal))).found).toMatchObject([{ removed: false }])
    expect(await world.states.exists('dev')).toBe(true)
  })

  test('[row 24] is none to a clock that was set back by a year', async () => {
    await world.makePlayground('dev', { expiresAt: after(-1) })
    const now = world.clock.now.bind(world.clock)
    world.clock.now = () => now() - year
    expect((await find()).found).toEqual([])
  })
})

describe('what has lost its playground', () => {
  test('stays when the playground is there again before anything goes', async () => {
    await world.makePlayground('dev')
    const folder = world.states.folder('dev')
    const state = world.states.states.get('dev')
    await world.states.remove('dev')
    world.processTable.start(folder, 'kind create cluster')
    const { found } = await find(false)
    expect(found.map(({ row }) => row.kind)).toEqual(['process', 'orphaned cluster'])
    if (state !== undefined) await world.states.write(state)
    const { found: rows } = await world.run(removeGarbage(found, signal))
    expect(rows.map(({ removed }) => removed)).toEqual([false, false])
    expect([world.processTable.running.length, world.engine.containers.size]).toEqual([1, 1])
  })
})

test('[row 27] 500 playgrounds, sweepers at once every 15 minutes: each goes within its time and 15 minutes, none before', async () => {
  const start = world.clock.now()
  const expiries = new Map<string, number>()
  const endless: string[] = []
  for (let index = 0; index < 500; index += 1) {
    const name = `p${String(index)}`
    if (index % 10 === 0) {
      endless.push(name)
      await world.makePlayground(name)
      continue
    }
    // Spread over two hours, some of them over from the beginning.
    const expiresAt = start + ((index * 37) % 130) * minute - 10 * minute
    expiries.set(name, expiresAt)
    await world.makePlayground(name, { expiresAt: new Date(expiresAt).toISOString() })
  }
  const removed = new Map<string, number>()
  const remove = world.states.onRemove
  world.states.onRemove = (name) => {
    removed.set(name, world.clock.now())
    remove(name)
  }
  const rows: GarbageRow[] = []
  for (let round = 0; round <= 9; round += 1) {
    const due = start + round * 15 * minute
    if (due > world.clock.now()) await world.clock.advance(due - world.clock.now())
    for (const each of await world.clock.run(Promise.all([sweep(), sweep(), sweep()]))) {
      expect(each.errors).toEqual([])
      rows.push(...each.found)
    }
  }
  expect(rows.filter((row) => row.removed).length).toBe(expiries.size)
  const early = [...removed].filter(([name, at]) => at < (expiries.get(name) ?? Infinity))
  expect(early).toEqual([])
  expect(await world.states.list()).toEqual(endless.toSorted())
  expect(world.engine.containers.size).toBe(endless.length)
  const latest = Math.max(...[...removed].map(([name, at]) => at - Math.max(start, expiries.get(name) ?? 0)))
  expect(latest).toBeLessThanOrEqual(15 * minute)
}, 60_000)
