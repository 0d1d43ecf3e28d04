import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { manifestFileListings } from '../../../offline/manifest-files.ts'

const text = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: operator }\n'
const sha256 = createHash('sha256').update(text).digest('hex')
const url = 'https://example.org/install.yaml'
const pins = {
  'pulumi-operator': { version: 'v2.9.0', provenance: 'a test', files: [{ url, sha256 }] },
}
const { signal } = new AbortController()
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-manifests-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

test('a pinned manifest is known by its content, whatever its name', async () => {
  await writeFile(join(folder, 'whatever.yaml'), text)
  const [listing] = await manifestFileListings(folder, pins, ['pulumi-kubernetes-operator'], signal)
  expect(listing).toMatchObject({ kind: 'manifest', name: 'pulumi-operator', version: 'v2.9.0', source: url })
})

test('another manifest is refused', async () => {
  await writeFile(join(folder, 'other.yaml'), `${text}# changed\n`)
  await expect(manifestFileListings(folder, pins, [], signal)).rejects.toThrow(/no manifest that play knows/)
})

test('an image without the manifest that it needs is refused, with the address of the file', async () => {
  await expect(
    manifestFileListings(folder, pins, ['pulumi-kubernetes-operator'], signal),
  ).rejects.toMatchObject({ next: [expect.stringContaining(url)] })
  expect(await manifestFileListings(folder, pins, ['busybox'], signal)).toEqual([])
})
