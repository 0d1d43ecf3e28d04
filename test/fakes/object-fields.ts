/** What server-side apply does to an object's fields, as far as the fakes need it. */
import type { KubeObject } from '../../src/domain/cluster.ts'

type Fields = Record<string, unknown>

/** Without the fields that only the server sets. */
export function bare(object: KubeObject): KubeObject {
  const metadata: Fields & { name: string } = { ...object.metadata }
  for (const field of ['uid', 'resourceVersion', 'creationTimestamp']) Reflect.deleteProperty(metadata, field)
  return { ...object, metadata }
}

/** With the fields that the server sets at each change. */
export function stamped(object: KubeObject, revision: number): KubeObject {
  const { creationTimestamp = '2026-01-01T00:00:00Z' } = object.metadata
  return { ...object, metadata: { ...object.metadata, creationTimestamp, resourceVersion: String(revision) } }
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `from` laid over `into`: maps field by field, everything else as a whole. */
export function merged(into: unknown, from: unknown): Fields {
  const result: Fields = isMap(into) ? { ...into } : {}
  for (const [field, value] of Object.entries(from as Fields))
    result[field] = isMap(value) ? merged(result[field], value) : value
  return result
}

/** `object` without the fields that were applied before and are not applied now. */
export function without(object: unknown, before: unknown, now: unknown): Fields {
  const result: Fields = { ...(object as Fields) }
  for (const [field, value] of Object.entries(before as Fields)) {
    const next = isMap(now) ? now[field] : undefined
    if (next === undefined) Reflect.deleteProperty(result, field)
    else if (isMap(value) && isMap(result[field])) result[field] = without(result[field], value, next)
  }
  return result
}
