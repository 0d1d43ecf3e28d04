import { describe, expect, test } from 'vitest'
import type { PlayError } from '../../../src/domain/errors.ts'
import type { LayerFinding } from '../../../src/domain/results.ts'
import type { Query } from '../../../src/domain/source.ts'
import { requireEmpty, takeInventory } from '../../../src/inventory/inventory.ts'

const { signal } = new AbortController()

function query(layer: string, find: Query['find']): Query {
  return { layer, looked: `for ${layer}`, find }
}

const empty = query('containers', () => Promise.resolve([]))
const full = query('volumes', () =>
  Promise.resolve([{ what: 'one', createdAt: '2026-01-01T00:00:00.000Z' }, { what: 'two' }]),
)
const broken = query('network', () => Promise.reject(new Error('cannot connect')))

function thrown(findings: readonly LayerFinding[]): unknown {
  try {
    requireEmpty('dev', findings)
    return undefined
  } catch (error) {
    return error
  }
}

describe('an inventory', () => {
  test('says of each place what is there, in the order of the questions', async () => {
    expect(await takeInventory([empty, full], signal)).toEqual([
      { layer: 'containers', looked: 'for containers', result: 'absent', found: [], items: [] },
      {
        layer: 'volumes',
        looked: 'for volumes',
        result: 'present',
        found: ['one', 'two'],
        items: [{ what: 'one', createdAt: '2026-01-01T00:00:00.000Z' }, { what: 'two' }],
      },
    ])
  })

  test('[row 7] takes no error for absence, and asks on', async () => {
    const findings = await takeInventory([broken, full], signal)
    expect(findings[0]).toEqual({
      layer: 'network',
      looked: 'for network',
      result: 'unknown',
      found: ['cannot connect'],
      items: [],
    })
    expect(findings[1]?.result).toBe('present')
  })

  test('ends when it is interrupted, and claims nothing', async () => {
    const interrupt = new AbortController()
    const slow = query('containers', () => {
      interrupt.abort(new Error('interrupted'))
      return Promise.reject(new Error('killed'))
    })
    await expect(takeInventory([slow], interrupt.signal)).rejects.toThrow('interrupted')
  })

  test('[row 7] that is interrupted while a place answers "nothing" claims nothing either', async () => {
    const interrupt = new AbortController()
    const hasty = query('containers', () => {
      interrupt.abort(new Error('interrupted'))
      return Promise.resolve([])
    })
    await expect(takeInventory([hasty], interrupt.signal)).rejects.toThrow('interrupted')
  })
})

describe('emptiness', () => {
  test('is what only absence everywhere proves', async () => {
    expect(thrown(await takeInventory([empty, empty], signal))).toBeUndefined()
    expect(thrown([])).toBeUndefined()
  })

  test('is denied with every leftover listed', async () => {
    const error = thrown(await takeInventory([empty, full], signal)) as PlayError
    expect(error).toMatchObject({
      id: 'LEFTOVERS_FOUND',
      exitCode: 9,
      details: ['volumes: present: one, two'],
    })
    expect(error.message).toContain('2 things are left')
  })

  test('is not claimed where a place could not be looked at', async () => {
    const error = thrown(await takeInventory([empty, broken], signal))
    expect(error).toMatchObject({
      id: 'EMPTINESS_UNKNOWN',
      exitCode: 10,
      details: ['network: unknown: cannot connect'],
    })
  })

  test('is denied first of all by what was found, and what is not known is told with it', async () => {
    const error = thrown(await takeInventory([full, broken], signal)) as PlayError
    expect(error.id).toBe('LEFTOVERS_FOUND')
    expect(error.details).toHaveLength(2)
  })
})
