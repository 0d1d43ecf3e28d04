/** The repository of the platform on a server of the person's own, worked on by this machine's git. */
import { PlayError } from '../../domain/errors.ts'
import type { BranchCopy, GitRemote } from '../../domain/git-remote.ts'
import type { LastPublished, PlatformRepository, Published } from '../../domain/hand-over.ts'
import { author, commitOf, digestLine, digestTrailer, publishedBy } from './publication.ts'
import { digestOfHashes, type ContentHashes } from './tree.ts'

/** Whose repository, and who publishes there. */
export interface ExternalOptions {
  readonly url: string
  readonly branch: string
  readonly remote: GitRemote
  /** Name and id of the playground. */
  readonly name: string
  readonly root: string
  /** Whether this playground has published before. */
  readonly hasPublished: () => Promise<boolean>
}

/** How often play tries again where others push meanwhile. */
const attempts = 5
const ownerTrailer = 'Play-Playground'

/**
 * The branch is play's own: one with commits and none of play's is refused (GIT_BRANCH_TAKEN), and so is one where
 * another playground publishes. A playground that was made again under its name goes on with its branch.
 */
export function externalRepository(options: ExternalOptions): PlatformRepository {
  const { url, branch, remote, name, root } = options
  return {
    url,
    branch,
    lastPublished: (signal) => remote.copy(signal, (copy) => read(copy, options)),
    async publish(publication, signal) {
      const digest = digestOfHashes(publishedBy(publication))
      const attempt = async (copy: BranchCopy): Promise<Published | undefined> => {
        const last = await read(copy, options)
        if (last?.digest === digest) return { head: last.head, digest, changed: 0 }
        const former = await formerOf(copy, publication.former, last)
        const trailers = [`${ownerTrailer}: ${name} ${root}`]
        const { stream, changed } = commitOf({ ...publication, former }, last, trailers)
        const head = await copy.push(stream)
        return head === undefined ? undefined : { head, digest, changed }
      }
      for (let count = 0; count < attempts; count += 1) {
        const published = await remote.copy(signal, attempt)
        if (published !== undefined) return published
      }
      const reason = `somebody else pushed to ${branch} each of ${String(attempts)} times`
      throw PlayError.of('GIT_REFUSED', { what: `publish ${url}`, reason })
    },
  }
}

/** What play published last; of a playground that went before this one only the paths are known. */
async function formerOf(
  copy: BranchCopy,
  former: ContentHashes = {},
  last: LastPublished | undefined,
): Promise<ContentHashes> {
  if (last?.digest === digestOfHashes(former)) return former
  return Object.fromEntries((await copy.paths(author.email)).map((path) => [path, '']))
}

async function read(
  copy: BranchCopy,
  { url, branch, name, root, hasPublished }: ExternalOptions,
): Promise<LastPublished | undefined> {
  const { head } = copy
  if (head === undefined) return undefined
  const refuse = (reason: string): PlayError => PlayError.of('GIT_BRANCH_TAKEN', { url, branch, reason })
  const message = await copy.message(digestLine)
  if (message === undefined) throw refuse('it has commits, and none of them is of play')
  // One of a repository inside a cluster has no owner: whoever pushed it here wants to go on with it.
  const [owner = name, id = root] = valueOf(message, ownerTrailer)?.split(' ') ?? []
  if (owner !== name) throw refuse(`the playground "${owner}" publishes there`)
  if (id !== root && (await hasPublished())) throw refuse(`another playground "${owner}" publishes there`)
  return { head, digest: valueOf(message, digestTrailer) }
}

function valueOf(message: string, trailer: string): string | undefined {
  return new RegExp(`^${trailer}: (.+)$`, 'm').exec(message)?.[1]
}
