import { describe, expect, test } from 'vitest'
import { formatBytes, parseBytes } from '../../../src/domain/quantity.ts'

describe('a quantity of memory', () => {
  test.each([
    ['128Mi', 128 * 2 ** 20],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['64M', 64e6],
    ['134217728', 134_217_728],
    ['1e6', 1e6],
    ['128974848000m', 128_974_848],
    ['', 0],
    ['much', 0],
    ['12Xi', 0],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  test.each([
    [0, '0 MiB'],
    [12.2 * 2 ** 20, '13 MiB'],
    [999 * 2 ** 20, '999 MiB'],
    [1.25 * 2 ** 30, '1.3 GiB'],
  ])('of %d bytes reads %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})
