/** The look at the end of a removal: what it is given and what it saw. */
import type { Clock } from '../engine/clock.ts'
import type { Certificate, LayerFinding, Verdict } from './certificate.ts'
import type { Query } from './source.ts'

/** What a verification needs; durations in milliseconds. */
export interface VerifyOptions {
  readonly queries: readonly Query[]
  /** Removes again what was found. */
  readonly sweep: () => Promise<void>
  /** How long what was asked of an engine before may take to show up. */
  readonly settleMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress: (text: string) => void
}

/** What it saw. */
export interface Verified {
  /** Of the last read. */
  readonly findings: readonly LayerFinding[]
  /** ISO 8601 instants of the reads that count: two where the verdict is `empty`. */
  readonly reads: readonly string[]
  /** What passed between them at least. */
  readonly settleMs: number
  /** How often something was found and removed again. */
  readonly sweeps: number
  readonly verdict: Verdict
}

/** What a certificate tells; the composition adds the tool. */
export interface CertificateFacts extends Verified {
  /** Name and root id of the playground. */
  readonly name: string
  readonly id: string
  readonly engine: Certificate['engine']
  /** Milliseconds since the epoch. */
  readonly now: number
}
