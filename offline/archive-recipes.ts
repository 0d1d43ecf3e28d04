// Turns image archives from a folder into recipes, so that they are read once and kept like everything else.
import { createHash } from 'node:crypto'
import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { findArchives, type FoundArchive } from './image-archives.ts'
import type { Listing } from './recipes.ts'

/** A short name for an entry, from an image reference: its last part without tag, e.g. `pulumi-kubernetes-operator`. */
export function entryNameFor(reference: string): string {
  const path = reference.split('@')[0]?.split('/').at(-1) ?? reference
  return path.split(':')[0] ?? path
}

/** The tag of a reference, or its digest, or `unknown`. */
export function versionIn(reference: string): string {
  const last = reference.split('/').at(-1) ?? ''
  return last.split('@')[1] ?? last.split(':')[1] ?? 'unknown'
}

function listingFor(archive: FoundArchive, name: string): Listing {
  const { file, reference, size, modified } = archive
  const identity = createHash('sha256').update(file).digest('hex').slice(0, 12)
  return {
    recipe: {
      id: `archive.${name}.${identity}`,
      title: `Add the image ${reference}`,
      inputs: [],
      ingredients: { file, reference, size, modified },
      usualSeconds: 5,
      track: 'beside',
      diskGigabytes: size / 1e9,
      result: 'blobs',
      make: async (bench) => {
        // A copy, not a link: what someone writes into the original later must not change a blob.
        const copy = join(bench.scratch, basename(file))
        await copyFile(file, copy)
        return { files: [{ name, file: copy, executable: false }] }
      },
    },
    ...{ core: true, kind: 'image', name, version: versionIn(reference) },
    description: `The image ${reference} as somebody put it into the folder of images; not built by play`,
    source: `archive:${basename(file)}`,
    reference: () => reference,
  }
}

/** Listings for all archives of a folder; `taken` names are given a number. @throws BuildError for a bad archive. */
export async function archiveListings(folder: string, taken: readonly string[]): Promise<Listing[]> {
  const used = new Set(taken)
  const listings: Listing[] = []
  for (const archive of await findArchives(folder)) {
    const plain = entryNameFor(archive.reference)
    let name = plain
    for (let number = 2; used.has(name); number += 1) name = `${plain}-${String(number)}`
    used.add(name)
    listings.push(listingFor(archive, name))
  }
  return listings
}
