/** Follows one output stream of a child process: lines as they come, and the end of the text. */
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { ProcessOptions } from '../domain/ports.ts'

/** How much of each stream is kept, in characters. */
const keptCharacters = 1024 * 1024

/** A "line" without an end is handed over in pieces of this many characters. */
const longestLine = 64 * 1024

/** What has been seen of a stream so far. */
export interface OutputTail {
  /** The last mebibyte of the text. */
  text(): string
  /** The last line that is not empty. */
  lastLine(): string
}

/** Reads `stream` to its end; `onLine` gets each line without its line break. */
export function followOutput(
  stream: Readable,
  name: 'stdout' | 'stderr',
  onLine?: ProcessOptions['onLine'],
): OutputTail {
  const decoder = new StringDecoder('utf8')
  let kept = ''
  let pending = ''
  let last = ''
  const emit = (raw: string): void => {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line.trim() !== '') last = line
    onLine?.(line, name)
  }
  const take = (text: string): void => {
    kept += text
    // Cut only now and then: cutting at every chunk would copy a mebibyte each time.
    if (kept.length > 2 * keptCharacters) kept = kept.slice(-keptCharacters)
    const lines = (pending + text).split('\n')
    pending = lines.pop() ?? ''
    lines.forEach(emit)
    while (pending.length > longestLine) {
      emit(pending.slice(0, longestLine))
      pending = pending.slice(longestLine)
    }
  }
  stream.on('data', (chunk: Buffer) => {
    take(decoder.write(chunk))
  })
  stream.on('end', () => {
    take(decoder.end())
    if (pending !== '') emit(pending)
    pending = ''
  })
  return { text: () => kept.slice(-keptCharacters), lastLine: () => last }
}
