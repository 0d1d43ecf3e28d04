/** What an API server knows, in memory: objects, revisions, kinds, server-side apply. Behind both fakes of a cluster. */
import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../src/domain/cluster.ts'
import type { ResourceRef } from '../../src/domain/ports.ts'
import { builtInResource, type Resource } from '../../src/adapters/kube/resources.ts'
import { bare, merged, stamped, without } from './object-fields.ts'
import { mergePatched } from './merge-patch.ts'

/** A refusal as the API server words it. */
export class StoreRefusal extends Error {
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    super(message)
    this.status = status
    this.reason = reason
  }
}

/** One entry of the store's history. */
export interface Change {
  readonly revision: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
}

/** The log of one container. */
export interface ContainerLog {
  readonly lines: readonly string[]
  /** Followers end once the container has ended. */
  readonly ended: boolean
  /** What the run before has written; undefined without one. */
  readonly previous?: readonly string[] | undefined
}

interface Stored {
  readonly object: KubeObject
  /** What was applied last, so that a field left out of the next apply goes. */
  readonly applied: KubeObject | undefined
}

/** Selects objects as the API does; only `a=b,c=d` and `metadata.name` are understood. */
export interface Selector {
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
}

/** The state of a cluster. Every change is told to the listeners, after it has happened. */
export class ObjectStore {
  readonly #objects = new Map<string, Stored>()
  readonly #logs = new Map<string, ContainerLog>()
  readonly #listeners = new Set<() => void>()
  #history: Change[] = []
  #revision = 100
  #oldest = 0

  constructor() {
    for (const name of ['default', 'kube-system'])
      this.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }

  get revision(): number {
    return this.#revision
  }

  /** Calls back after each change of objects and logs; returns how to stop that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The kinds that CustomResourceDefinitions in the store define, and those built in. */
  resource(apiVersion: string, kind: string): Resource | undefined {
    return builtInResource(apiVersion, kind) ?? this.customResources().find(isKind(apiVersion, kind))
  }

  /** The kinds that CustomResourceDefinitions in the store define. */
  customResources(): Resource[] {
    return [...this.#objects.values()]
      .filter(({ object }) => object.kind === 'CustomResourceDefinition')
      .flatMap(({ object }) => {
        const spec = object['spec'] as {
          group: string
          scope: string
          names: { kind: string; plural: string }
          versions: { name: string }[]
        }
        return spec.versions.map(({ name }) => ({
          apiVersion: `${spec.group}/${name}`,
          kind: spec.names.kind,
          plural: spec.names.plural,
          namespaced: spec.scope === 'Namespaced',
        }))
      })
  }

  get(ref: ResourceRef & { readonly name: string }): KubeObject | undefined {
    return this.#objects.get(this.#key(ref, ref.name))?.object
  }

  list(ref: ResourceRef, selector: Selector): KubeObject[] {
    return [...this.#objects.values()].map(({ object }) => object).filter(matches(ref, selector))
  }

  /** Adds or replaces an object whole, status included, as a controller may. */
  put(object: KubeObject): KubeObject {
    return this.#write(object, this.#stored(object)?.applied, object.metadata.creationTimestamp)
  }

  /** Server-side apply by one manager with force: maps are merged, lists are replaced, fields left out since go. */
  apply(object: KubeObject): KubeObject {
    this.#admit(object)
    const stored = this.#stored(object)
    if (stored === undefined) return this.#write(object, object)
    const cleared = without(stored.object, stored.applied ?? {}, object)
    // Whoever applies by force owns what it applies; of others the fake knows only what a test has put.
    const metadata = { ...(cleared['metadata'] as object) }
    Reflect.deleteProperty(metadata, 'managedFields')
    return this.#write(merged({ ...cleared, metadata }, object) as unknown as KubeObject, object)
  }

  /** JSON merge patch (RFC 7386). */
  patch(ref: ResourceRef & { readonly name: string }, fields: Readonly<Record<string, unknown>>): KubeObject {
    const found = this.get(ref)
    if (found === undefined) throw new StoreRefusal(404, 'NotFound', `"${ref.name}" not found`)
    return this.put(mergePatched(found, fields) as KubeObject)
  }

  create(wanted: KubeObject): KubeObject {
    const object = this.#named(wanted)
    this.#admit(object)
    const { name } = object.metadata
    if (this.#stored(object) !== undefined)
      throw new StoreRefusal(409, 'AlreadyExists', `${this.#plural(object)} "${name}" already exists`)
    return this.#write(object, undefined)
  }

  delete(ref: ResourceRef & { readonly name: string }): boolean {
    const key = this.#key(ref, ref.name)
    const stored = this.#objects.get(key)
    if (stored === undefined) return false
    this.#objects.delete(key)
    this.#revision += 1
    this.#record('DELETED', stamped(stored.object, this.#revision))
    if (ref.kind === 'Namespace') this.#empty(ref.name)
    return true
  }

  /** Changes after `revision`; throws 410 when the history does not reach back that far. */
  changes(ref: ResourceRef, selector: Selector, revision: number): Change[] {
    if (revision < this.#oldest)
      throw new StoreRefusal(
        410,
        'Expired',
        `too old resource version: ${String(revision)} (${String(this.#oldest)})`,
      )
    const select = matches(ref, selector)
    return this.#history.filter((change) => change.revision > revision && select(change.object))
  }

  /** Forgets all history, as etcd's compaction does. */
  compact(): void {
    this.#history = []
    this.#oldest = this.#revision
  }

  setLog(namespace: string, pod: string, container: string, log: ContainerLog): void {
    this.#logs.set(`${namespace}/${pod}/${container}`, log)
    this.#tell()
  }

  /** Throws as the API does when there is no such pod, or its container has not started. */
  log(namespace: string, pod: string, container: string, previous = false): ContainerLog {
    const log = this.#logs.get(`${namespace}/${pod}/${container}`)
    if (log !== undefined && !previous) return log
    if (log?.previous !== undefined) return { lines: log.previous, ended: true }
    if (this.get({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod }) === undefined)
      throw new StoreRefusal(404, 'NotFound', `pods "${pod}" not found`)
    if (previous) {
      const what = `previous terminated container "${container}" in pod "${pod}" not found`
      throw new StoreRefusal(400, 'BadRequest', what)
    }
    const why = `container "${container}" in pod "${pod}" is waiting to start: ContainerCreating`
    throw new StoreRefusal(400, 'BadRequest', why)
  }

  /** With a name of its own where only the beginning of one is given. */
  #named(object: KubeObject): KubeObject {
    const { name, generateName } = object.metadata as { name?: string; generateName?: string }
    if (name !== undefined || generateName === undefined) return object
    return { ...object, metadata: { ...object.metadata, name: `${generateName}${String(this.#revision)}` } }
  }

  /** A namespace takes what is in it along. */
  #empty(namespace: string): void {
    const inside = [...this.#objects.values()].filter(({ object }) => object.metadata.namespace === namespace)
    for (const { object } of inside) this.delete({ ...object, namespace, name: object.metadata.name })
  }

  #admit(object: KubeObject): void {
    const resource = this.resource(object.apiVersion, object.kind)
    if (resource === undefined)
      throw new StoreRefusal(
        404,
        'NotFound',
        `the cluster does not serve the kind ${object.kind} of ${object.apiVersion}`,
      )
    const namespace = object.metadata.namespace ?? 'default'
    if (!resource.namespaced) return
    if (this.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }) === undefined)
      throw new StoreRefusal(404, 'NotFound', `namespaces "${namespace}" not found`)
  }

