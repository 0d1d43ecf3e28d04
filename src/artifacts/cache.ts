// The content-addressed cache: files by their sha256, and receipts that say which sum an address once gave.
import { createHash, randomUUID } from 'node:crypto'
import { chmod, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PlayError } from '../domain/errors.ts'

/** A file of the cache. */
export interface CachedFile {
  readonly path: string
  readonly sha256: string
  readonly size: number
}

/** What was learnt once and need not be learnt again: the sum of the content that a key leads to. */
export interface Receipt {
  readonly key: string
  readonly sha256: string
  /** ISO 8601 instant. */
  readonly recordedAt: string
}

/** Files by content under one folder, which any number of processes may share: nothing is visible before it is whole. */
export interface Cache {
  /** The file with this sum, if it is there. Its name is its proof: it got it after its content was verified. */
  find(sha256: string): Promise<CachedFile | undefined>
  /** Path of a file or folder yet to be made, which `adopt` takes or the next day's sweep removes. */
  temporary(): Promise<string>
  /** Takes a finished file whose sum the caller has verified, as data or as a program that can be run. */
  adopt(temporary: string, sha256: string, mode: 'data' | 'program'): Promise<CachedFile>
  /** Forgets a file that turned out to be damaged. */
  discard(sha256: string): Promise<void>
  recall(key: string): Promise<Receipt | undefined>
  remember(key: string, sha256: string): Promise<void>
}

const MODES = { data: 0o644, program: 0o755 } as const
const STALE_MS = 24 * 60 * 60 * 1000

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const suggestions = ['Make the folder writable, or set XDG_CACHE_HOME to one that is']
    throw PlayError.of('STATE_UNWRITABLE', { path, reason }, { cause: error, suggestions })
  }
  return path
}

/** Removes what a killed process left behind a day ago or earlier; whatever cannot be removed is left. */
async function sweep(folder: string, now: number): Promise<void> {
  const names = await readdir(folder)
  await Promise.allSettled(
    names.map(async (name) => {
      const path = join(folder, name)
      if (now - (await stat(path)).mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true })
    }),
  )
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The cache in the folder `root`, which is made when something is first put there. `now` is in milliseconds. */
export function createCache(root: string, now: () => number): Cache {
  const blobs = join(root, 'blobs', 'sha256')
  const receipts = join(root, 'receipts')
  const temporaries = join(root, 'tmp')
  const receiptPath = (key: string): string =>
    join(receipts, `${createHash('sha256').update(key).digest('hex')}.json`)
  let swept: Promise<void> | undefined

  const find = async (sha256: string): Promise<CachedFile | undefined> => {
    const path = join(blobs, sha256)
    try {
      const found = await stat(path)
      return found.isFile() ? { path, sha256, size: found.size } : undefined
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  return {
    find,
    async temporary() {
      await makeFolder(temporaries)
      swept ??= sweep(temporaries, now())
      await swept
      return join(temporaries, randomUUID())
    },
    async adopt(temporary, sha256, mode) {
      await makeFolder(blobs)
      await chmod(temporary, MODES[mode])
      await syncFile(temporary)
      const path = join(blobs, sha256)
      await rename(temporary, path)
      return { path, sha256, size: (await stat(path)).size }
    },
    discard: (sha256) => rm(join(blobs, sha256), { force: true }),
    async recall(key) {
      try {
        const receipt = JSON.parse(await readFile(receiptPath(key), 'utf8')) as Receipt
        return receipt.key === key ? receipt : undefined
      } catch (error) {
        // A receipt cut off by a crash says nothing, just like none.
        if (isMissing(error) || error instanceof SyntaxError) return undefined
        throw error
      }
    },
    async remember(key, sha256) {
      await makeFolder(receipts)
      const receipt: Receipt = { key, sha256, recordedAt: new Date(now()).toISOString() }
      const temporary = `${receiptPath(key)}.${randomUUID()}`
      await writeFile(temporary, `${JSON.stringify(receipt)}\n`)
      await rename(temporary, receiptPath(key))
    },
  }
}
