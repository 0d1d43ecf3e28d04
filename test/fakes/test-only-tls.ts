/** Keys, certificates and a token that guard nothing; test/fixtures/tls/README.md tells how they were made. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'

const tlsFolder = join(import.meta.dirname, '../fixtures/tls')

/** A certificate or key that is for tests only. */
export function testOnlyTls(name: string): string {
  return readFileSync(join(tlsFolder, name), 'utf8')
}

/** The token that the stand-in accepts instead of a client certificate. */
export const testOnlyToken = 'test-only-token'

/** True for a request with our client certificate or our token. */
export function isAllowed({ socket, headers }: IncomingMessage): boolean {
  const isAuthorized = socket instanceof TLSSocket && socket.authorized
  return isAuthorized || headers.authorization === `Bearer ${testOnlyToken}`
}
