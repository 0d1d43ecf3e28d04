import { describe, expect, test } from 'vitest'
import { formatExpiry, isExpired, parseTimeToLive } from '../../../src/domain/expiry.ts'

const now = Date.UTC(2026, 0, 1)
const at = (ms: number): string => new Date(now + ms).toISOString()
const hour = 3_600_000

describe('a time to live', () => {
  test.each([
    ['4h', 4 * hour],
    ['2d', 48 * hour],
    ['365d', 365 * 24 * hour],
  ])('of %s is taken', (text, ms) => {
    expect(parseTimeToLive(text)).toBe(ms)
  })

  test.each(['366d', '0h', 'soon', '-1h'])('of %s is refused', (text) => {
    expect(() => parseTimeToLive(text)).toThrow(
      expect.objectContaining({ id: 'USAGE_INVALID', exitCode: 2 }) as Error,
    )
  })
})

describe('an expiry', () => {
  test.each([
    ['before', 1, false],
    ['at', 0, true],
    ['after', -1, true],
  ])('is over not earlier than its instant: %s', (_when, left, over) => {
    expect(isExpired({ expiresAt: at(left) }, now)).toBe(over)
  })

  test('that nobody set is never over', () => {
    expect(isExpired({}, now)).toBe(false)
  })

  test.each([
    [3 * hour, 'in 3h'],
    [4 * hour - 5, 'in 4h'],
    [3 * hour - 5, 'in 3h'],
    [90_000, 'in 90s'],
    [-2 * hour, '120m ago'],
    [-5 * hour, '5h ago'],
    [72 * hour, 'in 3d'],
  ])('is told from now', (left, text) => {
    expect(formatExpiry(at(left), now)).toBe(text)
  })
})
