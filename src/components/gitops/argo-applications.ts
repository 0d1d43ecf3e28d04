/** The slot `gitops` in Argo CD's words: Applications, their status, and how to have them compared at once. */
import type { Health, KubeObject } from '../../domain/cluster.ts'
import { componentLabel } from '../../domain/component.ts'
import type { RepositoryCredentials } from '../../domain/git-remote.ts'
import type { Application, ApplicationState, GitOps } from '../../domain/slots.ts'
import { argoCd } from './argo-cd.ts'
import { removeApplications } from './remove-applications.ts'
import { settle } from './settle.ts'

const apiVersion = 'argoproj.io/v1alpha1'
const kind = 'Application'
const { namespace } = argoCd
const refreshAnnotation = 'argocd.argoproj.io/refresh'
const cascade = 'resources-finalizer.argocd.argoproj.io'

/** The application that keeps the others in line. */
const top = 'playground'

/** What play asks of Argo CD. */
export const argoApplications: GitOps = {
  applications: (list, repositoryUrl, branch) => list.map((one) => application(one, repositoryUrl, branch)),
  root: (repositoryUrl, branch) =>
    application({ name: top, path: 'apps', wave: 0, namespace, keep: true }, repositoryUrl, branch),
  repositoryAccess,
  trustHosts,
  names: (components) => [top, ...components],
  async affected(client, paths, signal) {
    const found = await client.list({ apiVersion, kind, namespace }, signal)
    const sources = found.map(({ metadata, spec }) => ({ name: metadata.name, ...sourceOf(spec) }))
    const platform = sources.find(({ name }) => name === top)?.repoURL
    const own = sources.filter(({ repoURL }) => repoURL !== undefined && repoURL === platform)
    return own
      .filter(({ path }) => paths.some((file) => path === '.' || file.startsWith(`${path}/`)))
      .map(({ name }) => name)
  },
  async states(client, names, signal) {
    const found = await client.list({ apiVersion, kind, namespace }, signal)
    const states = new Map(found.map((object) => [object.metadata.name, applicationState(object)]))
    return names.map((name) => states.get(name) ?? absent(name))
  },
  async *observe(client, names, signal) {
    const states = new Map(names.map((name) => [name, absent(name)]))
    yield [...states.values()]
    for await (const { type, object } of client.watch({ apiVersion, kind, namespace }, signal)) {
      const { name } = object.metadata
      if (!states.has(name)) continue
      states.set(name, type === 'deleted' ? absent(name) : applicationState(object))
      yield [...states.values()]
    }
  },
  settle: (client, names, options) =>
    settle(
      client,
      {
        observe: (from, signal) => argoApplications.observe(from, names, signal),
        refresh: (to, hanging, signal) => argoApplications.refresh(to, hanging, signal),
      },
      options,
    ),
  remove: (...args) => removeApplications(namespace, argoApplications, args),
  async refresh(client, names, signal) {
    const fields = { metadata: { annotations: { [refreshAnnotation]: 'normal' } } }
    await Promise.all(
      names.map((name) => client.patch({ apiVersion, kind, namespace, name }, fields, signal)),
    )
  },
}

function application(
  { name, path, wave, namespace: destination, keep }: Application,
  repositoryUrl: string,
  branch = 'main',
): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      annotations: {
        // Asks the API server what would change, which knows defaults and conversions that Argo CD does not.
        'argocd.argoproj.io/compare-options': 'ServerSideDiff=true',
        'argocd.argoproj.io/sync-wave': String(wave),
      },
      ...(keep ? {} : { finalizers: [cascade] }),
    },
    spec: {
      project: 'default',
      source: { repoURL: repositoryUrl, targetRevision: branch, path },
      destination: { server: 'https://kubernetes.default.svc', namespace: destination },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: ['ServerSideApply=true'],
        // Without it a sync that failed once, say for a definition not served yet, is not tried again for that commit.
        retry: { limit: 5, backoff: { duration: '5s', factor: 2, maxDuration: '1m' } },
      },
    },
  }
}

