/** Writes down how play knows what is left of a playground: pure, and never more than the looks showed. */
import type { Certificate, Verdict } from '../domain/certificate.ts'
import type { LayerFinding } from '../domain/results.ts'

/** What a certificate is made of. */
export interface CertificateParts {
  /** Name and root id of the playground. */
  readonly name: string
  readonly id: string
  /** Tool and version, such as play 0.1.0. */
  readonly tool: string
  readonly engine: Certificate['engine']
  /** ISO 8601 instants of the two reads that count. */
  readonly reads: readonly string[]
  /** Milliseconds that passed between them at least. */
  readonly settleMs: number
  readonly sweeps: number
  /** Findings of the last read. */
  readonly findings: readonly LayerFinding[]
  /** Verdict of the whole verification, which saw more than the last read. */
  readonly verdict: Verdict
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** `leftovers` when anything is there; else `unknown` when a place could not be looked at, or none was; else `empty`. */
export function verdictOf(findings: readonly LayerFinding[]): Verdict {
  if (findings.some(({ result }) => result === 'present')) return 'leftovers'
  return findings.length === 0 || findings.some(({ result }) => result === 'unknown') ? 'unknown' : 'empty'
}

/**
 * The certificate. It says `empty` only if the verification did, every finding is absent and there were two reads; of
 * two verdicts the worse one counts. What was found is told without the credentials that an address in it may hold.
 */
export function certificateOf(parts: CertificateParts): Certificate {
  const { name, id, tool, engine, reads, settleMs, sweeps, findings, verdict, now } = parts
  const seen = worse(verdictOf(findings), verdict)
  return {
    version: 1,
    name,
    id,
    tool,
    scope: 'full',
    engine: { name: engine.name, identity: engine.identity },
    reads: [...reads],
    settleMs,
    sweeps,
    // Field by field: readings carry more than a certificate is for.
    queries: findings.map(({ layer, looked, result, found }) => ({
      layer,
      looked: withoutCredentials(looked),
      result,
      found: found.map(withoutCredentials),
    })),
    verdict: seen === 'empty' && reads.length < 2 ? 'unknown' : seen,
    issuedAt: new Date(now).toISOString(),
  }
}

const severity: readonly Verdict[] = ['empty', 'unknown', 'leftovers']

function worse(one: Verdict, other: Verdict): Verdict {
  return severity.indexOf(one) > severity.indexOf(other) ? one : other
}

/** The words of tools quote addresses as they got them, user and password included. */
function withoutCredentials(text: string): string {
  return text.replace(/:\/\/[^\s/@]+@/g, '://')
}
