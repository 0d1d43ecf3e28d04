// Reads image archives that someone put into a folder by hand: which image is inside, without trusting the file.
import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { BuildError } from './build-error.ts'

/** An archive that can enter a bundle. */
export interface FoundArchive {
  readonly file: string
  readonly reference: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modified: number
}

const BLOCK = 512
/** No manifest of one image comes near this. */
const LARGEST_MANIFEST = 1 << 20
/** No archive has more members than this; a file that is no archive could have any number. */
const MOST_MEMBERS = 10_000
/** A compressed archive larger than this when unpacked is refused. */
const MOST_BYTES = 64 * 2 ** 30

interface Member {
  readonly name: string
  readonly size: number
}

const text = (block: Buffer, from: number, length: number): string => {
  const field = block.subarray(from, from + length)
  const end = field.indexOf(0)
  return field.subarray(0, end === -1 ? length : end).toString('utf8')
}

/** Reads a tar header; undefined for the block of zeros that ends an archive. @throws BuildError when it is none. */
function parseTarHeader(block: Buffer, file: string): Member | undefined {
  if (block.every((byte) => byte === 0)) return undefined
  const stated = Number.parseInt(text(block, 148, 8).trim(), 8)
  const sum = block.reduce(
    (total, byte, position) => total + (position >= 148 && position < 156 ? 32 : byte),
    0,
  )
  // Sizes from 8 GB on are written in binary, marked by the highest bit.
  const large = ((block[124] ?? 0) & 0x80) !== 0
  const size = large
    ? Number(block.readBigUInt64BE(128))
    : Number.parseInt(text(block, 124, 12).trim() || '0', 8)
  if (stated !== sum || !Number.isSafeInteger(size) || size < 0)
    throw damaged(file, 'it is not a tar archive')
  const prefix = text(block, 345, 155)
  const name = text(block, 0, 100)
  return { name: (prefix === '' ? name : `${prefix}/${name}`).replace(/^\.\//, ''), size }
}

function damaged(file: string, why: string, cause?: unknown): BuildError {
  return new BuildError(
    `${file} cannot enter the bundle: ${why}`,
    [
      'Write it with: docker save IMAGE -o FILE.tar, or podman save IMAGE -o FILE.tar',
      'or take it out of the folder.',
    ],
    [],
    cause,
  )
}

/** Reads bytes in order from a file or a stream, and skips what nobody wants. */
interface Source {
  read(bytes: number): Promise<Buffer | undefined>
  skip(bytes: number): Promise<void>
  close(): Promise<void>
}

async function plainSource(file: string): Promise<Source> {
  const handle = await open(file, 'r')
  let position = 0
  return {
    read: async (bytes) => {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(bytes), 0, bytes, position)
      position += bytesRead
      return bytesRead < bytes ? undefined : buffer
    },
    skip: (bytes) => {
      position += bytes
      return Promise.resolve()
    },
    close: () => handle.close(),
  }
}

function gzipSource(file: string): Source {
  const input = createReadStream(file)
  const stream = createGunzip()
  input.on('error', (error) => stream.destroy(error))
  const chunks = input.pipe(stream)[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let held: Buffer = Buffer.alloc(0)
  let total = 0
  const more = async (): Promise<boolean> => {
    const next = await chunks.next()
    if (next.done === true) return false
    total += next.value.length
    if (total > MOST_BYTES) throw damaged(file, 'it unpacks to more than 64 GiB')
    held = held.length === 0 ? next.value : Buffer.concat([held, next.value])
    return true
  }
  return {
    read: async (bytes) => {
      while (held.length < bytes) if (!(await more())) return undefined
      const wanted = held.subarray(0, bytes)
      held = held.subarray(bytes)
      return wanted
    },
    skip: async (bytes) => {
      let left = bytes
      while (left > held.length) {
        left -= held.length
        held = Buffer.alloc(0)
        if (!(await more())) throw damaged(file, 'it ends too early')
      }
      held = held.subarray(left)
    },
    close: () => {
      input.destroy()
      stream.destroy()
      return Promise.resolve()
    },
  }
}

/** The one image that a docker archive's manifest.json names. */
function referenceIn(manifest: string, file: string): string {
  let value: unknown
  try {
    value = JSON.parse(manifest)
  } catch (error) {
    throw damaged(file, 'its manifest.json is not JSON', error)
  }
  const images = Array.isArray(value) ? (value as { RepoTags?: unknown }[]) : []
  const tags = images.flatMap((image) => (Array.isArray(image.RepoTags) ? (image.RepoTags as unknown[]) : []))
  const [reference] = tags
  if (images.length !== 1 || tags.length !== 1 || typeof reference !== 'string' || reference === '')
    throw damaged(
      file,
      `it must hold one image with one name, and holds ${String(images.length)} with ${String(tags.length)} names`,
    )
  return reference
}

async function findManifest(source: Source, file: string): Promise<string> {
  for (let members = 0; members < MOST_MEMBERS; members += 1) {
    const block = await source.read(BLOCK)
    const member = block === undefined ? undefined : parseTarHeader(block, file)
    if (member === undefined) throw damaged(file, 'it has no manifest.json')
    if (member.name === 'manifest.json') {
      if (member.size > LARGEST_MANIFEST) throw damaged(file, 'its manifest.json is larger than 1 MiB')
      const body = await source.read(member.size)
      if (body === undefined) throw damaged(file, 'it ends too early')
      return body.toString('utf8')
    }
    await source.skip(Math.ceil(member.size / BLOCK) * BLOCK)
  }
  throw damaged(file, `it has more than ${String(MOST_MEMBERS)} members`)
}

/** The reference of the image in an archive. Reads headers and the manifest, never a whole plain archive. */
export async function readArchiveReference(file: string): Promise<string> {
  const source = file.endsWith('.gz') ? gzipSource(file) : await plainSource(file)
  try {
    return referenceIn(await findManifest(source, file), file)
  } catch (error) {
    if (error instanceof BuildError) throw error
    throw damaged(file, error instanceof Error ? error.message : String(error), error)
  } finally {
    await source.close()
  }
}

/** All archives of a folder, sorted by name. @throws BuildError for a folder that cannot be read or has none. */
export async function findArchives(folder: string): Promise<FoundArchive[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new BuildError(
      `the folder of images ${folder} cannot be read`,
      ['Give an existing folder to --images.'],
      [],
      error,
    )
  })
  const wanted = names.filter((name) => /\.tar(\.gz)?$/.test(name)).sort()
  if (wanted.length === 0)
    throw new BuildError(`${folder} holds no *.tar and no *.tar.gz`, [
      'Put image archives there, or leave out --images.',
    ])
  const found: FoundArchive[] = []
  for (const name of wanted) {
    const file = join(folder, name)
    const { size, mtimeMs } = await stat(file)
    found.push({ file, reference: await readArchiveReference(file), size, modified: mtimeMs })
  }
  return found
}
