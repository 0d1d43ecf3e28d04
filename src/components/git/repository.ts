/** The repository of the platform, worked on by git inside the cluster: this machine needs none. */
import type { KubeObject } from '../../domain/cluster.ts'
import { PlayError } from '../../domain/errors.ts'
import type { LastPublished, PlatformRepository, Publication, Published } from '../../domain/hand-over.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import type { GitServer } from '../../domain/slots.ts'
import { clusterOrigin, gitDaemon } from './git-daemon.ts'
import { commitOf, digestLine, digestTrailer } from './publication.ts'

/** What a repository needs of a client: to find its pod and to run commands there. */
export type GitClient = Pick<ClusterClient, 'list' | 'exec'>

/** A bare repository in the git pod. */
export interface Repository {
  readonly client: GitClient
  /** Absolute path in the pod. */
  readonly path: string
  readonly signal: AbortSignal
}

/** The slot `git` as play's own daemon fills it; 9419 listens on the pod's loopback address only. */
export const gitDaemonServer: GitServer = {
  namespace: gitDaemon.namespace,
  repository: 'playground',
  pushPort: 9419,
  pod: gitPod,
}

/** The repository `playground`, which holds the platform. */
export function playgroundRepository(client: GitClient, signal: AbortSignal): Repository {
  return { client, path: '/srv/git/playground', signal }
}

/** The same as whoever publishes sees it. */
export function clusterRepository(client: GitClient): PlatformRepository {
  return {
    ...clusterOrigin,
    lastPublished: (signal) => lastPublished(playgroundRepository(client, signal)),
    publish: (publication, signal) => publish(playgroundRepository(client, signal), publication),
  }
}

/** Lines of git's last words that an error keeps. */
const keptLines = 40

// A reflog shows what a forced push has hidden, which a bare repository does not keep by itself.
const ensure = `
git --git-dir="$1" rev-parse --git-dir >/dev/null 2>&1 || git init --quiet --bare --initial-branch=main "$1"
git --git-dir="$1" config core.logAllRefUpdates true
git --git-dir="$1" config receive.fsckObjects true
`

/** Makes the repository, empty, with branch `main`, if it is not there. Twice is the same as once. */
export async function ensureRepository(repository: Repository): Promise<void> {
  await script(repository, 'make the repository', ensure)
}

/** What is published; undefined when the repository or its branch is not there. Throws GIT_FAILED for a damaged one. */
export async function lastPublished(repository: Repository): Promise<LastPublished | undefined> {
  const output = await script(
    repository,
    'read the repository',
    // Without its HEAD it is either not there, or damaged when commits are.
    `[ -e "$1/HEAD" ] || [ -e "$1/refs/heads/main" ] || [ -e "$1/packed-refs" ] || exit 0
head=$(git --git-dir="$1" for-each-ref --format='%(objectname)' refs/heads/main)
[ -n "$head" ] || exit 0
echo "$head"
git --git-dir="$1" log -1 --grep="$3" --format="%(trailers:key=$2,valueonly)" "$head" --`,
    [digestTrailer, digestLine],
  )
  const [head, digest] = output.split('\n').filter(Boolean)
  return head === undefined ? undefined : { head, digest }
}

/** Makes the repository if it is not there, and its next commit; see PlatformRepository. */
export async function publish(repository: Repository, publication: Publication): Promise<Published> {
  const last = await lastPublished(repository)
  const { stream, digest, changed } = commitOf(publication, last)
  if (last?.digest === digest) return { head: last.head, digest, changed: 0 }
  const head = await script(
    repository,
    'commit the platform',
    `${ensure}
git --git-dir="$1" fast-import --quiet >&2
git --git-dir="$1" rev-parse --verify refs/heads/main`,
    [],
    stream,
  )
  return { head: head.trim(), digest, changed }
}

/** Runs a fixed script in the pod, with the repository's path as $1. Answers what it wrote to its standard output. */
async function script(
  { client, path, signal }: Repository,
  what: string,
  text: string,
  parameters: readonly string[] = [],
  stdin?: string,
): Promise<string> {
  const { namespace } = gitDaemon
  const { exitCode, stdout, stderr } = await client.exec(
    {
      namespace,
      pod: await gitPod(client, signal),
      container: 'git',
      command: ['sh', '-euc', text, 'sh', path, ...parameters],
      ...(stdin === undefined ? {} : { stdin }),
    },
    signal,
  )
  if (exitCode === 0) return stdout
  const details = stderr.split('\n').filter((line) => line.trim() !== '')
  const reason = details.findLast((line) => line.startsWith('fatal:')) ?? details.at(-1) ?? ''
  throw PlayError.of(
    'GIT_FAILED',
    { what, reason: reason.trim() || `exit code ${String(exitCode)}`, namespace },
    { details: details.slice(-keptLines) },
  )
}

/** Name of the pod that serves repositories now. Throws COMPONENT_UNHEALTHY when there is none. */
export async function gitPod(client: Pick<ClusterClient, 'list'>, signal: AbortSignal): Promise<string> {
  const { namespace, title } = gitDaemon
  const labelSelector = 'app.kubernetes.io/name=git'
  const pods = await client.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector }, signal)
  const pod = pods.find(isServing)
  if (pod !== undefined) return pod.metadata.name
  throw PlayError.of('COMPONENT_UNHEALTHY', { component: title, reason: 'no pod of it runs', namespace })
}

function isServing({ metadata, status }: KubeObject): boolean {
  const { containerStatuses = [] } = (status ?? {}) as { containerStatuses?: readonly ContainerStatus[] }
  const isRunning = containerStatuses.some(({ name, ready }) => name === 'git' && ready)
  return isRunning && metadata['deletionTimestamp'] === undefined
}

interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
}
