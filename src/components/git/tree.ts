/** A tree of files as plain values, and the digest by which play finds again what it published; pure. */
import { createHash } from 'node:crypto'

/** Text of each file, by path with forward slashes. */
export type Tree = ReadonlyMap<string, string>

/** sha256 of each file's content, by path, sorted. */
export type ContentHashes = Readonly<Record<string, string>>

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export function hashesOf(tree: Tree): ContentHashes {
  return Object.fromEntries([...tree].map(([path, text]) => [path, sha256(text)] as const).sort(byPath))
}

/** Digest of a whole tree by its paths and contents, whatever their order. */
export function digestOfHashes(hashes: ContentHashes): string {
  return sha256(
    Object.entries(hashes)
      .sort(byPath)
      .map(([path, hash]) => `${hash} ${path}\n`)
      .join(''),
  )
}

/** The same from the files themselves. */
export function digestOf(tree: Tree): string {
  return digestOfHashes(hashesOf(tree))
}

function byPath([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}
