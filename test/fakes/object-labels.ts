/** How the fake cluster names objects in its records. */
import type { KubeObject } from '../../src/domain/cluster.ts'

/** Namespace and name. */
export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

/** Kind, namespace and name, as far as they are known. */
export function labelOf(ref: { kind: string; namespace?: string | undefined }, name?: string): string {
  const where = [ref.namespace, name].filter((part) => part !== undefined).join('/')
  return where === '' ? ref.kind : `${ref.kind} ${where}`
}
