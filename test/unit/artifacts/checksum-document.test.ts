import { expect, test } from 'vitest'
import { checksumFor } from '../../../src/artifacts/checksum-document.ts'

const one = 'a'.repeat(64)
const other = 'b'.repeat(64)

test('a bare sum, as kubectl has it, needs no name', () => {
  expect(checksumFor(one, 'kubectl')).toBe(one)
  expect(checksumFor(`${one.toUpperCase()}\r\n`, 'kubectl')).toBe(one)
})

test('a line of shasum, as kind has it, counts for the named file only', () => {
  expect(checksumFor(`${one}  kind-linux-amd64\n`, 'kind-linux-amd64')).toBe(one)
  expect(checksumFor(`${one}  kind-linux-amd64\n`, 'kind-linux-arm64')).toBeUndefined()
})

test('of many lines, as pulumi has them, the one with the name counts', () => {
  const document = `${one}  pulumi-v3.259.0-linux-arm64.tar.gz\n${other} *./pulumi-v3.259.0-linux-x64.tar.gz\n`
  expect(checksumFor(document, 'pulumi-v3.259.0-linux-x64.tar.gz')).toBe(other)
})

test.each([
  ['an error page', '<html>rate limited</html>'],
  ['nothing', ''],
  ['two bare sums', `${one}\n${other}\n`],
  ['a sum that is too short', 'abc123  kubectl'],
])('%s is no checksum', (_what, document) => {
  expect(checksumFor(document, 'kubectl')).toBeUndefined()
})
