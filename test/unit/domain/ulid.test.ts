import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { newUlid } from '../../../src/domain/ulid.ts'

const bytes = (value: number) => (size: number) => new Uint8Array(size).fill(value)

describe('a new id', () => {
  it('has 26 lower-case characters without i, l, o and u', () => {
    expect(newUlid(Date.now(), randomBytes)).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/)
  })

  it('is the ULID of its time and its random bits', () => {
    expect(newUlid(1469918176385, bytes(0))).toBe('01aryz6s410000000000000000')
    expect(newUlid(1469918176385, bytes(0xff))).toBe('01aryz6s41zzzzzzzzzzzzzzzz')
    expect(newUlid(2 ** 48 - 1, bytes(0xff))).toBe('7zzzzzzzzzzzzzzzzzzzzzzzzz')
  })

  it('sorts by time', () => {
    const ids = [1, 1000, 1_700_000_000_000, 1_700_000_000_001].map((now) => newUlid(now, randomBytes))
    expect([...ids].sort()).toEqual(ids)
  })
})
