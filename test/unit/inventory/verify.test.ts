import { beforeEach, describe, expect, test } from 'vitest'
import type { Query } from '../../../src/domain/source.ts'
import type { Verified, VerifyOptions } from '../../../src/domain/verification.ts'
import { verifyEmpty } from '../../../src/inventory/verify.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'

let clock: FakeClock
let start: number
/** Milliseconds after the start at which each read took place. */
let reads: number[]
let sweeps: number
/** What each read finds, by its number from 1: a list, or an error. */
let world: (read: number, at: number) => readonly string[] | Error
let told: string[]

beforeEach(() => {
  clock = new FakeClock()
  start = clock.now()
  reads = []
  sweeps = 0
  told = []
  world = () => []
})

const query: Query = {
  layer: 'volumes',
  looked: 'ls',
  find() {
    reads.push(clock.now() - start)
    const found = world(reads.length, clock.now() - start)
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found.map((what) => ({ what })))
  },
}

function verify(changes: Partial<VerifyOptions> = {}): Promise<Verified> {
  return clock.run(
    verifyEmpty({
      queries: [query],
      settleMs: 2000,
      clock,
      signal: new AbortController().signal,
      sweep: () => {
        sweeps += 1
        return Promise.resolve()
      },
      onProgress: (text) => told.push(text),
      ...changes,
    }),
  )
}

describe('that nothing is left', () => {
  test('takes two empty reads with the settle time between them', async () => {
    const { verdict, reads: instants, settleMs, sweeps: swept } = await verify()
    expect({ verdict, settleMs, swept }).toEqual({ verdict: 'empty', settleMs: 2000, swept: 0 })
    expect(reads).toEqual([0, 2000])
    expect(instants).toEqual([0, 2000].map((ms) => new Date(start + ms).toISOString()))
  })

  test('[row 9] is not claimed when something turns up in between: it is removed, and there is more time for others', async () => {
    world = (read) => (read === 2 ? ['late'] : [])
    expect(await verify()).toMatchObject({ verdict: 'empty', sweeps: 1, settleMs: 15_000 })
    expect(reads).toEqual([0, 2000, 2500, 17_500])
  })

  test('is claimed only after what was found is gone for two reads', async () => {
    world = () => (sweeps < 3 ? ['stubborn'] : [])
    expect(await verify()).toMatchObject({ verdict: 'empty', sweeps: 3 })
    expect(reads).toEqual([0, 500, 1500, 3500, 5500])
  })

  test('is denied after five rounds, with what is left', async () => {
    world = () => ['stubborn']
    const verified = await verify()
    expect(verified).toMatchObject({ verdict: 'leftovers', sweeps: 5 })
    expect(verified.findings).toEqual([
      { layer: 'volumes', looked: 'ls', result: 'present', found: ['stubborn'] },
    ])
  })
})

describe('[row 7] a read that fails', () => {
  test('is repeated, as an engine that restarts needs it, and counts for nothing', async () => {
    world = (_read, at) => (at < 8000 ? new Error('cannot connect') : [])
    expect(await verify()).toMatchObject({ verdict: 'empty', sweeps: 0 })
    expect(reads.slice(-2)).toEqual([8000, 10_000])
  })

  test('for 20 s means that nothing is known', async () => {
    world = () => new Error('cannot connect')
    const verified = await verify()
    expect(verified).toMatchObject({ verdict: 'unknown', sweeps: 0 })
    expect(verified.findings[0]).toMatchObject({ result: 'unknown', found: ['cannot connect'] })
    expect(reads.at(-1)).toBe(20_000)
  })

  test('is no second empty read', async () => {
    world = (read) => (read === 1 ? [] : new Error('cut off'))
    expect((await verify()).verdict).toBe('unknown')
  })

  test('does not hide what another place still has, which is removed', async () => {
    const broken: Query = {
      layer: 'kubeconfig',
      looked: 'x',
      find: () => Promise.reject(new Error('no YAML')),
    }
    world = () => (sweeps === 0 ? ['left'] : [])
    expect(await verify({ queries: [query, broken] })).toMatchObject({ verdict: 'unknown', sweeps: 1 })
  })
})

describe('a verification', () => {
  test('ends when it is interrupted, and claims nothing', async () => {
    const stop = new AbortController()
    world = () => {
      stop.abort(new Error('stop'))
      return []
    }
    await expect(verify({ signal: stop.signal })).rejects.toThrow('stop')
  })

  test('says what it looks at, what it waits for and what it removes', async () => {
    world = (read) => (read === 1 ? ['left'] : [])
    await verify()
    expect(told).toEqual([
      'looking for volumes',
      'removing once more: volumes (left)',
      'looking for volumes',
      'nothing found; looking again in 2 s',
      'looking for volumes',
    ])
  })
})
