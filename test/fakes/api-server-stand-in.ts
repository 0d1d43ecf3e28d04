/** A local HTTPS server that answers like a Kubernetes API server, and misbehaves on demand. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ClusterAccess, KubeObject } from '../../src/domain/cluster.ts'
import { notFoundPage, sendJson, sendStatus, statusOf } from './api-answers.ts'
import { selectorOf, splitPath, standInKinds, targetOf, type Target } from './api-paths.ts'
import { ObjectStore, StoreRefusal, type Change, type Selector } from './object-store.ts'
import { openWatch, type OpenWatch } from './open-watch.ts'
import { PodStreams } from './pod-streams.ts'
import { writeTestKubeconfig, type KubeconfigChanges } from './test-only-kubeconfig.ts'
import { isAllowed, testOnlyTls } from './test-only-tls.ts'

/** One request as it came in. */
export interface SeenRequest {
  /** Method, path and query. */
  readonly line: string
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Answers a request in the server's place. */
export type Handler = (response: ServerResponse, request: SeenRequest) => void

/** Started by `start`; every test gets its own. */
export class ApiServerStandIn {
  readonly store = new ObjectStore()
  readonly requests: SeenRequest[] = []
  /** What is spoken over WebSockets. */
  readonly pods = new PodStreams(this.store)
  /** Watches that are open now, oldest first. */
  readonly watches: OpenWatch[] = []
  /** How many TLS connections were made. */
  connections = 0
  /** Group versions that are not served though their CustomResourceDefinitions are there, as in the first moments. */
  readonly withheld = new Set<string>()
  /** When set, watches are opened but hear nothing. */
  muteWatches = false
  readonly #server: Server
  readonly #kubeconfigPath: string
  #rules: { readonly start: string; readonly handler: Handler; times: number }[] = []

