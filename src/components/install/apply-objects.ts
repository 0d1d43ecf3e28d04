/** Brings objects of a component into the cluster: what is leaving goes first, namespaces come before what is in them. */
import type { KubeObject } from '../../domain/cluster.ts'
import type { Component, InstallOptions } from '../../domain/component.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import type { Scope } from '../../engine/step.ts'
import { waitUntil, type Probe } from '../../engine/wait.ts'
import { refOf } from './component-objects.ts'
import type { Standing } from './standing.ts'

/** Waits until nothing is leaving, which cannot be made anew before; answers how the rest stands then. */
export async function awaitGone(
  scope: Scope,
  client: ClusterClient,
  component: Component,
  { clock, timeoutMs }: Pick<InstallOptions, 'clock' | 'timeoutMs'>,
  look: () => Promise<Standing>,
  objects: readonly KubeObject[],
): Promise<Standing> {
  const probe = async (): Promise<Probe<Standing>> => {
    const standing = await look()
    const [first] = standing.leaving
    if (first === undefined) return { done: true, value: standing }
    if (standing.leaving.some(({ kind }) => kind === 'Namespace'))
      await release(client, component, objects, scope.signal)
    return { done: false, seen: `${first.kind} ${first.metadata.name} is being deleted` }
  }
  return waitUntil(probe, {
    ...{ waitedFor: `the end of the former ${component.title}`, timeoutMs, intervalMs: 500, clock },
    signal: scope.signal,
    onChange: (seen) => {
      scope.report.progress(seen)
    },
  })
}

/**
 * Lets go what in a leaving namespace waits for the component itself, which leaves with the namespace and can finish
 * nothing any more. What stands for things outside of the cluster is kept waiting.
 */
async function release(
  client: ClusterClient,
  { namespace, mustOutlive = [] }: Component,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<void> {
  const kinds = objects.flatMap((object) => kindsDefinedBy(object))
  const own = kinds.filter(({ kind }) => !mustOutlive.some((other) => other.kind === kind))
  await Promise.all(
    own.map(async (kind) => {
      const found = await client.list({ ...kind, namespace, metadataOnly: true }, signal)
      const held = found.filter(
        ({ metadata }) => metadata['deletionTimestamp'] !== undefined && metadata['finalizers'] !== undefined,
      )
      const free = { metadata: { finalizers: null } }
      await Promise.all(
        held.map(({ metadata }) => client.patch({ ...kind, namespace, name: metadata.name }, free, signal)),
      )
    }),
  )
}

function kindsDefinedBy({ kind, spec }: KubeObject): { apiVersion: string; kind: string }[] {
  if (kind !== 'CustomResourceDefinition') return []
  const { group, scope, names, versions } = spec as {
    readonly group: string
    readonly scope: string
    readonly names: { readonly kind: string }
    readonly versions: readonly { readonly name: string; readonly served?: boolean }[]
  }
  const version = versions.find(({ served }) => served !== false)
  if (version === undefined || scope !== 'Namespaced') return []
  return [{ apiVersion: `${group}/${version.name}`, kind: names.kind }]
}

/** Objects to bring into the cluster. */
export interface Batch {
  readonly objects: readonly KubeObject[]
  /** Those among them that were changed by hand. */
  readonly changed: ReadonlySet<KubeObject>
  /** Created where they are missing, behind the namespace and before the pods that would wait for them. */
  readonly generated: readonly KubeObject[]
}

/** Applies the objects, namespaces first. */
export async function applyObjects(
  { signal, report }: Scope,
  client: ClusterClient,
  { objects, changed, generated }: Batch,
  fieldManager: string | undefined,
): Promise<void> {
  let done = 0
  const apply = async (object: KubeObject): Promise<void> => {
    const applied = await client.apply(object, signal, fieldManager)
    if (changed.has(object)) await putBack(client, object, applied, signal)
    done += 1
    report.progress(`${String(done)} of ${String(objects.length)} objects`, done / objects.length)
  }
  const isNamespace = ({ kind }: KubeObject): boolean => kind === 'Namespace'
  await Promise.all(objects.filter(isNamespace).map(apply))
  await Promise.all(generated.map((object) => createIfMissing(client, object, signal)))
  await Promise.all(objects.filter((object) => !isNamespace(object)).map(apply))
}

async function createIfMissing(
  client: ClusterClient,
  object: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  const found = await client.get(refOf(object), signal)
  if (found === undefined) await client.create(object, signal)
}

/** What applying leaves of a change by hand. */
async function putBack(
  client: ClusterClient,
  object: KubeObject,
  applied: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  const replicas = replicasOf(object)
  // Manifests that leave out the number of replicas do not own it.
  if (replicasOf(applied) !== replicas) await client.patch(refOf(object), { spec: { replicas } }, signal)
  if (object.kind !== 'StatefulSet') return
  // A StatefulSet waits for a pod that never becomes ready, though it would make the next one otherwise.
  const pods = await client.list(
    { apiVersion: 'v1', kind: 'Pod', namespace: object.metadata.namespace ?? '' },
    signal,
  )
  const stuck = pods.filter((pod) => isOwnedBy(pod, applied) && !isReady(pod))
  await Promise.all(stuck.map((pod) => client.delete(refOf(pod), signal)))
}

function replicasOf({ spec }: KubeObject): number {
  return (spec as { readonly replicas?: number } | undefined)?.replicas ?? 1
}

function isOwnedBy({ metadata }: KubeObject, owner: KubeObject): boolean {
  const owners = (metadata['ownerReferences'] ?? []) as readonly { readonly uid?: string }[]
  return owners.some(({ uid }) => uid === owner.metadata.uid)
}

function isReady({ status }: KubeObject): boolean {
  const { conditions = [] } = (status ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}
