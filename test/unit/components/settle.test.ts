import { describe, expect, test } from 'vitest'
import { settle } from '../../../src/components/gitops/settle.ts'
import type { ApplicationState } from '../../../src/domain/slots.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'
import { letTimePass } from '../../fakes/let-time-pass.ts'

const fine: ApplicationState = {
  name: 'web',
  sync: 'synced',
  health: 'healthy',
  message: '',
  revision: 'one',
  broken: false,
}

/** Applications that only tell how they are when they are asked to compare, as after a lost event. */
async function settled(
  states: readonly ApplicationState[],
  revision?: string,
): Promise<{ readonly result: unknown; readonly asked: string[][]; readonly told: string[] }> {
  const clock = new FakeClock()
  const asked: string[][] = []
  const told: string[] = []
  let wake: (() => void) | undefined
  const waiting = settle(
    new FakeCluster(),
    {
      async *observe() {
        for (const state of states) {
          yield [state]
          await new Promise<void>((resolve) => (wake = resolve))
        }
      },
      refresh: (_client, names) => {
        asked.push([...names])
        wake?.()
        return Promise.resolve()
      },
    },
    {
      ...(revision === undefined ? {} : { revision }),
      signal: new AbortController().signal,
      clock,
      onPending: (text) => told.push(text),
    },
  )
  const result = await letTimePass(
    clock,
    waiting.catch((error: unknown) => error),
  )
  return { result, asked, told }
}

describe('waiting for applications', () => {
  test('ends at once when all is as it should be', async () => {
    expect(await settled([fine])).toEqual({ result: [fine], asked: [], told: [] })
  })

  test('has those compared again that hang, and tells what is missing', async () => {
    const slow = { ...fine, health: 'progressing' } as const
    const { result, asked, told } = await settled([slow, fine])
    expect(result).toEqual([fine])
    expect(asked).toEqual([['web']])
    expect(told).toEqual(['web progressing'])
  })

  test('wants the commit that was pushed, not just any', async () => {
    const { result, asked } = await settled([fine, { ...fine, revision: 'two' }], 'two')
    expect(result).toEqual([{ ...fine, revision: 'two' }])
    expect(asked).toHaveLength(1)
  })

  test('gives up on what only a commit mends', async () => {
    const broken = { ...fine, sync: 'unknown', broken: true, message: 'line 4' } as const
    expect((await settled([broken])).result).toMatchObject({ id: 'APPLICATION_BROKEN' })
  })
})
