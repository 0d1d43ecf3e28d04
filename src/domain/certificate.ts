/** The certificate of emptiness: how play knows that nothing of a playground is left. */

/** What was looked for, where, and what was there. */
export interface LayerFinding {
  readonly layer: string
  readonly looked: string
  readonly result: 'absent' | 'present' | 'unknown'
  /** What is there; where it could not be looked at, why. */
  readonly found: readonly string[]
}

/** `unknown` wins over nothing, `leftovers` over both. */
export type Verdict = 'empty' | 'leftovers' | 'unknown'

/** What was asked, when and with what answer; plain data, without secrets, written as JSON. */
export interface Certificate {
  readonly version: 1
  /** Name and root id of the playground. */
  readonly name: string
  readonly id: string
  /** The tool and its version, such as play 0.1.0. */
  readonly tool: string
  /** `full`: every place where play makes things was looked at. */
  readonly scope: 'full'
  /** Whom was asked: another engine would not know of anything. */
  readonly engine: { readonly name: string; readonly identity: string }
  /** ISO 8601 instants of the two reads that count; the last query, the files, is read once more after they went. */
  readonly reads: readonly string[]
  /** Milliseconds that passed between them at least. */
  readonly settleMs: number
  /** How often something was found after the destruction and removed again. */
  readonly sweeps: number
  readonly queries: readonly LayerFinding[]
  readonly verdict: Verdict
  /** ISO 8601 instant. */
  readonly issuedAt: string
}

/** How many certificates are kept. */
export const keptCertificates = 20

/** Name of its file, such as 20261122T220501Z-dev.json: sorted by name is sorted by age. */
export function certificateFile({ name, issuedAt }: Certificate): string {
  return `${issuedAt.replace(/[-:]|\.\d+/g, '')}-${name}.json`
}
