/** An order of objects of a cluster. */
import type { KubeObject } from './cluster.ts'

/** Objects in the order in which they were made. */
export function oldestFirst(one: KubeObject, other: KubeObject): number {
  return (one.metadata.creationTimestamp ?? '').localeCompare(other.metadata.creationTimestamp ?? '')
}
