/** The file that opens a registry: docker's config.json, of which one entry leaves it. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readRegistryCredentials } from '../../src/adapters/registry-credentials.ts'
import type { RegistryCredentials } from '../../src/domain/registry-slot.ts'

/** me:hunter2 */
const auth = 'bWU6aHVudGVyMg=='

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-registry-'))
  path = join(folder, 'config.json')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function read(url: string, document: unknown, mode = 0o600): Promise<RegistryCredentials | undefined> {
  await writeFile(path, typeof document === 'string' ? document : JSON.stringify(document))
  await chmod(path, mode)
  return readRegistryCredentials({ url, credentials: path })
}

async function entry(url: string, auths: unknown): Promise<unknown> {
  return JSON.parse((await read(url, { auths }))?.dockerConfig ?? '')
}

describe('credentials of a registry', () => {
  test('are none where no file was given', async () => {
    expect(await readRegistryCredentials({ url: 'https://ghcr.io/me' })).toBeUndefined()
  })

  test('are the entry of its host alone', async () => {
    const auths = { 'quay.io': { auth: 'eDp5' }, 'ghcr.io': { auth, email: 'me@example.org' } }
    const document = { auths, credHelpers: { 'example.org': 'pass' }, HttpHeaders: { a: 'b' } }
    expect(JSON.parse((await read('https://ghcr.io/me', document))?.dockerConfig ?? '')).toEqual({
      auths: { 'ghcr.io': { auth } },
    })
  })

  test.each([
    ['http://10.0.0.1:5000/x', '10.0.0.1:5000', '10.0.0.1:5000'],
    ['https://ghcr.io/me', 'https://ghcr.io', 'ghcr.io'],
    ['https://ghcr.io/me', 'https://ghcr.io/v2/', 'ghcr.io'],
    ['https://docker.io/me', 'https://index.docker.io/v1/', 'https://index.docker.io/v1/'],
    ['https://docker.io/me', 'docker.io', 'https://index.docker.io/v1/'],
  ])('of %s may be called %s', async (url, key, kept) => {
    expect(await entry(url, { [key]: { auth } })).toEqual({ auths: { [kept]: { auth } } })
  })

  test('of its path go before those of its host', async () => {
    const auths = { 'ghcr.io': { auth: 'eDp5' }, 'ghcr.io/me': { auth } }
    expect(await entry('https://ghcr.io/me', auths)).toEqual({ auths: { 'ghcr.io': { auth } } })
  })

  test('may be written as user and password', async () => {
    expect(await entry('https://ghcr.io', { 'ghcr.io': { username: 'me', password: 'hunter2' } })).toEqual({
      auths: { 'ghcr.io': { auth } },
    })
  })

  test.each([
    ['other hosts', { auths: { 'quay.io': { auth } } }, 'it has no entry for ghcr.io'],
    ['a host with another port', { auths: { 'ghcr.io:5000': { auth } } }, 'it has no entry for ghcr.io'],
    ['a helper', { auths: { 'ghcr.io': {} }, credsStore: 'desktop' }, 'it has no entry for ghcr.io'],
    ['no entries', {}, 'it has no entry for ghcr.io'],
    ['nothing', null, 'it is no config.json'],
    ['no JSON', 'hunter2', 'it is no config.json'],
  ])('are refused, unsaid, in a file with %s', async (_what, document, reason) => {
    const failing: unknown = await read('https://ghcr.io/me', document).catch((error: unknown) => error)
    expect(failing).toMatchObject({
      id: 'REGISTRY_CREDENTIALS',
      exitCode: 3,
      message: expect.stringContaining(`${path} does not open ghcr.io: ${reason}`) as string,
    })
    expect(JSON.stringify(failing)).not.toMatch(/hunter2|aHVudGVyMg|bWU6/)
  })

  test('are refused where there is no file', async () => {
    await expect(
      readRegistryCredentials({ url: 'https://ghcr.io', credentials: path }),
    ).rejects.toMatchObject({
      id: 'REGISTRY_CREDENTIALS',
      message: expect.stringContaining('it is not there') as string,
    })
  })

  test.each([
    ['its owner alone', 0o600, false],
    ['a group too', 0o640, true],
    ['everybody', 0o644, true],
  ])('in a file for %s are known as such', async (_who, mode, isReadByOthers) => {
    const credentials = await read('https://ghcr.io', { auths: { 'ghcr.io': { auth } } }, mode)
    expect(credentials?.isReadByOthers).toBe(isReadByOthers)
  })
})
