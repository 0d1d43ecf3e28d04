import { describe, expect, test } from 'vitest'
import { formatAge, formatDuration, parseDuration } from '../../../src/domain/duration.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute

describe('a duration as people write it', () => {
  test.each([
    ['500ms', 500],
    ['90s', 90 * second],
    ['10m', 10 * minute],
    ['1h30m', 90 * minute],
    ['1.5h', 90 * minute],
    ['2d', 48 * hour],
    ['1m30s500ms', 90_500],
  ])('%s is %i milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', '10', 's', '-5s', '0s', '10 m', ' 10m', '10m!', '1e3s', '10x', 'ten minutes', '10M'])(
    '%j is none, and the error shows how to write one',
    (text) => {
      const attempt = (): number => parseDuration(text)
      expect(attempt).toThrow(/write it like 90s, 10m or 1h30m/)
      expect(attempt).toThrow(expect.objectContaining({ id: 'USAGE_INVALID', exitCode: 2 }) as Error)
    },
  )
})

describe('a duration as people read it', () => {
  test.each([
    [-5, '0.0s'],
    [0, '0.0s'],
    [840, '0.8s'],
    [9_940, '9.9s'],
    [12_000, '12s'],
    [59_600, '1m00s'],
    [65 * second, '1m05s'],
    [hour - 400, '1h00m'],
    [2 * hour + 3 * minute, '2h03m'],
    [47 * hour, '47h00m'],
    [98 * hour, '4d02h'],
  ])('%i milliseconds are %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

describe('an age', () => {
  test.each([
    [-5, '0s'],
    [119_900, '119s'],
    [2 * minute, '2m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [47 * hour, '47h'],
    [48 * hour, '2d'],
  ])('of %i milliseconds is %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text)
  })
})
