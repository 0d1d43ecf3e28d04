import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { extractMember } from '../../../src/artifacts/tar-member.ts'
import { tarGz, type TarMember } from '../../fakes/tar-archive.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-tar-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function extract(archive: Buffer, maxBytes = 1e6): Promise<{ sha256: string; size: number }> {
  await writeFile(join(folder, 'archive'), archive)
  return extractMember({
    archive: join(folder, 'archive'),
    member: 'pulumi/pulumi',
    to: join(folder, 'program'),
    maxBytes,
    signal: new AbortController().signal,
  })
}

describe('the one member that is wanted', () => {
  const content = randomBytes(200_000)
  const sha256 = createHash('sha256').update(content).digest('hex')

  test.each<[string, readonly TarMember[]]>([
    ['alone', [{ name: 'pulumi/pulumi', content }]],
    [
      'among others',
      [
        { name: 'pulumi/pulumi-watch', content: 'x'.repeat(700) },
        { name: 'pulumi/pulumi', content },
      ],
    ],
    ['behind "./"', [{ name: './pulumi/pulumi', content }]],
    [
      'after a pax header',
      [
        { name: 'pax', type: 'x', content: '20 mtime=1700000.25\n' },
        { name: 'pulumi/pulumi', content },
      ],
    ],
  ])('is written, %s', async (_where, members) => {
    expect(await extract(tarGz(members))).toEqual({ sha256, size: content.length })
    expect((await readFile(join(folder, 'program'))).equals(content)).toBe(true)
    expect((await readdir(folder)).sort()).toEqual(['archive', 'program'])
  })
})

test.each<[string, readonly TarMember[], string]>([
  ['a symbolic link', [{ name: 'pulumi/pulumi', type: '2', link: '/bin/sh' }], 'not a regular file'],
  ['a folder', [{ name: 'pulumi/pulumi', type: '5' }], 'not a regular file'],
  ['another path that ends alike', [{ name: '../pulumi/pulumi', content: 'x' }], 'holds no pulumi/pulumi'],
  ['nothing', [], 'holds no pulumi/pulumi'],
])('%s under that name is refused', async (_what, members, reason) => {
  await expect(extract(tarGz(members))).rejects.toThrow(reason)
})

test('a member larger than allowed is refused before it is written', async () => {
  const archive = tarGz([{ name: 'pulumi/pulumi', content: 'x'.repeat(2000) }])
  await expect(extract(archive, 1999)).rejects.toThrow('too large')
})

test('[row 31] an archive that inflates to much more before the member is refused soon', async () => {
  const bomb = tarGz([
    { name: 'pulumi/other', content: Buffer.alloc(2_000_000) },
    { name: 'pulumi/pulumi', content: 'x' },
  ])
  expect(bomb.length).toBeLessThan(20_000)
  await expect(extract(bomb, 400_000)).rejects.toThrow('the archive is too large')
  await rm(join(folder, 'program'))
  await expect(extract(bomb, 600_000)).resolves.toMatchObject({ size: 1 })
})

test('an archive that is cut off or no archive at all is refused', async () => {
  const archive = tarGz([{ name: 'pulumi/pulumi', content: randomBytes(50_000) }])
  await expect(extract(archive.subarray(0, 20_000))).rejects.toThrow()
  await rm(join(folder, 'program'))
  await expect(extract(Buffer.from('<html>'))).rejects.toThrow()
  await rm(join(folder, 'program'))
  await expect(extract(gzipSync(Buffer.alloc(700, 'x')))).rejects.toThrow('unreadable size')
})
