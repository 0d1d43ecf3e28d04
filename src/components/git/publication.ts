/** The commit by which play publishes the platform, and how it finds it again; pure. */
import type { LastPublished, Publication } from '../../domain/hand-over.ts'
import { fastImport } from './fast-import.ts'
import { digestOfHashes, hashesOf, type ContentHashes } from './tree.ts'

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

/** All that is published once this publication is: its tree, and what stays of the one before. */
export function publishedBy({
  tree,
  former = {},
  keeps,
}: Pick<Publication, 'tree' | 'former' | 'keeps'>): ContentHashes {
  const kept = Object.entries(former).filter(([path]) => keeps?.(path) === true)
  return Object.fromEntries([...kept, ...Object.entries(hashesOf(tree))].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The commit that brings the branch from `last` to what is published; `trailers` are more lines of its message. */
export function commitOf(
  publication: Publication,
  last: LastPublished | undefined,
  trailers: readonly string[] = [],
): Commit {
  const digest = digestOfHashes(publishedBy(publication))
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
  { tree, former = {}, keeps }: Publication,
  last: LastPublished | undefined,
): Map<string, string | undefined> {
  const known = last?.digest === digestOfHashes(former) ? former : {}
  const hashes = hashesOf(tree)
  const isDropped = (path: string): boolean => !tree.has(path) && keeps?.(path) !== true
  const dropped = last === undefined ? [] : Object.keys(former).filter(isDropped)
  return new Map<string, string | undefined>([
    ...dropped.map((path) => [path, undefined] as const),
    ...[...tree].filter(([path]) => known[path] !== hashes[path]),
  ])
}
