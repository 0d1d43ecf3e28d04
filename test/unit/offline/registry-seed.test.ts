// What a registry finds in its folder when it starts: an image under its name, whose layers are those of the node.
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { imageId, packLayer, type Image } from '../../../offline/image-archive.ts'
import { repositoryAndTag, seedRegistry } from '../../../offline/registry-seed.ts'

const signal = new AbortController().signal
const sha256 = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`

let root: string
let image: Image
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'play-seed-'))
  await mkdir(join(root, 'fill'))
  await writeFile(join(root, 'fill/program'), 'a program '.repeat(1000))
  const layer = await packLayer(join(root, 'fill'), join(root, 'layer.tar'), signal)
  image = {
    reference: 'docker.io/library/node:1.2.3-slim',
    settings: { command: ['node'] },
    layers: [layer],
  }
})
afterEach(() => rm(root, { recursive: true }))

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}
interface Manifest {
  readonly mediaType: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

const storeOf = (folder: string): string => join(folder, 'docker/registry/v2')

async function blob(folder: string, digest: string): Promise<Buffer> {
  const [, hex = ''] = digest.split(':')
  const content = await readFile(join(storeOf(folder), 'blobs/sha256', hex.slice(0, 2), hex, 'data'))
  expect(sha256(content)).toBe(digest)
  return content
}

async function tagged(folder: string): Promise<{ digest: string; manifest: Manifest }> {
  const tag = join(storeOf(folder), 'repositories/library/node/_manifests/tags/1.2.3-slim')
  const digest = await readFile(join(tag, 'current/link'), 'utf8')
  const [, hex = ''] = digest.split(':')
  expect(await readFile(join(tag, 'index/sha256', hex, 'link'), 'utf8')).toBe(digest)
  return { digest, manifest: JSON.parse(String(await blob(folder, digest))) as Manifest }
}

describe('the folder of a registry with an image from the beginning', () => {
  it('has the image under its repository and tag, with a link to everything it refers to', async () => {
    const folder = join(root, 'registry')
    await seedRegistry(folder, image, signal)
    const { digest, manifest } = await tagged(folder)
    expect(manifest.mediaType).toBe('application/vnd.oci.image.manifest.v1+json')
    const repository = join(storeOf(folder), 'repositories/library/node')
    const links = [
      ['_manifests/revisions', digest],
      ...[manifest.config, ...manifest.layers].map((one) => ['_layers', one.digest]),
    ]
    for (const [place = '', target = ''] of links)
      expect(await readFile(join(repository, place, target.replace(':', '/'), 'link'), 'utf8')).toBe(target)
    for (const one of [manifest.config, ...manifest.layers])
      expect((await blob(folder, one.digest)).length).toBe(one.size)
  })

  it('is the image of the node: the same id, and layers that unpack to the same digests', async () => {
    const folder = join(root, 'registry')
    await seedRegistry(folder, image, signal)
    const { manifest } = await tagged(folder)
    expect(manifest.config.digest).toBe(`sha256:${imageId(image)}`)
    const unpacked = await Promise.all(
      manifest.layers.map(async (layer) => sha256(gunzipSync(await blob(folder, layer.digest)))),
    )
    expect(unpacked).toEqual(image.layers.map((layer) => `sha256:${layer.digest}`))
  })

  it('is the same byte for byte each time it is made', async () => {
    await seedRegistry(join(root, 'one'), image, signal)
    await cp(join(root, 'layer.tar'), join(root, 'copy.tar'))
    const copied = image.layers.map((layer) => ({ ...layer, file: join(root, 'copy.tar') }))
    await seedRegistry(join(root, 'two'), { ...image, layers: copied }, signal)
    expect((await tagged(join(root, 'one'))).digest).toBe((await tagged(join(root, 'two'))).digest)
  })
})

describe('the name that a mirror is asked for', () => {
  it('is repository and tag on docker.io, and nothing else has one', () => {
    expect(repositoryAndTag('docker.io/library/node:24.21.0-slim')).toEqual(['library/node', '24.21.0-slim'])
    for (const other of ['quay.io/a/b:1', 'docker.io/library/node', `docker.io/library/node@sha256:ab`])
      expect(() => repositoryAndTag(other)).toThrow('docker.io')
  })
})
