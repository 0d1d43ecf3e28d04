/** JSON merge patch, RFC 7386. */

/** `target` with the fields of `patch`; null takes a field away. */
export function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const base = isRecord(target) ? target : {}
  const kept = Object.entries(base).filter(([key]) => patch[key] !== null)
  const changed = Object.entries(patch).filter(([, value]) => value !== null)
  return Object.fromEntries([
    ...kept,
    ...changed.map(([key, value]) => [key, mergePatched(base[key], value)] as const),
  ])
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
