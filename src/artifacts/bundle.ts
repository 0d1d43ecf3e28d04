// Finds, opens and verifies a bundle: a folder of artifacts with an index of their sums.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PlayError } from '../domain/errors.ts'
import { BUNDLE_INDEX_FILE, BundleIndexError, parseBundleIndex } from './bundle-index.ts'
import type { BundleEntry, BundleIndex } from './bundle-index.ts'
import { fileSha256 } from './file-hash.ts'

/** A bundle whose index has been read and found valid; its files are looked at when they are used. */
export interface Bundle {
  /** Absolute path. */
  readonly folder: string
  readonly index: BundleIndex
}

/** Where a bundle may be. */
export interface BundlePlaces {
  /** A folder that a person named (PLAY_BUNDLE); then no other is looked at, and its absence is an error. */
  readonly named?: string
  readonly cacheDir: string
  /** Bundles for another machine are passed over, unless named. */
  readonly platform: string
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

function invalid(path: string, reason: string, cause?: unknown): PlayError {
  return PlayError.of('BUNDLE_INVALID', { path, reason }, cause === undefined ? {} : { cause })
}

/** Reads the index in `folder`; undefined when there is none. Throws BUNDLE_INVALID for one that cannot be used. */
export async function openBundle(folder: string): Promise<Bundle | undefined> {
  let text: string
  try {
    text = await readFile(join(folder, BUNDLE_INDEX_FILE), 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw invalid(folder, error instanceof Error ? error.message : String(error), error)
  }
  try {
    return { folder, index: parseBundleIndex(text) }
  } catch (error) {
    if (error instanceof BundleIndexError) throw invalid(folder, error.problems.join('; '), error)
    throw error
  }
}

/** The folders that are looked at, in order. */
export function bundleFolders(places: BundlePlaces): readonly string[] {
  if (places.named !== undefined) return [places.named]
  return ['full', 'core'].map((profile) => join(places.cacheDir, 'bundles', profile))
}

/**
 * The bundle to use, or undefined: the named one, else the newest of those in the cache. A damaged one is passed
 * over if another can be used; if none can, it is an error, since silently doing without would hide the damage.
 * Only the index is read, once: this is on the way of every `play up`.
 */
export async function findBundle(places: BundlePlaces): Promise<Bundle | undefined> {
  const folders = bundleFolders(places)
  const looks = await Promise.allSettled(folders.map(openBundle))
  const opened = looks.flatMap((look) =>
    look.status === 'fulfilled' && look.value !== undefined ? [look.value] : [],
  )
  const usable = opened.filter(({ index }) => (index.platform as string) === places.platform)
  const newest = usable.toSorted(
    (left, right) => Date.parse(right.index.createdAt) - Date.parse(left.index.createdAt),
  )
  if (newest[0] !== undefined) return newest[0]
  for (const look of looks) if (look.status === 'rejected') throw look.reason
  if (places.named === undefined) return undefined
  const reason =
    opened[0] === undefined ? `it has no ${BUNDLE_INDEX_FILE}` : `it is not for ${places.platform}`
  throw invalid(places.named, reason)
}

/** The entry of that kind and name, if the bundle has it. */
export function findEntry(
  bundle: Bundle,
  kind: BundleEntry['kind'],
  matches: (entry: BundleEntry) => boolean,
): BundleEntry | undefined {
  return bundle.index.entries.find((entry) => entry.kind === kind && matches(entry))
}

function damaged(bundle: Bundle, entry: BundleEntry, how: string): PlayError {
  return PlayError.of('BUNDLE_DAMAGED', { path: bundle.folder, entries: [`${entry.name} (${how})`] })
}

/**
 * Path of an entry's file, after a look at its size. Throws BUNDLE_DAMAGED. The size finds what really happens to
 * a bundle (a copy that was interrupted, a full disk) for free; hashing a node image takes seconds in every `up`,
 * so sums are compared when a bundle is made and by `play bundle verify`, and for small files whenever they are read.
 */
export async function entryFile(bundle: Bundle, entry: BundleEntry & { path: string }): Promise<string> {
  const path = join(bundle.folder, entry.path)
  const size = await stat(path).then(
    (found) => found.size,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') throw damaged(bundle, entry, 'missing')
      throw error
    },
  )
  if (size !== entry.size) throw damaged(bundle, entry, `${String(size)} of ${String(entry.size)} bytes`)
  return path
}

/** What was found of one entry. */
export interface EntryCheck {
  readonly entry: BundleEntry
  readonly status: 'ok' | 'damaged' | 'missing'
  /** A few words on what is wrong; empty when nothing is. */
  readonly detail: string
}

async function checkFile(
  path: string,
  entry: BundleEntry,
  options: { readonly signal: AbortSignal; readonly onBytes: (count: number) => void },
): Promise<EntryCheck> {
  try {
    const { size } = await stat(path)
    if (size !== entry.size)
      return { entry, status: 'damaged', detail: `${String(size)} bytes, not ${String(entry.size)}` }
    const sum = await fileSha256(path, options)
    if (sum === entry.sha256) return { entry, status: 'ok', detail: '' }
    return { entry, status: 'damaged', detail: `sha256 ${sum}, not ${entry.sha256}` }
  } catch (error) {
    options.signal.throwIfAborted()
    if (codeOf(error) === 'ENOENT') return { entry, status: 'missing', detail: path }
    return { entry, status: 'damaged', detail: error instanceof Error ? error.message : String(error) }
  }
}

/** Reads every file of the bundle and compares its sum; an image inside a node image is as sound as that. */
export async function checkEntries(
  bundle: Bundle,
  options: { readonly signal: AbortSignal; readonly onBytes: (count: number) => void },
): Promise<readonly EntryCheck[]> {
  const checks = new Map<string, EntryCheck>()
  for (const entry of bundle.index.entries)
    if (entry.path !== undefined)
      checks.set(entry.name, await checkFile(join(bundle.folder, entry.path), entry, options))
  return bundle.index.entries.map((entry) => {
    const carrier = entry.containedIn === undefined ? undefined : checks.get(entry.containedIn)
    const own = checks.get(entry.name)
    if (own !== undefined) return own
    const status = carrier?.status ?? 'missing'
    return { entry, status, detail: status === 'ok' ? '' : `it is inside ${entry.containedIn ?? 'nothing'}` }
  })
}
