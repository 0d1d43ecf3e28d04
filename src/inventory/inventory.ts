/** Answers "what of this playground is there?" and changes nothing. */
import { PlayError } from '../domain/errors.ts'
import type { LayerFinding, Reading } from '../domain/results.ts'
import type { Query } from '../domain/source.ts'

/**
 * Asks every query at once, each to its end; a failing one becomes `unknown`, with the reason in place of what is
 * there. Rejects only when interrupted: half a look says nothing.
 */
export async function takeInventory(
  queries: readonly Query[],
  signal: AbortSignal,
): Promise<readonly Reading[]> {
  return Promise.all(
    queries.map(async ({ layer, looked, find }): Promise<Reading> => {
      try {
        const items = await find(signal)
        signal.throwIfAborted()
        const found = items.map(({ what }) => what)
        return { layer, looked, result: items.length === 0 ? 'absent' : 'present', found, items }
      } catch (error) {
        signal.throwIfAborted()
        const found = [error instanceof Error ? error.message : String(error)]
        return { layer, looked, result: 'unknown', found, items: [] }
      }
    }),
  )
}

/** Throws LEFTOVERS_FOUND or EMPTINESS_UNKNOWN unless every finding is `absent`. */
export function requireEmpty(name: string, findings: readonly LayerFinding[]): void {
  const left = findings.filter(({ result }) => result === 'present')
  const details = findings
    .filter(({ result }) => result !== 'absent')
    .map(({ layer, result, found }) => `${layer}: ${result}: ${found.join(', ')}`)
  if (left.length > 0) {
    const count = left.reduce((sum, { found }) => sum + found.length, 0)
    throw PlayError.of('LEFTOVERS_FOUND', { name, count }, { details })
  }
  const unknown = findings.filter(({ result }) => result === 'unknown')
  if (unknown.length > 0) {
    const what = unknown.map(({ layer }) => layer).join(', ')
    throw PlayError.of('EMPTINESS_UNKNOWN', { name, what }, { details })
  }
}
