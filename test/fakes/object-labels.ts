/** How the fake cluster names objects in its records, and what happens to them. */
import type { KubeObject } from '../../src/domain/cluster.ts'
import type { WatchEvent } from '../../src/domain/ports.ts'
import type { Change } from './object-store.ts'

/** Namespace and name. */
export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

/** Kind, namespace and name, as far as they are known. */
export function labelOf(ref: { kind: string; namespace?: string | undefined }, name?: string): string {
  const where = [ref.namespace, name].filter((part) => part !== undefined).join('/')
  return where === '' ? ref.kind : `${ref.kind} ${where}`
}

/** What a watch that has or has not seen the object calls its change. */
export function eventType(change: Change['type'], isKnown: boolean): WatchEvent['type'] {
  if (change === 'DELETED') return 'deleted'
  return isKnown ? 'modified' : 'added'
}
