// Remembers which recipe was made and what came out, one small file per key.
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncToDisk, type BlobStore } from './blob-store.ts'
import type { Json, Output } from './recipe.ts'

/** What is kept of a recipe that was made. */
export interface RecipeRecord {
  readonly id: string
  readonly key: string
  readonly outputs: readonly Output[]
  readonly facts: { readonly [name: string]: Json }
  /** How long it took, in seconds. */
  readonly seconds: number
}

const isOutput = (value: unknown): value is Output => {
  const output = value as Partial<Output> | null
  return (
    typeof output?.sha256 === 'string' && typeof output.size === 'number' && typeof output.name === 'string'
  )
}

/** Parses a record; undefined for anything that is not one, which is then simply made again. */
function parseRecord(text: string, key: string): RecipeRecord | undefined {
  try {
    const value = JSON.parse(text) as Partial<RecipeRecord> | null
    if (value?.key !== key || !Array.isArray(value.outputs) || !value.outputs.every(isOutput))
      return undefined
    const { id = '', outputs, facts = {}, seconds = 0 } = value
    return { id, key, outputs, facts, seconds }
  } catch {
    return undefined
  }
}

/** The records under one folder. */
export class RecipeRecords {
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** The record of a key, if it is readable and all its blobs are there with their size. */
  async find(key: string, blobs: BlobStore): Promise<RecipeRecord | undefined> {
    const text = await readFile(join(this.folder, `${key}.json`), 'utf8').catch(() => '')
    const record = parseRecord(text, key)
    if (record === undefined) return undefined
    for (const output of record.outputs) if (!(await blobs.has(output))) return undefined
    return record
  }

  /** Writes a record so that it is either there completely or not at all; its blobs must be durable already. */
  async write(record: RecipeRecord): Promise<void> {
    await mkdir(this.folder, { recursive: true })
    await writeDurably(join(this.folder, `${record.key}.json`), `${JSON.stringify(record, undefined, 2)}\n`)
    await syncToDisk(this.folder)
  }

  /**
   * Forgets images that were made by former recipes of the same ids, and takes away blobs that no record names. They
   * are large and quickly made again; programs, which take long, stay for whoever goes back to an older version.
   */
  async pruneImages(current: ReadonlyMap<string, string>, blobs: BlobStore): Promise<void> {
    const named = new Set<string>()
    for (const name of await readdir(this.folder)) {
      const key = name.replace(/\.json$/, '')
      const record = parseRecord(await readFile(join(this.folder, name), 'utf8'), key)
      const newer = record?.id.startsWith('image.') === true ? current.get(record.id) : undefined
      if (newer !== undefined && newer !== key) await rm(join(this.folder, name))
      else for (const output of record?.outputs ?? []) named.add(output.sha256)
    }
    await blobs.keepOnly(named)
  }
}

/** Replaces a file as a whole: a reader sees the old text or the new one, also after a crash. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const partial = `${path}.partial-${String(process.pid)}`
  const handle = await open(partial, 'w', 0o644)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(partial, path)
}
