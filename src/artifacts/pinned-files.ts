// Gets the pinned files: from the cache by their sum, else from the vendor, verified.
import { readFile, rm } from 'node:fs/promises'
import { PlayError } from '../domain/errors.ts'
import type { Reporter } from '../engine/step.ts'
import type { Cache, CachedFile } from './cache.ts'
import { checksumFor } from './checksum-document.ts'
import type { Downloader } from '../domain/downloader.ts'
import type { PinnedFile } from './pins.ts'

/** How one pinned file is fetched. */
export interface FetchOptions {
  /** For a person: "kind 0.32.0". */
  readonly what: string
  readonly maxBytes: number
  readonly mode: 'data' | 'program'
  readonly signal: AbortSignal
  readonly report?: Reporter
}

/** The pinned files, wherever they are. */
export interface PinnedFiles {
  /** What the cache holds of it, without a network. */
  cached(file: PinnedFile): Promise<CachedFile | undefined>
  /** The file, fetched unless it is cached. Throws DOWNLOAD_FAILED or CHECKSUM_MISMATCH. */
  fetch(file: PinnedFile, options: FetchOptions): Promise<CachedFile>
}

const MAX_CHECKSUM_DOCUMENT_BYTES = 256 * 1024

/** Makes the access to pinned files from its two sides. */
export function createPinnedFiles(cache: Cache, downloader: Downloader): PinnedFiles {
  /** The sum that play ships, or the one that was remembered when the file was first fetched. */
  const knownSum = async (file: PinnedFile): Promise<string | undefined> =>
    file.sha256 ?? (await cache.recall(file.url))?.sha256

  const cached = async (file: PinnedFile): Promise<CachedFile | undefined> => {
    const sum = await knownSum(file)
    return sum === undefined ? undefined : cache.find(sum)
  }

  const vendorSum = async (checksumUrl: string, url: string, options: FetchOptions): Promise<string> => {
    const to = await cache.temporary()
    const what = `checksum of ${options.what}`
    const { signal } = options
    await downloader.download({ url: checksumUrl, what, to, maxBytes: MAX_CHECKSUM_DOCUMENT_BYTES, signal })
    const document = await readFile(to, 'utf8')
    await rm(to, { force: true })
    const fileName = new URL(url).pathname.split('/').at(-1) ?? ''
    const sum = checksumFor(document, fileName)
    if (sum === undefined)
      throw PlayError.of('DOWNLOAD_FAILED', { url: checksumUrl, reason: `it has no sha256 of ${fileName}` })
    return sum
  }

  const download = async (file: PinnedFile, sha256: string, options: FetchOptions): Promise<CachedFile> => {
    const { what, maxBytes, signal, report } = options
    let first: unknown
    for (const url of [file.url, ...(file.mirrors ?? [])]) {
      const to = await cache.temporary()
      try {
        await downloader.download({ url, what, to, sha256, maxBytes, signal, ...(report ? { report } : {}) })
        return await cache.adopt(to, sha256, options.mode)
      } catch (error) {
        // A mirror helps against a server that is down. Content that is wrong is a warning, not an outage.
        if (!(error instanceof PlayError && error.id === 'DOWNLOAD_FAILED')) throw error
        first ??= error
      }
    }
    throw first
  }

  return {
    cached,
    async fetch(file, options) {
      const known = await knownSum(file)
      const found = known === undefined ? undefined : await cache.find(known)
      if (found !== undefined) return found
      if (known !== undefined) return download(file, known, options)
      const checksumUrl = file.checksumUrl ?? `${file.url}.sha256`
      const sha256 = await vendorSum(checksumUrl, file.url, options)
      const fetched = await download(file, sha256, options)
      await cache.remember(file.url, sha256)
      const warning = PlayError.of('CHECKSUM_UNPINNED', { what: options.what, checksumUrl, sha256 })
      options.report?.warn(warning.id, warning.message)
      return fetched
    },
  }
}
