// The sha256 of a file, read as a stream.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** Lower-case hex sha256 of the file. `onBytes` hears of every piece; a missing file throws ENOENT, an abort its reason. */
export async function fileSha256(
  path: string,
  options: { readonly signal: AbortSignal; readonly onBytes?: (count: number) => void },
): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    options.signal.throwIfAborted()
    hash.update(piece)
    options.onBytes?.(piece.length)
  }
  return hash.digest('hex')
}
