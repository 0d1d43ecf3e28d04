// Takes one regular file out of a tar.gz, and nothing else: no links, no paths, no more bytes than allowed.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'

const BLOCK = 512
/** How much more than the member may be inflated before it is found, in multiples of what it may have itself. */
const MOST_BEFORE = 4

/** What is taken out, and where to. */
export interface MemberRequest {
  readonly archive: string
  /** Name of the member as the archive writes it, without a leading "./". */
  readonly member: string
  /** Path of the new file; never derived from the archive's names. */
  readonly to: string
  readonly maxBytes: number
  readonly signal: AbortSignal
}

interface Header {
  readonly name: string
  readonly type: string
  readonly size: number
}

/** Hands out the inflated archive in pieces of any size. */
interface Pieces {
  /** Calls `use` with `count` bytes in pieces; false when the archive ends first. */
  read(count: number, use: (piece: Buffer) => Promise<void> | void): Promise<boolean>
}

function piecesOf(source: AsyncIterator<Buffer>): Pieces {
  let rest: Buffer = Buffer.alloc(0)
  return {
    async read(count, use) {
      let missing = count
      while (missing > 0) {
        if (rest.length === 0) {
          const next = await source.next()
          if (next.done === true) return false
          rest = next.value
        }
        const piece = rest.subarray(0, missing)
        rest = rest.subarray(piece.length)
        missing -= piece.length
        await use(piece)
      }
      return true
    },
  }
}

async function readWhole(pieces: Pieces, count: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  return (await pieces.read(count, (piece) => void parts.push(piece))) ? Buffer.concat(parts) : undefined
}

const text = (block: Buffer, from: number, length: number): string =>
  block.toString('utf8', from, from + length).replace(/\0.*$/s, '')

/** Field positions are those of POSIX ustar (pax specification, "ustar Interchange Format"). */
function parseHeader(block: Buffer): Header {
  const size = Number.parseInt(text(block, 124, 12).trim() || '0', 8)
  if (!Number.isSafeInteger(size) || size < 0) throw new Error('the archive has a member of unreadable size')
  const prefix = text(block, 257, 5) === 'ustar' ? text(block, 345, 155) : ''
  const name = text(block, 0, 100)
  return {
    name: (prefix === '' ? name : `${prefix}/${name}`).replace(/^\.\//, ''),
    type: text(block, 156, 1) || '0',
    size,
  }
}

async function findMember(pieces: Pieces, request: MemberRequest): Promise<Header> {
  const most = MOST_BEFORE * request.maxBytes
  for (let passed = 0; passed <= most;) {
    request.signal.throwIfAborted()
    const block = await readWhole(pieces, BLOCK)
    if (block === undefined || block.every((byte) => byte === 0))
      throw new Error(`the archive holds no ${request.member}`)
    const header = parseHeader(block)
    if (header.name === request.member) return header
    const size = Math.ceil(header.size / BLOCK) * BLOCK
    passed += BLOCK + size
    if (passed > most) break
    if (!(await pieces.read(size, () => undefined))) throw new Error('the archive is cut off')
  }
  throw new Error('the archive is too large')
}

async function copyMember(
  pieces: Pieces,
  handle: FileHandle,
  request: MemberRequest,
): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256')
  const { type, size } = await findMember(pieces, request)
  if (type !== '0') throw new Error(`${request.member} in the archive is not a regular file`)
  if (size > request.maxBytes) throw new Error(`${request.member} in the archive is too large`)
  const whole = await pieces.read(size, async (piece) => {
    request.signal.throwIfAborted()
    hash.update(piece)
    await handle.writeFile(piece)
  })
  if (!whole) throw new Error('the archive is cut off')
  return { sha256: hash.digest('hex'), size }
}

/**
 * Writes the member to `to` and tells its sha256 and size. Throws a plain Error with the reason when the archive is
 * damaged, lacks the member, or has a link, a folder or too large a file under that name.
 * Extended headers (pax, GNU) are passed over: they rename only members whose names are longer than what we ask for.
 */
export async function extractMember(request: MemberRequest): Promise<{ sha256: string; size: number }> {
  const file = createReadStream(request.archive)
  const inflated = createGunzip()
  file.on('error', (error) => inflated.destroy(error))
  file.pipe(inflated)
  const handle = await open(request.to, 'wx')
  try {
    const pieces = piecesOf(inflated[Symbol.asyncIterator]() as AsyncIterator<Buffer>)
    return await copyMember(pieces, handle, request)
  } finally {
    file.destroy()
    inflated.destroy()
    await handle.close()
  }
}
