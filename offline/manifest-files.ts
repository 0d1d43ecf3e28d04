// Turns manifests that someone put beside image archives into recipes: only files that play has pinned are taken.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pins } from '../src/artifacts/pins.ts'
import { BuildError } from './build-error.ts'
import { sha256OfFile } from './image-archive.ts'
import { objectsOf } from './module-file-recipes.ts'
import type { Listing } from './recipes.ts'

/** Images that are of no use without a manifest, which no Go module brings. */
const needed: Readonly<Record<string, string>> = { 'pulumi-kubernetes-operator': 'pulumi-operator' }

/**
 * Listings of the *.yaml files of a folder, each the one file of a manifest in assets/versions.json. `images` are the
 * entries of the archives in the same folder. @throws BuildError for a file that is none, and for a manifest that an
 * image needs and that is not there.
 */
export async function manifestFileListings(
  folder: string,
  manifests: Pins['manifests'],
  images: readonly string[],
  signal: AbortSignal,
): Promise<Listing[]> {
  const listings: Listing[] = []
  for (const name of (await readdir(folder)).filter((each) => /\.ya?ml$/.test(each)).sort())
    listings.push(await listingFor(join(folder, name), manifests, signal))
  for (const [image, manifest] of Object.entries(needed)) {
    if (!images.includes(image) || listings.some(({ name }) => name === manifest)) continue
    const url = manifests[manifest]?.files[0]?.url ?? ''
    throw new BuildError(`the image ${image} needs its manifest beside it`, [
      `Put this file into ${folder}, as it is: ${url}`,
    ])
  }
  return listings
}

async function listingFor(file: string, manifests: Pins['manifests'], signal: AbortSignal): Promise<Listing> {
  const sha256 = await sha256OfFile(file, signal)
  const found = Object.entries(manifests).find(
    ([, { files }]) => files.length === 1 && files[0]?.sha256 === sha256,
  )
  if (found === undefined)
    throw new BuildError(`${file} is no manifest that play knows (sha256 ${sha256})`, [
      'Take it out of the folder; the manifests and their sums are in assets/versions.json.',
    ])
  const [name, { version, files }] = found
  return {
    recipe: {
      id: `manifest-file.${name}`,
      title: `Add the manifest ${name}`,
      inputs: [],
      ingredients: { sha256 },
      usualSeconds: 3,
      track: 'beside',
      diskGigabytes: 0.1,
      result: 'blobs',
      make: async (bench) => {
        const made = join(bench.scratch, `${name}.json`)
        const objects = objectsOf([await readFile(file, 'utf8')])
        await writeFile(made, JSON.stringify(objects))
        return { files: [{ name, file: made, executable: false }], facts: { objects: objects.length } }
      },
    },
    ...{ core: true, kind: 'manifest', name, version },
    description: `upstream's install manifest of ${name} as JSON, unchanged`,
    source: files[0]?.url ?? '',
  }
}
