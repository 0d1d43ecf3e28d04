/** Lines out of a stream of text chunks that are cut anywhere. */

/** Characters after which a line is yielded though it goes on: a pod that never ends one must not fill our memory. */
const longestLine = 1024 * 1024

/**
 * Yields each line without its line break; text after the last break is yielded when the stream ends.
 * Chunks must be decoded text, so that no character is cut (a response with `setEncoding('utf8')` gives such).
 */
export async function* lines(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = ''
  for await (const chunk of chunks) {
    let start = 0
    // Only the new chunk is searched: a long line in many chunks must not be scanned again for each of them.
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      yield withoutReturn(rest + chunk.slice(start, end))
      rest = ''
      start = end + 1
    }
    rest += chunk.slice(start)
    if (rest.length >= longestLine) {
      yield rest
      rest = ''
    }
  }
  if (rest !== '') yield withoutReturn(rest)
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
