// Lays out a finished bundle: an index, and hard links to the blobs it names.
import { copyFile, link, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  BUNDLE_FORMAT_VERSION,
  BUNDLE_INDEX_FILE,
  formatBundleIndex,
  parseBundleIndex,
  validateBundleIndex,
  type BundleEntry,
  type BundleIndex,
  type BundleProfile,
} from '../src/artifacts/bundle-index.ts'
import type { BlobStore } from './blob-store.ts'
import { NODE_IMAGES } from './component-images.ts'
import { VERSIONS } from './go-modules.ts'
import type { ContainedImage } from './image-recipes.ts'
import { writeDurably, type RecipeRecord } from './recipe-records.ts'
import type { Listing } from './recipes.ts'

const BLOBS = 'blobs/sha256'

function containedEntries(record: RecipeRecord, node: string): BundleEntry[] {
  const images = (record.facts['images'] ?? []) as unknown as readonly ContainedImage[]
  return NODE_IMAGES.flatMap((image) => {
    const made = images.find((one) => one.name === image.name)
    if (made === undefined) return []
    const { name, version, description, source, reference } = image
    const identity = { size: made.size, sha256: made.id }
    return [
      {
        ...{ name, kind: 'image' as const, version, description, source },
        ...identity,
        reference,
        containedIn: node,
      },
    ]
  })
}

/** The entries that one made recipe brings: its file, and for a node image every image inside. */
export function entriesOf(listing: Listing, record: RecipeRecord): BundleEntry[] {
  const output = record.outputs.find((one) => one.name === listing.name)
  if (output === undefined)
    throw new Error(`the record of ${listing.recipe.id} has no output ${listing.name}`)
  const { name, kind, version, description, source, reference } = listing
  const entry: BundleEntry = {
    ...{ name, kind, version, description, source },
    ...{ size: output.size, sha256: output.sha256, path: `${BLOBS}/${output.sha256}` },
    ...(reference === undefined ? {} : { reference: reference(record.key) }),
  }
  return kind === 'node-image' ? [entry, ...containedEntries(record, name)] : [entry]
}

async function presentIndex(folder: string): Promise<BundleIndex | undefined> {
  const text = await readFile(join(folder, BUNDLE_INDEX_FILE), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return parseBundleIndex(text)
  } catch {
    // An index that cannot be read is written anew.
    return undefined
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all([one, other].map((path) => stat(path).catch(() => undefined)))
  return left !== undefined && left.ino === right?.ino && left.dev === right.dev
}

async function linkBlob(blob: string, target: string): Promise<void> {
  if (await isSameFile(blob, target)) return
  const partial = `${target}.partial-${String(process.pid)}`
  await rm(partial, { force: true })
  await link(blob, partial).catch(() => copyFile(blob, partial))
  await rename(partial, target)
}

/** What a bundle is to hold. */
export interface BundleContent {
  readonly profile: BundleProfile
  readonly entries: readonly BundleEntry[]
}

function indexFor(content: BundleContent, createdAt: string): BundleIndex {
  // Validating also gives the order of fields that a parsed index has, so that the two can be compared.
  return validateBundleIndex({
    ...{ formatVersion: BUNDLE_FORMAT_VERSION, profile: content.profile, platform: 'linux/amd64', createdAt },
    ...{ kubernetesVersion: VERSIONS.kubernetes, entries: content.entries },
  })
}

const filesOf = (content: BundleContent): BundleEntry[] =>
  content.entries.filter((entry) => entry.path !== undefined)

/** True when the folder holds exactly this already: the same index, and the blobs themselves behind every path. */
export async function isBundleCurrent(
  folder: string,
  content: BundleContent,
  blobs: BlobStore,
): Promise<boolean> {
  const present = await presentIndex(folder)
  if (present === undefined) return false
  if (formatBundleIndex(present) !== formatBundleIndex(indexFor(content, present.createdAt))) return false
  for (const { sha256 } of filesOf(content))
    if (!(await isSameFile(blobs.pathOf(sha256), join(folder, BLOBS, sha256)))) return false
  return true
}

/**
 * Makes the folder hold exactly the given entries. The index is replaced after the files are there and before those
 * that it no longer names go, so a reader never finds one that names a missing file.
 */
export async function writeBundle(
  folder: string,
  content: BundleContent,
  blobs: BlobStore,
  now: Date,
): Promise<void> {
  await mkdir(join(folder, BLOBS), { recursive: true })
  const files = filesOf(content)
  for (const entry of files) await linkBlob(blobs.pathOf(entry.sha256), join(folder, BLOBS, entry.sha256))
  await writeDurably(join(folder, BUNDLE_INDEX_FILE), formatBundleIndex(indexFor(content, now.toISOString())))
  const named = new Set(files.map((entry) => entry.sha256))
  for (const name of await readdir(join(folder, BLOBS)))
    if (!named.has(name)) await rm(join(folder, BLOBS, name))
}
