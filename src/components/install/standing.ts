/** Compares what a component wants with what stands under the names it wants. */
import type { KubeObject } from '../../domain/cluster.ts'
import { digestAnnotation, rootLabel, type Component, type InstallOptions } from '../../domain/component.ts'
import { PlayError } from '../../domain/errors.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import { isChangedByHand } from './changed-by-hand.ts'
import { listPlaces } from './component-objects.ts'
import { isWorkload } from './health.ts'

/** How some of a component's objects stand. */
export interface Standing {
  /** Those that are missing, about to go, not as play applied them, or changed by hand since. */
  readonly unlike: readonly KubeObject[]
  /** Those of them that were changed by hand. */
  readonly changed: ReadonlySet<KubeObject>
  /** What is about to go and must be gone before it can be made anew, as it is there. */
  readonly leaving: readonly KubeObject[]
}

/** Looks. Throws COMPONENT_CONFLICT where something stands that this playground did not make; nothing is written. */
export async function standing(
  client: Pick<ClusterClient, 'list'>,
  component: Component,
  options: Pick<InstallOptions, 'root' | 'name' | 'adoption'>,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<Standing> {
  const home: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: component.namespace } }
  const places = component.sharesNamespace === true ? [...objects, home] : objects
  const there = new Map((await listPlaces(client, places, signal)).map((object) => [keyOf(object), object]))
  refuseForeign(
    component,
    options,
    objects.flatMap((object) => there.get(keyOf(object)) ?? []),
  )
  const managers = new Set([
    'play',
    ...(options.adoption === undefined ? [] : [options.adoption.fieldManager]),
  ])
  const isChanged = (object: KubeObject): boolean => {
    const found = there.get(keyOf(object))
    return found !== undefined && isWorkload(object) && isChangedByHand(object, found, managers)
  }
  const changed = new Set(objects.filter(isChanged))
  const unlike = objects.filter((object) => {
    const found = there.get(keyOf(object))
    return found === undefined || isLeaving(found) || digest(found) !== digest(object) || changed.has(object)
  })
  const leaving = places.flatMap((place) => there.get(keyOf(place)) ?? []).filter(isLeaving)
  return { unlike, changed, leaving }
}

function isLeaving({ metadata }: KubeObject): boolean {
  return metadata['deletionTimestamp'] !== undefined
}

function digest({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[digestAnnotation]
}

function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  return [apiVersion, kind, metadata.namespace ?? '', metadata.name].join(' ')
}

/** How many objects an error names. */
const named = 3

function refuseForeign(
  { id, title }: Component,
  { root, name }: Pick<InstallOptions, 'root' | 'name'>,
  found: readonly KubeObject[],
): void {
  const foreign = found.filter((object) => object.metadata.labels?.[rootLabel] !== root)
  const [first] = foreign
  if (first === undefined) return
  const { kind, metadata } = first
  const where = metadata.namespace === undefined ? '' : ` --namespace ${metadata.namespace}`
  throw PlayError.of('COMPONENT_CONFLICT', {
    ...{ component: title, id, name },
    objects: foreign.slice(0, named).map(inWords),
    more: Math.max(0, foreign.length - named),
    remove: `kubectl delete ${kind.toLowerCase()} ${metadata.name}${where}`,
  })
}

function inWords({ kind, metadata: { namespace, name } }: KubeObject): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`
}
