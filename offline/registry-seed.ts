// Writes an image into a folder the way the registry Distribution keeps it, so that a registry has it when it starts.
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { imageConfig, sha256OfFile, type Image, type Layer } from './image-archive.ts'
import { runCommand } from './run-command.ts'

const MEDIA = 'application/vnd.oci.image'

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

/** Where Distribution keeps everything, below the folder that its configuration names. */
const STORE = 'docker/registry/v2'

/** Repository and tag of a reference on Docker's registry, e.g. library/node and 24-slim: the name that a mirror is asked for. */
export function repositoryAndTag(reference: string): readonly [repository: string, tag: string] {
  const [, repository, tag] = /^docker\.io\/([^:@]+):([^:@]+)$/.exec(reference) ?? []
  if (repository === undefined || tag === undefined)
    throw new Error(`${reference} is no tag on docker.io, which is what the registry stands in for`)
  return [repository, tag]
}

async function moveIn(
  folder: string,
  file: string,
  mediaType: string,
  signal: AbortSignal,
): Promise<Descriptor> {
  const hex = await sha256OfFile(file, signal)
  const { size } = await stat(file)
  const target = join(folder, STORE, 'blobs/sha256', hex.slice(0, 2), hex, 'data')
  await mkdir(dirname(target), { recursive: true })
  await rename(file, target)
  return { mediaType, digest: `sha256:${hex}`, size }
}

// GNU gzip gives the same bytes everywhere; Node's zlib does not, since it looks at the processor.
async function compress(layer: Layer, target: string, signal: AbortSignal): Promise<void> {
  await runCommand('sh', ['-c', 'exec gzip -n -6 < "$0" > "$1"', layer.file, target], { signal })
}

async function link(folder: string, path: string, digest: string): Promise<void> {
  const target = join(folder, STORE, 'repositories', path, 'link')
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, digest)
}

const asPath = (digest: string): string => digest.replace(':', '/')

/**
 * Adds an image to a registry's folder under its own name, compressed. Its layers unpack to those of `image`, so a node
 * that has the image needs none of them for an image built on it. Partial files lie in `folder` meanwhile.
 */
export async function seedRegistry(folder: string, image: Image, signal: AbortSignal): Promise<void> {
  const [repository, tag] = repositoryAndTag(image.reference)
  await mkdir(folder, { recursive: true })
  const partial = join(folder, 'partial')
  const takeText = async (text: string, mediaType: string): Promise<Descriptor> => {
    await writeFile(partial, text)
    return moveIn(folder, partial, mediaType, signal)
  }
  const layers: Descriptor[] = []
  for (const layer of image.layers) {
    await compress(layer, partial, signal)
    layers.push(await moveIn(folder, partial, `${MEDIA}.layer.v1.tar+gzip`, signal))
  }
  const config = await takeText(imageConfig(image), `${MEDIA}.config.v1+json`)
  const mediaType = `${MEDIA}.manifest.v1+json`
  const manifest = await takeText(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }), mediaType)
  for (const { digest } of [config, ...layers])
    await link(folder, `${repository}/_layers/${asPath(digest)}`, digest)
  const { digest } = manifest
  const manifests = `${repository}/_manifests`
  for (const place of [
    `revisions/${asPath(digest)}`,
    `tags/${tag}/current`,
    `tags/${tag}/index/${asPath(digest)}`,
  ])
    await link(folder, `${manifests}/${place}`, digest)
}
