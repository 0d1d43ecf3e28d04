/** The repository of the platform, worked on by git inside the cluster: this machine needs none. */
import type { KubeObject } from '../../domain/cluster.ts'
import { PlayError } from '../../domain/errors.ts'
import type { Published } from '../../domain/hand-over.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import type { GitServer } from '../../domain/slots.ts'
import { fastImport } from './fast-import.ts'
import { gitDaemon } from './git-daemon.ts'
import { digestOf, digestOfHashes, hashesOf, type ContentHashes, type Tree } from './tree.ts'

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

/** What is on branch `main`. */
export interface LastPublished {
  /** Newest commit, whoever made it. */
  readonly head: string
  /** Digest that the newest of play's own commits carries; undefined when there is none of them. */
  readonly digest: string | undefined
}

const trailer = 'Play-Digest'
const author = { name: 'play', email: 'play@localhost' }
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
    `[ -e "$1/HEAD" ] || exit 0
head=$(git --git-dir="$1" for-each-ref --format='%(objectname)' refs/heads/main)
[ -n "$head" ] || exit 0
echo "$head"
git --git-dir="$1" log -1 --grep="^$2: [0-9a-f]\\{64\\}$" --format="%(trailers:key=$2,valueonly)" "$head" --`,
    [trailer],
  )
  const [head, digest] = output.split('\n').filter(Boolean)
  return head === undefined ? undefined : { head, digest }
}

/** What is to be published. */
export interface Publication {
  readonly tree: Tree
  /** What play published last; undefined where that is not known. */
  readonly former: ContentHashes | undefined
  readonly message: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Puts the tree on top of `main` with one commit, in a repository that is made if it is not there. Only files that
 * differ from what play published last are written, so that a person's changes to others stay; what play published and
 * no longer wants is deleted. Where the last publication is not the one that is remembered, all files are written.
 */
export async function publish(repository: Repository, publication: Publication): Promise<Published> {
  const { tree, message, now } = publication
  const digest = digestOf(tree)
  const last = await lastPublished(repository)
  if (last?.digest === digest) return { head: last.head, digest, changed: 0 }
  const changes = changesOf(publication, last)
  const stream = fastImport({
    changes,
    message: `${message}\n\n${trailer}: ${digest}\n`,
    author,
    time: now / 1000,
    onTop: last !== undefined,
  })
  const head = await script(
    repository,
    'commit the platform',
    `${ensure}
git --git-dir="$1" fast-import --quiet >&2
git --git-dir="$1" rev-parse --verify refs/heads/main`,
    [],
    stream,
  )
  return { head: head.trim(), digest, changed: changes.size }
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
