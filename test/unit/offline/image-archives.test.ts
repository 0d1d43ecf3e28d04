// Archives from a folder are read within bounds, and a bad one is named with a way out.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { archiveListings, entryNameFor, versionIn } from '../../../offline/archive-recipes.ts'
import { findArchives, readArchiveReference } from '../../../offline/image-archives.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-archives-'))
})
afterEach(() => rm(folder, { recursive: true }))

function member(name: string, body: string, statedSize = body.length): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write(`${statedSize.toString(8).padStart(11, '0')}\0`, 124)
  header.write('        ', 148)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, Buffer.from(body), Buffer.alloc((512 - (body.length % 512)) % 512)])
}

const manifest = (...tags: string[]): string =>
  JSON.stringify([{ Config: 'c.json', RepoTags: tags, Layers: ['l'] }])
const archive = (...members: Buffer[]): Buffer => Buffer.concat([...members, Buffer.alloc(1024)])

async function put(name: string, content: Buffer): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

describe('an image archive', () => {
  const good = archive(member('l', 'x'.repeat(2000)), member('manifest.json', manifest('quay.io/a/b:v1')))

  it('tells its reference, plain and compressed', async () => {
    expect(await readArchiveReference(await put('a.tar', good))).toBe('quay.io/a/b:v1')
    expect(await readArchiveReference(await put('a.tar.gz', gzipSync(good)))).toBe('quay.io/a/b:v1')
  })

  it.each([
    ['text', Buffer.from('no archive '.repeat(100)), /not a tar archive/],
    ['nothing', Buffer.alloc(0), /no manifest\.json/],
    ['no manifest', archive(member('l', 'x')), /no manifest\.json/],
    ['a manifest that is cut off', member('manifest.json', '', 5000), /ends too early/],
    ['a manifest without end', archive(member('manifest.json', '', 2 ** 30)), /larger than 1 MiB/],
    ['a manifest that is not JSON', archive(member('manifest.json', '{')), /not JSON/],
    ['two names', archive(member('manifest.json', manifest('a:1', 'b:1'))), /one image with one name/],
    ['no name', archive(member('manifest.json', manifest())), /one image with one name/],
  ])('with %s is refused', async (_what, content, expected) => {
    await expect(readArchiveReference(await put('bad.tar', content))).rejects.toThrow(expected)
  })

  it('that is no gzip is refused', async () => {
    await expect(readArchiveReference(await put('bad.tar.gz', good))).rejects.toThrow(
      /cannot enter the bundle/,
    )
  })
})

describe('a folder of archives', () => {
  it('must have some', async () => {
    await put('readme.txt', Buffer.from('x'))
    await expect(findArchives(folder)).rejects.toThrow(/holds no \*\.tar/)
    await expect(findArchives(join(folder, 'missing'))).rejects.toThrow(/cannot be read/)
  })

  it('gives each image a name of its own', async () => {
    for (const [file, tag] of [
      ['1.tar', 'a/node:1'],
      ['2.tar', 'b/node:2'],
      ['3.tar', 'c/other:3'],
    ] as const)
      await put(file, archive(member('manifest.json', manifest(tag))))
    expect((await archiveListings(folder, ['node'])).map((listing) => listing.name)).toEqual([
      'node-2',
      'node-3',
      'other',
    ])
  })

  it('takes names and versions from references', () => {
    const reference = 'localhost:5000/pulumi/pulumi-kubernetes-operator:v2.9.0'
    expect([entryNameFor(reference), versionIn(reference)]).toEqual(['pulumi-kubernetes-operator', 'v2.9.0'])
    expect([entryNameFor('a/b@sha256:1'), versionIn('a/b@sha256:1')]).toEqual(['b', 'sha256:1'])
    expect(versionIn('a/b')).toBe('unknown')
  })
})
