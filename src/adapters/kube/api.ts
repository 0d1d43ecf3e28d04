/** Requests in Kubernetes' terms on top of the transport: paths of kinds, whole lists, watches, patience. */
import type { KubeObject } from '../../domain/cluster.ts'
import type { ResourceRef } from '../../domain/ports.ts'
import type { Clock } from '../../engine/clock.ts'
import { ConnectionError, isExpired, translate } from './api-errors.ts'
import type { Credentials } from './credentials.ts'
import { lines } from './lines.ts'
import { Discovery, pathOf, type Resource } from './resources.ts'
import { retrying } from './retry.ts'
import { Transport, type ApiRequest } from './transport.ts'
import type { Listed } from './watch.ts'
import type { Channels, ChannelsRequest } from './web-socket.ts'

/** How long a client is patient, in milliseconds. */
export interface ClientTimes {
  /** For one request. More than a CRD of 1 MB needs on a busy machine. */
  readonly requestMs: number
  /** For one look at /readyz. */
  readonly readyMs: number
  /** For a node's kubelet to tell what its pods use. */
  readonly statsMs: number
  /** After the first failure of a request that may be repeated: broken connections, 429, 503, a server that starts. */
  readonly retryMs: number
  /** For a kind or namespace that an apply or create needs and that is not there yet. */
  readonly notServedMs: number
  /** After this the server ends a watch request, and it is asked again; whole seconds. */
  readonly watchMs: number
  /** A watch request that is silent for this long is broken. More than watchMs, as an idle server may be silent. */
  readonly watchSilenceMs: number
  /** For an API server that is away during a watch. */
  readonly watchPatienceMs: number
}

/** Objects of a kind, in one namespace or all. */
export type Selection = ResourceRef & {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly metadataOnly?: boolean
}

/** Parameters of a path; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** What client-go's pager uses. */
const pageSize = 500

/** Asks for lists without specs and states; a server that cannot do that sends whole objects. */
const metadataType = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/** One API server, until it is closed. Methods throw ApiStatusError, ConnectionError or the abort reason. */
export class Api {
  readonly server: string
  readonly times: ClientTimes
  readonly clock: Clock
  readonly transport: Transport
  readonly #credentials: Credentials
  readonly #discovery: Discovery
  readonly #closed = new AbortController()

  constructor(credentials: Credentials, clock: Clock, times: ClientTimes) {
    this.server = credentials.server
    this.#credentials = credentials
    this.transport = new Transport(credentials)
    this.clock = clock
    this.times = times
    this.#discovery = new Discovery((path) => this.send({ method: 'GET', path, signal: this.#closed.signal }))
  }

