// Blobs are taken in whole, found by digest and size, and known as damaged when they are.
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BlobStore } from '../../../offline/blob-store.ts'
import type { Output } from '../../../offline/recipe.ts'
import { RecipeRecords } from '../../../offline/recipe-records.ts'
import { removeDamaged } from '../../../offline/recipe-steps.ts'

const signal = new AbortController().signal
let folder: string
let blobs: BlobStore
let output: Output
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-blobs-'))
  blobs = new BlobStore(join(folder, 'blobs'))
  await mkdir(join(folder, 'made'))
  await writeFile(join(folder, 'made', 'kind'), 'hello')
  output = await blobs.take({ name: 'kind', file: join(folder, 'made', 'kind'), executable: true }, signal)
})
afterEach(() => rm(folder, { recursive: true }))

const record = () => ({ id: 'go.kind', key: 'k1', outputs: [output], facts: {}, seconds: 1 })

describe('the blob store', () => {
  it('names a file by its content and makes a tool executable', async () => {
    expect(output.sha256).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824')
    expect((await stat(blobs.pathOf(output.sha256))).mode & 0o777).toBe(0o755)
    expect(await blobs.isSound(output, signal)).toBe(true)
  })

  it('misses a blob of another size without reading it', async () => {
    await writeFile(blobs.pathOf(output.sha256), 'hello!')
    expect(await blobs.has(output)).toBe(false)
  })

  it('finds a blob whose content changed though its size did not, and takes it away', async () => {
    await writeFile(blobs.pathOf(output.sha256), 'hellO')
    expect(await blobs.has(output)).toBe(true)
    expect(await removeDamaged(record(), blobs, signal)).toEqual([output])
    expect(await blobs.has(output)).toBe(false)
  })
})

describe('the record of a recipe', () => {
  it('is found while its blobs are there', async () => {
    const records = new RecipeRecords(join(folder, 'recipes'))
    await records.write(record())
    expect(await records.find('k1', blobs)).toEqual(record())
    await blobs.remove(output.sha256)
    expect(await records.find('k1', blobs)).toBeUndefined()
  })

  it('of an image goes when a newer recipe has its id, with its blob; that of a program stays', async () => {
    const records = new RecipeRecords(join(folder, 'recipes'))
    await writeFile(join(folder, 'made', 'node'), 'image')
    const image = await blobs.take(
      { name: 'node', file: join(folder, 'made', 'node'), executable: false },
      signal,
    )
    await records.write({ ...record(), id: 'image.node', key: 'old', outputs: [image] })
    await records.write(record())
    await records.pruneImages(
      new Map([
        ['image.node', 'new'],
        ['go.kind', 'new'],
      ]),
      blobs,
    )
    expect([await blobs.has(image), await blobs.has(output)]).toEqual([false, true])
    expect(await records.find('old', blobs)).toBeUndefined()
  })

  it('counts as missing when it is damaged or of another key', async () => {
    const records = new RecipeRecords(join(folder, 'recipes'))
    await records.write(record())
    await writeFile(join(folder, 'recipes', 'k2.json'), JSON.stringify(record()))
    await writeFile(join(folder, 'recipes', 'k3.json'), '{')
    expect([await records.find('k2', blobs), await records.find('k3', blobs)]).toEqual([undefined, undefined])
  })
})