  #write(object: KubeObject, applied: KubeObject | undefined, madeAt?: string): KubeObject {
    const placed = this.#placed(object)
    const key = this.#key(placed, object.metadata.name, placed.metadata.namespace)
    const before = this.#objects.get(key)
    if (before !== undefined && isDeepStrictEqual(bare(before.object), bare(placed))) return before.object
    this.#revision += 1
    const { uid = `uid-${String(this.#revision)}`, creationTimestamp = madeAt } =
      before?.object.metadata ?? {}
    const made = creationTimestamp === undefined ? {} : { creationTimestamp }
    const after = stamped({ ...placed, metadata: { ...placed.metadata, uid, ...made } }, this.#revision)
    this.#objects.set(key, { object: after, applied })
    this.#record(before === undefined ? 'ADDED' : 'MODIFIED', after)
    return after
  }

  /** With its namespace, and without fields that only the server sets. */
  #placed(object: KubeObject): KubeObject {
    const { namespace = 'default', ...metadata } = bare(object).metadata
    const namespaced =
      this.resource(object.apiVersion, object.kind)?.namespaced ?? object.metadata.namespace !== undefined
    return structuredClone({ ...object, metadata: namespaced ? { ...metadata, namespace } : metadata })
  }

  #record(type: Change['type'], object: KubeObject): void {
    this.#history.push({ revision: this.#revision, type, object })
    this.#tell()
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  #stored(object: KubeObject): Stored | undefined {
    return this.#objects.get(this.#key(object, object.metadata.name, object.metadata.namespace))
  }

  #key(ref: ResourceRef, name: string, namespace = ref.namespace): string {
    const namespaced = this.resource(ref.apiVersion, ref.kind)?.namespaced ?? namespace !== undefined
    // The API serves one object in all versions of its group.
    const group = ref.apiVersion.includes('/') ? ref.apiVersion.split('/')[0] : ''
    return [group, ref.kind, namespaced ? (namespace ?? 'default') : '', name].join('/')
  }

  #plural({ apiVersion, kind }: KubeObject): string {
    const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0] ?? ''}` : ''
    return `${this.resource(apiVersion, kind)?.plural ?? kind}${group}`
  }
}

function isKind(apiVersion: string, kind: string): (resource: Resource) => boolean {
  return (resource) => resource.apiVersion === apiVersion && resource.kind === kind
}

function matches(ref: ResourceRef, selector: Selector): (object: KubeObject) => boolean {
  const labels = pairs(selector.labelSelector)
  const fields = pairs(selector.fieldSelector)
  return ({ apiVersion, kind, metadata }) =>
    apiVersion === ref.apiVersion &&
    kind === ref.kind &&
    (selector.namespace === undefined || metadata.namespace === selector.namespace) &&
    labels.every(([name, value]) => isLabelled(metadata.labels?.[name], value)) &&
    fields.every(([name, value]) => name === 'metadata.name' && metadata.name === value)
}

/** Without a value the label only has to be there. */
function isLabelled(label: string | undefined, value: string | undefined): boolean {
  return value === undefined ? label !== undefined : label === value
}

function pairs(selector: string | undefined): [string, string | undefined][] {
  if (selector === undefined || selector === '') return []
  return selector.split(',').map((part) => {
    const [name, value, ...rest] = part.split('=')
    if (name === undefined || /[!() ]/.test(part) || rest.length > 0)
      throw new Error(`the fake understands only a=b and a in selectors, not ${part}`)
    return [name, value]
  })
}
