/** A cluster in memory behind the ClusterClient port. It passes the contract suite of the real adapter. */
import type { KubeObject } from '../../src/domain/cluster.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type {
  ClusterClient,
  ClusterClients,
  ExecResult,
  ExecTarget,
  Forward,
  ForwardTarget,
  PodMemory,
  ResourceRef,
  WatchEvent,
} from '../../src/domain/ports.ts'
import { ObjectStore, type Selector } from './object-store.ts'
import { refused } from './refused.ts'
import { requirePod, runCommand, type CommandHandler } from './pod-commands.ts'
import { eventType, keyOf, labelOf } from './object-labels.ts'

/** One request that was made, such as `apply Deployment argocd/argocd-server`. */
export type Call = string

interface Failure {
  readonly matches: (call: Call) => boolean
  readonly error: Error
  times: number
}

type Named = ResourceRef & { readonly name: string }

/**
 * Strict: unknown kinds and namespaces are refused as the API refuses them, and every request is recorded. Tests play the
 * controllers: with `put`, `setStatus` and `setCondition` directly, or with `whenApplied` for every object of a kind.
 */
export class FakeCluster implements ClusterClient {
  readonly server: string
  /** All requests, in order. */
  readonly calls: Call[] = []
  /** What `ready` answers. */
  isReady = true
  /** What nodes tell of their pods. */
  memory: readonly PodMemory[] = []
  /** Set by `close`. A closed client is a closed client: every request fails. */
  isClosed = false
  /** Answers commands in containers; one that it does not know is an error of the test. */
  onExec: CommandHandler = () => undefined
  /** Answers forwards. */
  onForward: (target: ForwardTarget, signal: AbortSignal) => Promise<Forward> = () => {
    throw new Error('the fake cluster does not expect a forward')
  }
  readonly #store = new ObjectStore()
  readonly #closed = new AbortController()
  readonly #reactions: { readonly kind: string; readonly react: (object: KubeObject) => void }[] = []
  #failures: Failure[] = []

  constructor(server = 'https://127.0.0.1:6443') {
    this.server = server
  }

  /** Adds or replaces an object whole, as a controller or a person with kubectl would. */
  put(object: KubeObject): KubeObject {
    return this.#store.put(object)
  }

  /** The object as it is now, without a recorded request. */
  object(ref: Named): KubeObject | undefined {
    return this.#store.get(ref)
  }

  /** All objects of a kind as they are now, without a recorded request. */
  objects(ref: ResourceRef): readonly KubeObject[] {
    return this.#store.list(ref, { namespace: ref.namespace })
  }

  /** Replaces the status of an object that is there. */
  setStatus(ref: Named, status: object): void {
    this.#store.put({ ...this.#present(ref), status })
  }

