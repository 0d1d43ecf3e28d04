// Writes container images without a container engine: layers as tar files, images as docker archives.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { runCommand } from './run-command.ts'

/** One layer on disk. `digest` is the hex sha256 of the uncompressed tar: its diff id and, uncompressed, its blob. */
export interface Layer {
  readonly file: string
  readonly digest: string
  readonly size: number
}

/** What a container gets from its image besides files. */
export interface ImageSettings {
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly env?: readonly string[]
  readonly user?: string
  readonly workingDir?: string
  readonly stopSignal?: string
}

/** An image to be written: reference, settings, layers from the lowest to the uppermost. */
export interface Image {
  readonly reference: string
  readonly settings: ImageSettings
  readonly layers: readonly Layer[]
}

// One instant for everything, so that the same inputs give the same digests.
const CREATED = '2026-08-01T00:00:00Z'

const hexSha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Lower-case hex sha256 of a file. */
export async function sha256OfFile(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash, { signal })
  return hash.digest('hex')
}

/** The configuration of an image as JSON text; its sha256 is the image id. */
export function imageConfig(image: Image): string {
  const { settings } = image
  return JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: CREATED,
    config: {
      ...(settings.entrypoint === undefined ? {} : { Entrypoint: settings.entrypoint }),
      ...(settings.command === undefined ? {} : { Cmd: settings.command }),
      ...(settings.user === undefined ? {} : { User: settings.user }),
      ...(settings.workingDir === undefined ? {} : { WorkingDir: settings.workingDir }),
      ...(settings.stopSignal === undefined ? {} : { StopSignal: settings.stopSignal }),
      Env: settings.env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    },
    rootfs: { type: 'layers', diff_ids: image.layers.map((layer) => `sha256:${layer.digest}`) },
    history: image.layers.map(() => ({ created: CREATED, created_by: 'play bundle builder' })),
  })
}

/** Hex image id: what `docker images --no-trunc` shows, and CRI reports. */
export const imageId = (image: Image): string => hexSha256(imageConfig(image))

/**
 * Packs a folder as one layer: sorted names, numeric owners, hard links and capabilities kept, no time newer than the
 * fixed instant. Overlay's own attributes stay out, since they mean something only where they were made.
 */
export async function packLayer(folder: string, file: string, signal: AbortSignal): Promise<Layer> {
  await rm(file, { force: true })
  const args = [
    ...[
      '--create',
      `--file=${file}`,
      `--directory=${folder}`,
      '--sort=name',
      '--numeric-owner',
      '--format=posix',
    ],
    ...[
      '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime',
      `--mtime=${CREATED}`,
      '--clamp-mtime',
    ],
    ...['--xattrs', '--xattrs-include=security.*', '--xattrs-include=user.*', '.'],
  ]
  await runCommand('tar', args, { signal })
  return { file, digest: await sha256OfFile(file, signal), size: (await stat(file)).size }
}

interface ManifestEntry {
  readonly Config: string
  readonly RepoTags: readonly string[]
  readonly Layers: readonly string[]
}

/**
 * Writes images into one docker archive that podman, docker and ctr can load. Layers that images share are stored once.
 * `staging` is a folder on the same file system as the layers; it is emptied first and removed afterwards.
 */
export async function writeDockerArchive(
  images: readonly Image[],
  file: string,
  staging: string,
  signal: AbortSignal,
): Promise<void> {
  await rm(staging, { recursive: true, force: true })
  await mkdir(staging, { recursive: true })
  const manifest: ManifestEntry[] = []
  const layers = new Map(images.flatMap((image) => image.layers).map((layer) => [layer.digest, layer]))
  for (const image of images) {
    const config = `${imageId(image)}.json`
    await writeFile(join(staging, config), imageConfig(image))
    const names = image.layers.map((layer) => `${layer.digest}/layer.tar`)
    manifest.push({ Config: config, RepoTags: [image.reference], Layers: names })
  }
  for (const layer of layers.values()) {
    await mkdir(join(staging, layer.digest))
    await link(layer.file, join(staging, layer.digest, 'layer.tar'))
  }
  await writeFile(join(staging, 'manifest.json'), JSON.stringify(manifest))
  const members = ['manifest.json', ...manifest.map((entry) => entry.Config), ...layers.keys()]
  await rm(file, { force: true })
  const fixed = ['--sort=name', '--numeric-owner', '--format=ustar', `--mtime=${CREATED}`]
  await runCommand('tar', ['--create', `--file=${file}`, `--directory=${staging}`, ...fixed, ...members], {
    signal,
  })
  await rm(staging, { recursive: true })
}
