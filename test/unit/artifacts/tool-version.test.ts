import { expect, test } from 'vitest'
import { isAccepted, parseToolVersion } from '../../../src/artifacts/tool-version.ts'

test.each([
  ['kind v0.32.0 go1.26.8 linux/amd64', '0.32.0'],
  ['v3.259.0\n', '3.259.0'],
  ['3.259.0', '3.259.0'],
  ['Client Version: v1.34.10\nKustomize Version: v5.7.1', '1.34.10'],
  ['Client Version: v1.32.4-dispatcher', '1.32.4'],
  ['kind v0.33.0-alpha.17+0d477639ab go1.26.4', '0.33.0'],
])('the version is found in "%s"', (output, version) => {
  expect(parseToolVersion(output)).toBe(version)
})

test.each([['command not found'], [''], ['go1.26']])('"%s" has no version', (output) => {
  expect(parseToolVersion(output)).toBeUndefined()
})

test('numbers are compared as numbers, the upper bound excluded', () => {
  const range = { from: '3.206.0', below: '4.0.0' }
  expect(isAccepted('3.206.0', range)).toBe(true)
  expect(isAccepted('3.1000.2', range)).toBe(true)
  expect(isAccepted('3.99.9', range)).toBe(false)
  expect(isAccepted('4.0.0', range)).toBe(false)
})