  /** Sets one condition in the status, and keeps the rest. */
  setCondition(
    ref: Named,
    condition: {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
    },
  ): void {
    const status = (this.#present(ref)['status'] ?? {}) as { conditions?: readonly { type: string }[] }
    const others = (status.conditions ?? []).filter(({ type }) => type !== condition.type)
    this.setStatus(ref, { ...status, conditions: [...others, condition] })
  }

  /** Removes an object behind play's back; a namespace takes what is in it along. */
  remove(ref: Named): void {
    this.#store.delete(ref)
  }

  /** What a container has written, and in its run before; followers end once it has `ended`. The pod must be put, too. */
  setLog(
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    lines: readonly string[],
    ended = true,
    previous?: readonly string[],
  ): void {
    this.#store.setLog(pod.namespace, pod.name, pod.container, { lines, ended, previous })
  }

  /** Lets the next `times` requests that match fail. A string matches calls that start with it. */
  fail(match: string | ((call: Call) => boolean), error: Error, times = 1): void {
    const matches = typeof match === 'string' ? (call: Call) => call.startsWith(match) : match
    this.#failures.push({ matches, error, times })
  }

  /** Plays a controller: called after each apply, patch or create of an object of that kind. */
  whenApplied(kind: string, react: (object: KubeObject) => void): void {
    this.#reactions.push({ kind, react })
  }

  async ready(signal: AbortSignal): Promise<boolean> {
    await this.#enter('ready', signal)
    return this.isReady
  }

  async get(ref: Named, signal: AbortSignal): Promise<KubeObject | undefined> {
    await this.#enter(`get ${labelOf(ref, ref.name)}`, signal)
    return this.#served(ref) ? this.#store.get(ref) : undefined
  }

  async list(ref: Parameters<ClusterClient['list']>[0], signal: AbortSignal): Promise<readonly KubeObject[]> {
    await this.#enter(`list ${labelOf(ref)}`, signal)
    const found = this.#store.list(ref, ref)
    if (ref.metadataOnly !== true) return found
    return found.map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }))
  }

  async apply(object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    return await this.#change('apply', object, signal, () => this.#store.apply(object))
  }

  async patch(ref: Named, fields: Parameters<ClusterClient['patch']>[1], signal: AbortSignal) {
    const { namespace, name } = ref
    return await this.#change(
      'patch',
      { ...ref, metadata: { name, ...(namespace && { namespace }) } },
      signal,
      () => this.#store.patch(ref, fields),
    )
  }

  async create(object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    return await this.#change('create', object, signal, () => this.#store.create(object))
  }

  async delete(ref: Named, signal: AbortSignal): Promise<boolean> {
    await this.#enter(`delete ${labelOf(ref, ref.name)}`, signal)
    return this.#served(ref) && this.#store.delete(ref)
  }

  async *watch(
    ref: ResourceRef & Selector,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent, void, undefined> {
    const either = AbortSignal.any([signal, this.#closed.signal])
    if (either.aborted || !(await this.#enters(`watch ${labelOf(ref)}`, either))) return
    const seen = new Set<string>()
    let revision = this.#store.revision
    for (const object of this.#store.list(ref, ref)) {
      seen.add(keyOf(object))
      yield { type: 'added', object }
    }
    while (!isAborted(either)) {
      const changes = this.#store.changes(ref, ref, revision)
      if (changes.length === 0) await this.#changed(either)
      for (const { type, object, revision: at } of changes) {
        if (isAborted(either)) return
        revision = at
        const known = seen.has(keyOf(object))
        if (type === 'DELETED') seen.delete(keyOf(object))
        else seen.add(keyOf(object))
        yield { type: eventType(type, known), object }
      }
    }
  }

  async *logs(
    pod: Parameters<ClusterClient['logs']>[0],
    signal: AbortSignal,
  ): AsyncGenerator<string, void, undefined> {
    const label = `Pod ${pod.namespace}/${pod.name}`
    await this.#enter(`logs ${label}`, signal)
    const { namespace, name, container, previous, tailLines = Infinity } = pod
    const read = () => refused(label, () => this.#store.log(namespace, name, container, previous))
    let sent = Math.max(0, read().lines.length - tailLines)
    for (;;) {
      const { lines, ended } = read()
      if (sent < lines.length) yield lines[sent++] ?? ''
      else if (ended || !pod.follow) return
      else await this.#changed(AbortSignal.any([signal, this.#closed.signal]))
      signal.throwIfAborted()
      this.#closed.signal.throwIfAborted()
    }
  }

  async podMemory(signal: AbortSignal): Promise<readonly PodMemory[]> {
    await this.#enter('podMemory', signal)
    return this.memory
  }

  async exec(target: ExecTarget, signal: AbortSignal): Promise<ExecResult> {
    const label = `Pod ${target.namespace}/${target.pod}`
    await this.#enter(`exec ${label} ${target.command.join(' ')}`, signal)
    refused(label, () => {
      requirePod(this.#store, target.namespace, target.pod)
    })
    return await runCommand(this.onExec, target, AbortSignal.any([signal, this.#closed.signal]))
  }

  async forward(target: ForwardTarget, signal: AbortSignal): Promise<Forward> {
    const pod = typeof target.pod === 'string' ? target.pod : '?'
    await this.#enter(`forward Pod ${target.namespace}/${pod} ${String(target.port)}`, signal)
    return await this.onForward(target, AbortSignal.any([signal, this.#closed.signal]))
  }

  close(): void {
    this.isClosed = true
    const params = { server: this.server, reason: 'the client was closed' }
    this.#closed.abort(PlayError.of('API_UNREACHABLE', params))
  }

  async #change(
    verb: string,
    object: KubeObject,
    signal: AbortSignal,
    change: () => KubeObject,
  ): Promise<KubeObject> {
    const { kind, metadata } = object
    const label = labelOf({ kind, namespace: metadata.namespace }, metadata.name)
    await this.#enter(`${verb} ${label}`, signal)
    const result = refused(label, change)
    for (const reaction of this.#reactions) if (reaction.kind === kind) reaction.react(result)
    return result
  }

  /** Records the request, and lets it take a turn of the event loop as a real one does. */
  async #enter(call: Call, signal: AbortSignal): Promise<void> {
    this.calls.push(call)
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
    this.#closed.signal.throwIfAborted()
    const failure = this.#failures.find(({ matches }) => matches(call))
    if (failure === undefined) return
    failure.times -= 1
    this.#failures = this.#failures.filter(({ times }) => times > 0)
    throw failure.error
  }

  /** As `enter`, but false where it was told to stop meanwhile. */
  async #enters(call: Call, signal: AbortSignal): Promise<boolean> {
    await this.#enter(call, signal).catch((error: unknown) => {
      if (!isAborted(signal)) throw error
    })
    return !isAborted(signal)
  }

  #served(ref: ResourceRef): boolean {
    return this.#store.resource(ref.apiVersion, ref.kind) !== undefined
  }

  #present(ref: Named): KubeObject {
    const object = this.#store.get(ref)
    if (object === undefined) throw new Error(`the fake cluster has no ${labelOf(ref, ref.name)}`)
    return object
  }

  async #changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      const stop = this.#store.listen(resolve)
      signal.addEventListener('abort', () => {
        stop()
        resolve()
      })
    })
  }
}

/** The ClusterClients port that always opens `cluster`. */
export function fakeClusterClients(cluster: FakeCluster): ClusterClients {
  return { open: () => Promise.resolve(cluster) }
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted
