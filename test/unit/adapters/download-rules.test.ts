import { expect, test } from 'vitest'
import { adviceFor, supportsProxies, toTransferError } from '../../../src/adapters/http-source.ts'
import { retryAfterMs } from '../../../src/adapters/verified-downloader.ts'

test('Retry-After is read as seconds and as a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  expect(retryAfterMs('3', now)).toBe(3000)
  expect(retryAfterMs('Thu, 01 Jan 2026 00:00:05 GMT', now)).toBe(5000)
  expect(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0)
  expect(retryAfterMs('soon', now)).toBeUndefined()
  expect(retryAfterMs(undefined, now)).toBeUndefined()
})

test.each([
  ['22.13.1', false],
  ['22.21.0', true],
  ['23.9.0', false],
  ['24.4.1', false],
  ['24.5.0', true],
  ['26.0.0', true],
])('Node %s can use a proxy: %s', (version, can) => {
  expect(supportsProxies(version)).toBe(can)
})

const coded = (code: string, message = code): Error => Object.assign(new Error(message), { code })

test.each(['ECONNRESET', 'EAI_AGAIN', 'ENOTFOUND', 'ETIMEDOUT', 'ERR_PROXY_TUNNEL'])(
  'a network that fails with %s is tried again',
  (code) => {
    expect(toTransferError(coded(code)).retryable).toBe(true)
  },
)

test.each(['ENOSPC', 'EACCES', 'CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN'])(
  '%s does not get better by trying again',
  (code) => {
    expect(toTransferError(coded(code)).retryable).toBe(false)
  },
)

test('an unknown certificate comes with the setting that makes it known', () => {
  const error = toTransferError(coded('SELF_SIGNED_CERT_IN_CHAIN'))
  expect(adviceFor(error)).toEqual([expect.stringContaining('NODE_EXTRA_CA_CERTS')])
})

test('a password in the address of a proxy stays secret', () => {
  const error = toTransferError(coded('ERR_PROXY_TUNNEL', 'tunnel via http://user:secret@proxy:3128 failed'))
  expect(error.message).toBe('tunnel via http://proxy:3128 failed')
})
