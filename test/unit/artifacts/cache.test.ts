import { createHash } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCache, type Cache } from '../../../src/artifacts/cache.ts'

const now = Date.UTC(2026, 0, 2)
const sum = createHash('sha256').update('content').digest('hex')

let root: string
let cache: Cache
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'play-cache-'))
  cache = createCache(root, () => now)
})
afterEach(() => rm(root, { recursive: true }))

async function put(mode: 'data' | 'program'): Promise<void> {
  const temporary = await cache.temporary()
  await writeFile(temporary, 'content')
  await cache.adopt(temporary, sum, mode)
}

test('a file is found by its sum once it was adopted, also by another process', async () => {
  expect(await cache.find(sum)).toBeUndefined()
  await put('data')
  const found = await createCache(root, () => now).find(sum)
  expect(found).toEqual({ path: join(root, 'blobs', 'sha256', sum), sha256: sum, size: 7 })
  expect(await readFile(found?.path ?? '', 'utf8')).toBe('content')
  expect(await readdir(join(root, 'tmp'))).toEqual([])
})

test('a program can be run, data cannot', async () => {
  await put('program')
  expect((await stat(join(root, 'blobs', 'sha256', sum))).mode & 0o777).toBe(0o755)
  await put('data')
  expect((await stat(join(root, 'blobs', 'sha256', sum))).mode & 0o777).toBe(0o644)
})

test('a discarded file is gone, and discarding nothing is quiet', async () => {
  await put('data')
  await cache.discard(sum)
  await cache.discard(sum)
  expect(await cache.find(sum)).toBeUndefined()
})

test('a receipt is recalled by its key only', async () => {
  await cache.remember('https://host/file', sum)
  const receipt = { key: 'https://host/file', sha256: sum, recordedAt: '2026-01-02T00:00:00.000Z' }
  expect(await cache.recall('https://host/file')).toEqual(receipt)
  expect(await cache.recall('https://host/other')).toBeUndefined()
})

test('a receipt that was cut off counts as none', async () => {
  await cache.remember('key', sum)
  const [name = ''] = await readdir(join(root, 'receipts'))
  await writeFile(join(root, 'receipts', name), '{"key":"k')
  expect(await cache.recall('key')).toBeUndefined()
})

test('what a killed process left is swept after a day, what another one is writing stays', async () => {
  const temporary = await cache.temporary()
  await writeFile(temporary, 'old')
  await writeFile(`${temporary}.new`, 'new')
  const dayAgo = new Date(now - 25 * 60 * 60 * 1000)
  await utimes(temporary, dayAgo, dayAgo)
  await utimes(`${temporary}.new`, new Date(now), new Date(now))
  await createCache(root, () => now).temporary()
  const left = await readdir(join(root, 'tmp'))
  expect(left).toHaveLength(1)
  expect(left[0]).toMatch(/\.new$/)
})

test('a folder that cannot be made is a prerequisite with advice', async () => {
  await writeFile(join(root, 'file'), '')
  const broken = createCache(join(root, 'file'), () => now)
  await expect(broken.temporary()).rejects.toMatchObject({ id: 'STATE_UNWRITABLE', exitCode: 3 })
})
