/** The ClusterClient port on our own HTTPS transport: fields travel as they are, connections stay open. */
import type { ClusterAccess, KubeObject } from '../../domain/cluster.ts'
import type {
  ClusterClient,
  ClusterClients,
  ExecResult,
  ExecTarget,
  Forward,
  ForwardTarget,
  LogSource,
  PodMemory,
  ResourceRef,
  WatchEvent,
} from '../../domain/ports.ts'
import type { Clock } from '../../engine/clock.ts'
import { ApiStatusError, ConnectionError, isNotFound, isTransient, translate } from './api-errors.ts'
import { systemClock } from '../system-clock.ts'
import { Api, objectOf, queryOf, type ClientTimes, type Selection } from './api.ts'
import { readCredentials } from './credentials.ts'
import { execInPod } from './exec.ts'
import { lines } from './lines.ts'
import { forwardToPod } from './port-forward.ts'
import { readPodMemory } from './pod-memory.ts'
import { watchObjects } from './watch.ts'

const defaultTimes: ClientTimes = {
  requestMs: 60_000,
  readyMs: 5_000,
  statsMs: 2_000,
  retryMs: 10_000,
  notServedMs: 30_000,
  // Short, because it bounds how long a half-open connection goes unnoticed; a new watch request costs next to nothing.
  watchMs: 60_000,
  watchSilenceMs: 70_000,
  watchPatienceMs: 60_000,
}

/** What tests change. */
export interface ClusterClientSettings {
  readonly clock?: Clock
  readonly times?: Partial<ClientTimes>
}

/**
 * Opens clients on kubeconfigs with certificates or tokens. `open` reads the kubeconfig (KUBECONFIG_DAMAGED) and connects
 * nowhere yet. Requests go to `access.server`.
 */
export function createClusterClients(settings: ClusterClientSettings = {}): ClusterClients {
  const { clock = systemClock } = settings
  const times = { ...defaultTimes, ...settings.times }
  return {
    open: async (access: ClusterAccess) =>
      new HttpsClusterClient(new Api(await readCredentials(access), clock, times)),
  }
}

/** One cluster's API. */
class HttpsClusterClient implements ClusterClient {
  readonly server: string
  readonly #api: Api

  constructor(api: Api) {
    this.server = api.server
    this.#api = api
  }

  async ready(signal: AbortSignal): Promise<boolean> {
    const timeoutMs = this.#api.times.readyMs
    try {
      // Never tried again: the caller's wait does that, and a status command wants to know at once.
      const text = await this.#api.transport.text({ method: 'GET', path: '/readyz', signal, timeoutMs })
      return text.trim() === 'ok'
    } catch (error) {
      if (error instanceof ApiStatusError) return false
      if (error instanceof ConnectionError && (error.fault === 'broken' || error.fault === 'silent'))
        return false
      throw translate(error, '/readyz', this.server)
    }
  }

  async get(
    ref: ResourceRef & { readonly name: string },
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    return await this.#patiently(labelOf(ref, ref.name), signal, () =>
      orIfNotFound(undefined, async () => {
        const path = await this.#api.pathTo(ref, ref.name, signal)
        return objectOf(await this.#api.send({ method: 'GET', path, signal }), ref)
      }),
    )
  }

  async list(
    ref: ResourceRef & { readonly labelSelector?: string; readonly metadataOnly?: boolean },
    signal: AbortSignal,
  ): Promise<readonly KubeObject[]> {
    // A kind that the server does not serve has no objects.
    return await this.#patiently(labelOf(ref), signal, () =>
      orIfNotFound([], async () => (await this.#api.listAll(ref, signal)).items),
    )
  }

  async apply(object: KubeObject, signal: AbortSignal, fieldManager = 'play'): Promise<KubeObject> {
    const ref = refOf(object)
    // JSON is YAML, and the server parses it faster.
    const body = { type: 'application/apply-patch+yaml', text: JSON.stringify(object) }
    const query = queryOf({ fieldManager, force: true })
    const { retryMs, notServedMs } = this.#api.times
    // An apply makes what is not there: not found can only mean the kind or the namespace, which may be on their way.
    const patience = (error: unknown): number =>
      isNotFound(error) ? notServedMs : isTransient(error) ? retryMs : 0
    return await this.#api.patiently(labelOf(ref, object.metadata.name), signal, patience, async () => {
      const path = await this.#api.pathTo(ref, object.metadata.name, signal)
      return objectOf(await this.#api.send({ method: 'PATCH', path: path + query, body, signal }), ref)
    })
  }

