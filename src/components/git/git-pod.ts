/** Repositories in the git pod, and the fixed scripts that work on them there: this machine needs no git. */
import type { KubeObject } from '../../domain/cluster.ts'
import { PlayError } from '../../domain/errors.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import type { RepositoryClient } from '../../domain/slots.ts'
import { gitDaemon } from './git-daemon.ts'

/** A bare repository in the git pod. */
export interface Repository {
  readonly client: RepositoryClient
  /** Absolute path in the pod. */
  readonly path: string
  readonly signal: AbortSignal
}

/** A script of ours. Nothing of it is put together: what differs comes as parameters and as standard input. */
export interface Script {
  /** What it does, for an error: "git in the cluster could not …". */
  readonly what: string
  /** For sh; $1 is the repository's path. */
  readonly text: string
  /** From $2 on. */
  readonly parameters?: readonly string[]
  readonly stdin?: string
}

/** Lines of git's last words that an error keeps. */
const keptLines = 40

/**
 * Part of a script that deletes what a crash has left beside the repositories: what is being made or deleted right now is
 * younger. The names are none that play gives to repositories.
 */
export const sweep = `
find "\${1%/*}" -maxdepth 1 -name '.play-*' -mmin +10 -exec rm -rf {} + >&2 || :
`

/**
 * Part of a script that makes the repository, empty, with branch `main`, if it is not there. It is made elsewhere and
 * renamed, so that nobody ever meets half of one, and of two who make it at once both go on with the same. A reflog shows
 * what a forced push has hidden, which a bare repository does not keep by itself.
 */
export const ensure = `
make() {
  git init --quiet --bare --initial-branch=main "$1"
  git --git-dir="$1" config core.logAllRefUpdates true
  git --git-dir="$1" config receive.fsckObjects true
}
[ -e "$1/HEAD" ] || {
  ${sweep.trim()}
  new=$(mktemp -d "\${1%/*}/.play-XXXXXX")
  make "$new/made"
  mv -T "$new/made" "$1" 2>/dev/null || [ -e "$1/HEAD" ] || make "$1"
  rm -rf "$new"
}
`

/** Runs a script in the git pod; answers what it wrote to its standard output. Throws GIT_FAILED with git's words. */
export async function runScript(
  { client, path, signal }: Repository,
  { what, text, parameters = [], stdin }: Script,
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
