/** Tells what somebody changed past git on what runs pods, by who owns the fields now; pure. */
import type { KubeObject } from '../../domain/cluster.ts'

interface Owner {
  readonly manager?: string
  readonly fieldsV1?: unknown
}

interface PodOwnerSpec {
  readonly replicas?: number
  readonly template?: {
    readonly spec?: { readonly containers?: readonly { readonly name: string; readonly image?: string }[] }
  }
}

/** An autoscaler's word counts: it is no person, and would say it again. */
const autoscaler = 'kube-controller-manager'

/** What a field that nobody wants has. */
const defaultReplicas = 1

/**
 * True when replicas or an image are not as `wanted`, and it was none of `managers` who set them. What was changed in git
 * was applied by one of the managers, so that it is no change by hand.
 */
export function isChangedByHand(
  wanted: KubeObject,
  found: KubeObject,
  managers: ReadonlySet<string>,
): boolean {
  const owners = (found.metadata['managedFields'] ?? []) as readonly Owner[]
  const ownersOf = (path: readonly string[]): string[] =>
    owners.filter(({ fieldsV1 }) => has(fieldsV1, path)).map(({ manager = '' }) => manager)
  const isForeign = (names: readonly string[]): boolean =>
    !names.some((name) => managers.has(name) || name === autoscaler)
  const want = specOf(wanted)
  const have = specOf(found)
  const scalers = ownersOf(['f:spec', 'f:replicas'])
  // `kubectl scale` leaves the field without an owner, and so does git when it drops it, which sets the default.
  const isScaled = scalers.length > 0 ? isForeign(scalers) : have.replicas !== defaultReplicas
  if ((want.replicas ?? defaultReplicas) !== (have.replicas ?? defaultReplicas) && isScaled) return true
  const images = new Map(containersOf(have).map(({ name, image }) => [name, image]))
  return containersOf(want).some(({ name, image }) => {
    if (!images.has(name) || images.get(name) === image) return false
    return isForeign(ownersOf(imagePath(name)))
  })
}

function imagePath(container: string): string[] {
  // The key of a list's item is written as JSON (structured-merge-diff).
  const key = `k:${JSON.stringify({ name: container })}`
  return ['f:spec', 'f:template', 'f:spec', 'f:containers', key, 'f:image']
}

function has(fields: unknown, path: readonly string[]): boolean {
  let at: unknown = fields
  for (const part of path) at = (at as Readonly<Record<string, unknown>> | undefined)?.[part]
  return at !== undefined
}

function specOf(object: KubeObject): PodOwnerSpec {
  return object['spec'] ?? {}
}

function containersOf({ template }: PodOwnerSpec): readonly { name: string; image?: string }[] {
  return template?.spec?.containers ?? []
}