  /** Aborts when the client is closed. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  close(): void {
    this.#closed.abort(new ConnectionError('closed', 'the client was closed'))
    this.transport.close()
  }

  async send(request: Omit<ApiRequest, 'timeoutMs'>): Promise<unknown> {
    return await this.transport.json({ ...request, timeoutMs: this.times.requestMs })
  }

  /** A WebSocket of its own; ends when the client is closed. */
  async openChannels(request: Omit<ChannelsRequest, 'timeoutMs'>): Promise<Channels> {
    // Most commands need no WebSocket and shall not pay for one.
    const { openChannels } = await import('./web-socket.ts')
    const signal = AbortSignal.any([request.signal, this.closed])
    return await openChannels(this.#credentials, { ...request, signal, timeoutMs: this.times.requestMs })
  }

  /** Path of one object, or of the collection that a namespaced object is created in. */
  async pathTo(ref: ResourceRef, name: string | undefined, signal: AbortSignal): Promise<string> {
    return pathOf(await this.#resource(ref, signal), ref.namespace ?? 'default', name)
  }

  /** All pages of a list, with the revision to watch on from. */
  async listAll(selection: Selection, signal: AbortSignal): Promise<Listed> {
    const path = pathOf(await this.#resource(selection, signal), selection.namespace)
    try {
      return await this.#pages(path, selection, signal, pageSize)
    } catch (error) {
      // The revision of the first page was forgotten before the last page was read: take all in one page.
      if (isExpired(error)) return await this.#pages(path, selection, signal, undefined)
      throw error
    }
  }

  /** The lines of one watch request. */
  async openWatch(
    selection: Selection,
    resourceVersion: string,
    signal: AbortSignal,
  ): Promise<AsyncIterable<string>> {
    const { watchMs, watchSilenceMs, requestMs: timeoutMs } = this.times
    const query = queryOf({
      ...selectorsOf(selection),
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion,
      timeoutSeconds: Math.ceil(watchMs / 1000),
    })
    const path = pathOf(await this.#resource(selection, signal), selection.namespace) + query
    return lines(await this.transport.stream({ method: 'GET', path, signal, timeoutMs }, watchSilenceMs))
  }

  /** Runs a request again while `patienceFor` its error lasts; what fails in the end is told in the catalog's words. */
  async patiently<T>(
    label: string,
    signal: AbortSignal,
    patienceFor: (error: unknown) => number,
    attempt: () => Promise<T>,
  ): Promise<T> {
    try {
      return await retrying(attempt, { clock: this.clock, signal, patienceFor })
    } catch (error) {
      throw translate(error, label, this.server)
    }
  }

  async #resource(ref: ResourceRef, signal: AbortSignal): Promise<Resource> {
    return await unlessAborted(this.#discovery.find(ref.apiVersion, ref.kind), signal)
  }

  async #pages(
    path: string,
    selection: Selection,
    signal: AbortSignal,
    limit: number | undefined,
  ): Promise<Listed> {
    const items: KubeObject[] = []
    let token: string | undefined
    for (;;) {
      const query = queryOf({ ...selectorsOf(selection), limit, continue: token })
      const accept = selection.metadataOnly === true ? metadataType : 'application/json'
      const page = pageOf(await this.send({ method: 'GET', path: path + query, accept, signal }))
      items.push(...page.items.map((item) => objectOf(item, selection)))
      token = page.token
      if (token === undefined) return { items, resourceVersion: page.resourceVersion }
    }
  }
}

/** Rejects as soon as the signal aborts, though `shared` goes on for others. */
async function unlessAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([shared, aborted])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
  }
}

function selectorsOf(selection: Selection): Query {
  return { labelSelector: selection.labelSelector, fieldSelector: selection.fieldSelector }
}

/** A query string with its question mark; empty without parameters. */
export function queryOf(query: Query): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value))
  return parameters.size === 0 ? '' : `?${parameters.toString()}`
}

/** An object out of an answer. Items of built-in lists come without apiVersion and kind: those asked for are put in. */
export function objectOf(answer: unknown, ref: ResourceRef): KubeObject {
  const object = answer as Partial<KubeObject> | null
  if (typeof object?.metadata?.name !== 'string')
    throw new ConnectionError('wrong', 'the answer is no Kubernetes object')
  return { ...object, apiVersion: ref.apiVersion, kind: ref.kind, metadata: object.metadata }
}

interface Page {
  readonly items: readonly unknown[]
  readonly token: string | undefined
  readonly resourceVersion: string
}

function pageOf(answer: unknown): Page {
  const { items, metadata } = (answer ?? {}) as { items?: unknown; metadata?: unknown }
  const { continue: token, resourceVersion } = (metadata ?? {}) as {
    continue?: unknown
    resourceVersion?: unknown
  }
  // Go writes an empty list as null in places.
  if ((!Array.isArray(items) && items !== null) || typeof resourceVersion !== 'string')
    throw new ConnectionError('wrong', 'the answer is no list of Kubernetes objects')
  return {
    items: items ?? [],
    token: typeof token === 'string' && token !== '' ? token : undefined,
    resourceVersion,
  }
}
