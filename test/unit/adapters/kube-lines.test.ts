/** Lines out of chunks that are cut anywhere. */
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { lines } from '../../../src/adapters/kube/lines.ts'

async function linesOf(...chunks: string[]): Promise<string[]> {
  const found: string[] = []
  for await (const line of lines(Readable.from(chunks))) found.push(line)
  return found
}

describe('lines', () => {
  it.each([
    [['one\ntwo\n'], ['one', 'two']],
    [
      ['o', 'ne\nt', 'w', 'o\n'],
      ['one', 'two'],
    ],
    [
      ['one', '\n', '\n', 'two'],
      ['one', '', 'two'],
    ],
    [
      ['one\r', '\ntwo\r\n'],
      ['one', 'two'],
    ],
    [[''], []],
    [[], []],
  ])('of %j are %j', async (chunks, expected) => {
    expect(await linesOf(...chunks)).toEqual(expected)
  })

  it('of a megabyte in small chunks are put together without delay', async () => {
    const chunks = Array.from({ length: 20_000 }, () => 'x'.repeat(50))

    expect((await linesOf(...chunks, '\nend')).map((line) => line.length)).toEqual([1_000_000, 3])
  })

  it('cuts one that never ends, so that it does not fill our memory', async () => {
    const chunks = Array.from({ length: 20 }, () => 'x'.repeat(100_000))
    expect((await linesOf(...chunks)).map((line) => line.length)).toEqual([1_100_000, 900_000])
  })
})
