/** Answers "what of this playground is there?" and changes nothing. */
import { PlayError } from '../domain/errors.ts'
import type { LayerFinding } from '../domain/results.ts'
import type { Query } from '../domain/source.ts'

/** Asks every query; a failing one becomes `unknown`. */
export async function takeInventory(
  queries: readonly Query[],
  signal: AbortSignal,
): Promise<readonly LayerFinding[]> {
  return Promise.all(
    queries.map(async ({ layer, looked, find }): Promise<LayerFinding> => {
      try {
        const found = await find(signal)
        return { layer, looked, result: found.length === 0 ? 'absent' : 'present', found }
      } catch (error) {
        signal.throwIfAborted()
        return {
          layer,
          looked,
          result: 'unknown',
          found: [error instanceof Error ? error.message : String(error)],
        }
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
