/** The commit by which play publishes the platform, and how it finds it again; pure. */
import type { LastPublished, Publication } from '../../domain/hand-over.ts'
import { fastImport } from './fast-import.ts'
import { digestOf, digestOfHashes, hashesOf } from './tree.ts'

/** The line of play's own commits that holds the digest of what they publish. */
export const digestTrailer = 'Play-Digest'

/** Basic regular expression of that line. */
export const digestLine = String.raw`^${digestTrailer}: [0-9a-f]\{64\}$`

/** Who makes play's commits. */
export const author = { name: 'play', email: 'play@localhost' }

/** A commit that is to be made. */
export interface Commit {
  /** For `git fast-import`. */
  readonly stream: string
  readonly digest: string
  /** Files that it writes or deletes. */
  readonly changed: number
}

/** The commit that brings the branch from `last` to what is published; `trailers` are more lines of its message. */
export function commitOf(
  publication: Publication,
  last: LastPublished | undefined,
  trailers: readonly string[] = [],
): Commit {
  const digest = digestOf(publication.tree)
  const changes = changesOf(publication, last)
  const stream = fastImport({
    changes,
    message: [publication.message, '', `${digestTrailer}: ${digest}`, ...trailers, ''].join('\n'),
    author,
    time: publication.now / 1000,
    onTop: last !== undefined,
  })
  return { stream, digest, changed: changes.size }
}

function changesOf(
  { tree, former = {} }: Publication,
  last: LastPublished | undefined,
): Map<string, string | undefined> {
  const known = last?.digest === digestOfHashes(former) ? former : {}
  const hashes = hashesOf(tree)
  const dropped = last === undefined ? [] : Object.keys(former).filter((path) => !tree.has(path))
  return new Map<string, string | undefined>([
    ...dropped.map((path) => [path, undefined] as const),
    ...[...tree].filter(([path]) => known[path] !== hashes[path]),
  ])
}