/** See argocd-repositories.yaml in the operator manual of Argo CD. */
function repositoryAccess(url: string, credentials: RepositoryCredentials): KubeObject {
  const fields = Object.entries({ type: 'git', url, ...credentials })
  const labels = { 'argocd.argoproj.io/secret-type': 'repository', [componentLabel]: argoCd.id }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'play-repository', namespace, labels },
    type: 'Opaque',
    data: Object.fromEntries(fields.map(([name, text]) => [name, Buffer.from(text).toString('base64')])),
  }
}

const knownHostsKey = 'ssh_known_hosts'

function trustHosts(object: KubeObject, knownHosts: string): KubeObject {
  if (object.kind !== 'ConfigMap' || object.metadata.name !== 'argocd-ssh-known-hosts-cm') return object
  const { [knownHostsKey]: known = '', ...data } = (object['data'] ?? {}) as Record<string, string>
  const has = new Set(known.split('\n'))
  const added = knownHosts.split('\n').filter((line) => line !== '' && !has.has(line))
  const ended = known === '' || known.endsWith('\n') ? known : `${known}\n`
  return { ...object, data: { ...data, [knownHostsKey]: ended + added.map((line) => `${line}\n`).join('') } }
}

interface Source {
  readonly repoURL?: string
  readonly path?: string
}

/** Without slashes at its ends; the whole repository is a dot. */
function sourceOf(spec: unknown): { readonly repoURL: string | undefined; readonly path: string } {
  const { source = {} } = (spec ?? {}) as { source?: Source }
  return { repoURL: source.repoURL, path: source.path?.replaceAll(/^[./]+|\/+$/g, '') || '.' }
}

interface Status {
  readonly sync?: { readonly status?: string; readonly revision?: string }
  readonly health?: { readonly status?: string; readonly message?: string }
  readonly conditions?: readonly { readonly type: string; readonly message?: string }[]
  readonly operationState?: { readonly phase?: string; readonly message?: string }
}

const syncs: Readonly<Record<string, ApplicationState['sync']>> = {
  Synced: 'synced',
  OutOfSync: 'out-of-sync',
}

const healths: Readonly<Record<string, Health['status']>> = {
  Healthy: 'healthy',
  Progressing: 'progressing',
  Suspended: 'progressing',
  Degraded: 'unhealthy',
  Missing: 'missing',
}

function absent(name: string): ApplicationState {
  return { name, sync: 'unknown', health: 'missing', message: '', revision: '', broken: false }
}

function wordFor<T>(words: Readonly<Record<string, T>>, status = ''): T | 'unknown' {
  return words[status] ?? 'unknown'
}

/** How an Application is doing, by its status. */
export function applicationState({ metadata, status }: KubeObject): ApplicationState {
  const { name, annotations } = metadata
  const { sync = {}, health = {}, ...others } = (status ?? {}) as Status
  const state = { ...absent(name), health: wordFor(healths, health.status) }
  // Argo CD takes the annotation away in the same write that tells the outcome: what stands there is from before.
  if (annotations?.[refreshAnnotation] !== undefined) return state
  const error = complaint({ ...others, health })
  return {
    ...state,
    sync: wordFor(syncs, sync.status),
    message: innermost(error),
    revision: sync.revision ?? '',
    broken: isBroken(error),
  }
}

function complaint({ conditions = [], operationState, health }: Status): string {
  const failed = conditions.find(({ type }) => type.endsWith('Error'))
  if (failed !== undefined) return failed.message ?? failed.type
  const isUndone = ['Failed', 'Error'].includes(operationState?.phase ?? '')
  return (isUndone ? operationState?.message : health?.message) ?? ''
}

/** gRPC wraps messages; the last one names file and line, where they are known. */
function innermost(message: string): string {
  return message.split(/rpc error: code = \w+ desc = /).at(-1) ?? message
}

/** The repository server's words for a file that it can read and not understand (FailedPrecondition, repository.go). */
function isBroken(message: string): boolean {
  return /code = FailedPrecondition desc = (Failed to unmarshal|Found multiple objects)/.test(message)
}