  private constructor(folder: string) {
    this.#kubeconfigPath = join(folder, 'kubeconfig')
    const tls = { key: testOnlyTls('server.key'), cert: testOnlyTls('server.crt'), ca: testOnlyTls('ca.crt') }
    this.#server = createServer(
      { ...tls, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        this.#receive(request, response)
      },
    )
    this.#server.on('secureConnection', () => {
      this.connections += 1
    })
    this.#server.on('upgrade', (request, socket, head) => {
      this.pods.upgrade(request, socket, head)
    })
  }

  /** Listens on a free port, and writes a kubeconfig for itself into `folder`. */
  static async start(folder: string): Promise<ApiServerStandIn> {
    const standIn = new ApiServerStandIn(folder)
    await new Promise<void>((resolve) => standIn.#server.listen(0, '127.0.0.1', resolve))
    await standIn.writeKubeconfig({})
    return standIn
  }

  /** Address and kubeconfig for a client. */
  get access(): ClusterAccess {
    return { kubeconfigPath: this.#kubeconfigPath, context: 'test', server: this.url }
  }

  get url(): string {
    return `https://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
  }

  /** How many connections are open now. */
  async openConnections(): Promise<number> {
    return await new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => {
        if (error === null) resolve(count)
        else reject(error)
      })
    })
  }

  /** Writes the kubeconfig anew with some fields of the user or cluster changed. */
  async writeKubeconfig(changes: KubeconfigChanges): Promise<void> {
    await writeTestKubeconfig(this.#kubeconfigPath, this.url, changes)
  }

  /** Answers the next `times` requests whose `METHOD /path?query` starts with `start` by `handler`. */
  intercept(start: string, handler: Handler, times = 1): void {
    this.#rules.push({ start, handler, times })
  }

  /** How many requests came whose `METHOD /path?query` starts with `start`. */
  count(start: string): number {
    return this.requests.filter(({ line }) => line.startsWith(start)).length
  }

  /** Breaks every open connection; the server goes on listening. */
  cutConnections(): void {
    this.#server.closeAllConnections()
    this.pods.cut()
  }

  async close(): Promise<void> {
    this.cutConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #receive(incoming: IncomingMessage, response: ServerResponse): void {
    let body = ''
    incoming.setEncoding('utf8')
    incoming.on('data', (chunk: string) => (body += chunk))
    incoming.on('error', () => undefined)
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming
      const { pathname: path, searchParams: query } = new URL(url, this.url)
      const request = { line: `${method} ${url}`, method, path, query, headers, body }
      this.requests.push(request)
      try {
        if (!isAllowed(incoming)) throw new StoreRefusal(401, 'Unauthorized', 'Unauthorized')
        this.#answer(request, response)
      } catch (error) {
        if (!(error instanceof StoreRefusal)) throw error
        sendStatus(response, error.status, error.reason, error.message)
      }
    })
  }

  #answer(request: SeenRequest, response: ServerResponse): void {
    const rule = this.#rules.find(({ start }) => request.line.startsWith(start))
    if (rule !== undefined) {
      rule.times -= 1
      this.#rules = this.#rules.filter(({ times }) => times > 0)
      rule.handler(response, request)
      return
    }
    if (request.path === '/readyz') {
      response.end('ok')
      return
    }
    const { apiVersion, rest } = splitPath(request.path)
    const resources = this.#resources(apiVersion)
    const target = targetOf(apiVersion, rest, resources)
    if (resources.length > 0 && rest.length === 0)
      sendJson(response, 200, { kind: 'APIResourceList', groupVersion: apiVersion, resources })
    else if (target === undefined) notFoundPage(response)
    else this.#serve(target, request, response)
  }

  #resources(apiVersion: string): { name: string; kind: string; namespaced: boolean }[] {
    const builtIn = Object.entries(standInKinds[apiVersion] ?? {}).map(([name, kind]) => ({
      name,
      kind,
      namespaced: this.store.resource(apiVersion, kind)?.namespaced ?? false,
    }))
    const custom = this.store
      .customResources()
      .filter((resource) => resource.apiVersion === apiVersion && !this.withheld.has(apiVersion))
      .flatMap(({ kind, plural, namespaced }) => [
        { name: plural, kind, namespaced },
        { name: `${plural}/status`, kind, namespaced },
      ])
    return [...builtIn, ...custom]
  }

  #serve(target: Target, request: SeenRequest, response: ServerResponse): void {
    const { name = '' } = target
    const body = (): KubeObject => JSON.parse(request.body) as KubeObject
    switch (request.method) {
      case 'GET':
        this.#read(target, request, response)
        return
      case 'PATCH':
        sendJson(response, 200, this.#patch({ ...target, name }, body(), request))
        return
      case 'POST':
        sendJson(response, 201, this.store.create(body()))
        return
      case 'DELETE':
        sendJson(response, 200, this.#one({ ...target, name }))
        this.store.delete({ ...target, name })
        return
      default:
        throw new StoreRefusal(405, 'MethodNotAllowed', `the stand-in has no ${request.method}`)
    }
  }

  #read(target: Target, request: SeenRequest, response: ServerResponse): void {
    const { name } = target
    if (target.subresource === 'log') this.#log(target, request, response)
    else if (name !== undefined) sendJson(response, 200, this.#one({ ...target, name }))
    else if (request.query.get('watch') === 'true') this.#watch(target, request, response)
    else this.#list(target, request, response)
  }

  #one(target: Target & { readonly name: string }): KubeObject {
    const found = this.store.get(target)
    if (found !== undefined) return found
    const { plural = '' } = this.store.resource(target.apiVersion, target.kind) ?? {}
    throw new StoreRefusal(404, 'NotFound', `${plural} "${target.name}" not found`)
  }

  #patch(target: Target & { readonly name: string }, body: KubeObject, request: SeenRequest): KubeObject {
    const type = request.headers['content-type']
    if (type === 'application/merge-patch+json') return this.store.patch(target, body)
    if (type !== 'application/apply-patch+yaml')
      throw new StoreRefusal(415, 'UnsupportedMediaType', 'the stand-in takes apply and merge patches only')
    if (request.query.get('fieldManager') === null || request.query.get('force') !== 'true')
      throw new StoreRefusal(409, 'Conflict', 'Apply failed with 1 conflict')
    return this.store.apply(body)
  }

  #list(target: Target, { query, headers }: SeenRequest, response: ServerResponse): void {
    const all = this.store.list(target, selectorOf(target, query))
    const limit = Number(query.get('limit') ?? all.length)
    const start = Number(query.get('continue') ?? 0)
    const page = all.slice(start, start + limit)
    const next = start + limit < all.length ? String(start + limit) : undefined
    const bare = headers.accept?.includes('as=PartialObjectMetadataList') === true
    sendJson(response, 200, {
      apiVersion: bare ? 'meta.k8s.io/v1' : target.apiVersion,
      kind: bare ? 'PartialObjectMetadataList' : `${target.kind}List`,
      metadata: {
        resourceVersion: String(this.store.revision),
        ...(next === undefined ? {} : { continue: next }),
      },
      // As the API does: items of a list have no kind of their own.
      items: page.map((item) =>
        bare ? { metadata: item.metadata } : { ...item, apiVersion: undefined, kind: undefined },
      ),
    })
  }

  #watch(target: Target, { query }: SeenRequest, response: ServerResponse): void {
    const selector = selectorOf(target, query)
    const resourceVersion = query.get('resourceVersion') ?? '0'
    let revision = Number(resourceVersion)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const watch = openWatch(response, resourceVersion)
    const flush = (): void => {
      if (this.muteWatches) return
      for (const change of this.#changes(target, selector, revision, watch)) {
        revision = change.revision
        watch.send({ type: change.type, object: change.object })
      }
    }
    this.watches.push(watch)
    const stop = this.store.listen(flush)
    const timer = setTimeout(
      () => {
        watch.end()
      },
      Number(query.get('timeoutSeconds')) * 1000,
    )
    response.on('close', () => {
      stop()
      clearTimeout(timer)
      this.watches.splice(this.watches.indexOf(watch), 1)
    })
    flush()
  }

  #changes(target: Target, selector: Selector, revision: number, watch: OpenWatch): Change[] {
    try {
      return this.store.changes(target, selector, revision)
    } catch (error) {
      if (!(error instanceof StoreRefusal)) throw error
      watch.send({ type: 'ERROR', object: statusOf(error.status, error.reason, error.message) })
      watch.end()
      return []
    }
  }

  #log(target: Target, { query }: SeenRequest, response: ServerResponse): void {
    const { namespace = '', name = '' } = target
    const read = (): ReturnType<ObjectStore['log']> =>
      this.store.log(namespace, name, query.get('container') ?? '', query.get('previous') === 'true')
    let sent = Math.max(0, read().lines.length - Number(query.get('tailLines') ?? Infinity))
    const flush = (): void => {
      const { lines, ended } = read()
      for (const line of lines.slice(sent)) response.write(`${line}\n`)
      sent = lines.length
      if (ended || query.get('follow') !== 'true') response.end()
    }
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.flushHeaders()
    response.on('close', this.store.listen(flush))
    flush()
  }
}