  async create(object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    const ref = refOf(object)
    const body = { type: 'application/json', text: JSON.stringify(object) }
    const query = queryOf({ fieldManager: 'play' })
    const { retryMs, notServedMs } = this.#api.times
    // Only what the server surely did not carry out is tried again: a broken connection may have hidden a success.
    const patience = (error: unknown): number => {
      if (isNotFound(error)) return notServedMs
      return error instanceof ApiStatusError && isTransient(error) && error.status !== 504 ? retryMs : 0
    }
    return await this.#api.patiently(labelOf(ref, object.metadata.name), signal, patience, async () => {
      const path = await this.#api.pathTo(ref, undefined, signal)
      return objectOf(await this.#api.send({ method: 'POST', path: path + query, body, signal }), ref)
    })
  }

  async patch(
    ref: ResourceRef & { readonly name: string },
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<KubeObject> {
    const body = { type: 'application/merge-patch+json', text: JSON.stringify(fields) }
    const query = queryOf({ fieldManager: 'play' })
    return await this.#patiently(labelOf(ref, ref.name), signal, async () => {
      const path = await this.#api.pathTo(ref, ref.name, signal)
      return objectOf(await this.#api.send({ method: 'PATCH', path: path + query, body, signal }), ref)
    })
  }
  async delete(ref: ResourceRef & { readonly name: string }, signal: AbortSignal): Promise<boolean> {
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' }
    const body = { type: 'application/json', text: JSON.stringify(options) }
    return await this.#patiently(labelOf(ref, ref.name), signal, () =>
      orIfNotFound(false, async () => {
        const path = await this.#api.pathTo(ref, ref.name, signal)
        await this.#api.send({ method: 'DELETE', path, body, signal })
        return true
      }),
    )
  }

  async *watch(ref: Selection, signal: AbortSignal): AsyncGenerator<WatchEvent, void, undefined> {
    const either = AbortSignal.any([signal, this.#api.closed])
    const source = {
      list: () => this.#api.listAll(ref, either),
      open: (resourceVersion: string) => this.#api.openWatch(ref, resourceVersion, either),
    }
    const { clock, times } = this.#api
    try {
      yield* watchObjects(source, { clock, signal: either, patienceMs: times.watchPatienceMs })
    } catch (error) {
      throw translate(error, labelOf(ref), this.server)
    }
  }

  async *logs(pod: LogSource, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const { namespace, name, ...options } = pod
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace }
    const timeoutMs = this.#api.times.requestMs
    const stream = await this.#patiently(labelOf(ref, name), signal, async () => {
      const path = `${await this.#api.pathTo(ref, name, signal)}/log${queryOf(options)}`
      // No limit on silence: a container may have nothing to say for hours.
      return await this.#api.transport.stream({ method: 'GET', path, signal, timeoutMs })
    })
    try {
      yield* lines(stream)
    } catch (error) {
      throw translate(error, labelOf(ref, name), this.server)
    }
  }

  async podMemory(signal: AbortSignal): Promise<readonly PodMemory[]> {
    return await readPodMemory(this.#api, signal).catch((error: unknown) => {
      throw translate(error, "the nodes' statistics", this.server)
    })
  }

  async exec(target: ExecTarget, signal: AbortSignal): Promise<ExecResult> {
    const { namespace, pod } = target
    return await execInPod(this.#api, target, signal).catch((error: unknown) => {
      throw translate(error, labelOf({ apiVersion: 'v1', kind: 'Pod', namespace }, pod), this.server)
    })
  }

  async forward(target: ForwardTarget, signal: AbortSignal): Promise<Forward> {
    return await forwardToPod(this.#api, target, signal).catch((error: unknown) => {
      throw translate(error, 'a port forward', this.server)
    })
  }

  close(): void {
    this.#api.close()
  }

  /** For requests that may be repeated whatever became of them. */
  async #patiently<T>(label: string, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    const { retryMs } = this.#api.times
    return await this.#api.patiently(label, signal, (error) => (isTransient(error) ? retryMs : 0), attempt)
  }
}

async function orIfNotFound<T>(absent: T, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (isNotFound(error)) return absent
    throw error
  }
}

function refOf({ apiVersion, kind, metadata }: KubeObject): ResourceRef {
  const { namespace } = metadata
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) }
}

/** How an error names an object: `Deployment argocd/argocd-server`, `Node kind`, or only the kind for a list. */
function labelOf(ref: ResourceRef, name?: string): string {
  const where = [ref.namespace, name].filter((part) => part !== undefined).join('/')
  return where === '' ? ref.kind : `${ref.kind} ${where}`
}
