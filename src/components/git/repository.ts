/** The repository of the platform, worked on by git inside the cluster: this machine needs none. */
import type { LastPublished, PlatformRepository, Publication, Published } from '../../domain/hand-over.ts'
import type { GitServer, RepositoryClient } from '../../domain/slots.ts'
import { clusterOrigin, gitDaemon } from './git-daemon.ts'
import { ensure, gitPod, runScript, type Repository } from './git-pod.ts'
import { commitOf, digestLine, digestTrailer } from './publication.ts'

/** The slot `git` as play's own daemon fills it; 9419 listens on the pod's loopback address only. */
export const gitDaemonServer: GitServer = {
  namespace: gitDaemon.namespace,
  repository: 'playground',
  pushPort: 9419,
  pod: gitPod,
}

/** The repository `playground`, which holds the platform. */
export function playgroundRepository(client: RepositoryClient, signal: AbortSignal): Repository {
  return { client, path: '/srv/git/playground', signal }
}

/** The same as whoever publishes sees it. */
export function clusterRepository(client: RepositoryClient): PlatformRepository {
  return {
    ...clusterOrigin,
    lastPublished: (signal) => lastPublished(playgroundRepository(client, signal)),
    publish: (publication, signal) => publish(playgroundRepository(client, signal), publication),
  }
}

/** Makes the repository, empty, with branch `main`, if it is not there. Twice is the same as once. */
export async function ensureRepository(repository: Repository): Promise<void> {
  await runScript(repository, { what: 'make the repository', text: ensure })
}

/** What is published; undefined when the repository or its branch is not there. Throws GIT_FAILED for a damaged one. */
export async function lastPublished(repository: Repository): Promise<LastPublished | undefined> {
  const output = await runScript(repository, {
    what: 'read the repository',
    // Without its HEAD it is either not there, or damaged when commits are.
    text: `[ -e "$1/HEAD" ] || [ -e "$1/refs/heads/main" ] || [ -e "$1/packed-refs" ] || exit 0
head=$(git --git-dir="$1" for-each-ref --format='%(objectname)' refs/heads/main)
[ -n "$head" ] || exit 0
echo "$head"
git --git-dir="$1" log -1 --grep="$3" --format="%(trailers:key=$2,valueonly)" "$head" --`,
    parameters: [digestTrailer, digestLine],
  })
  const [head, digest] = output.split('\n').filter(Boolean)
  return head === undefined ? undefined : { head, digest }
}

/** Makes the repository if it is not there, and its next commit; see PlatformRepository. */
export async function publish(repository: Repository, publication: Publication): Promise<Published> {
  const last = await lastPublished(repository)
  const { stream, digest, changed } = commitOf(publication, last)
  if (last?.digest === digest) return { head: last.head, digest, changed: 0 }
  const head = await runScript(repository, {
    what: 'commit the platform',
    text: `${ensure}
git --git-dir="$1" fast-import --quiet >&2
git --git-dir="$1" rev-parse --verify refs/heads/main`,
    stdin: stream,
  })
  return { head: head.trim(), digest, changed }
}
