/** Proves that nothing is left: two complete reads with time between them, and what turns up is removed again. */
import type { LayerFinding } from '../domain/results.ts'
import type { Query } from '../domain/source.ts'
import type { Verified, VerifyOptions } from '../domain/verification.ts'
import { verdictOf } from './certificate.ts'
import { takeInventory } from './inventory.ts'

/** Pauses after each sweep, milliseconds: what is going may take a while. */
const pausesMs = [500, 1000, 2000, 4000, 4000]
/** How long reads that fail are repeated, over the whole verification: an engine restarts in a few seconds. */
const patienceMs = 20_000
const betweenReadsMs = 1000
/** What appears after it was gone is told by somebody who still makes things, and who may be slow. */
const lateMs = 15_000

interface Read {
  readonly findings: readonly LayerFinding[]
  readonly at: string
}

/**
 * Reads, waits for `settleMs`, and reads again: `empty` only if both were complete and found nothing. Whatever is found
 * is swept and looked for anew, in at most five rounds, then it is `leftovers`. A read that fails is repeated for 20 s in
 * all, then it is `unknown`. Rejects when interrupted, and with what `sweep` throws.
 */
export async function verifyEmpty(options: VerifyOptions): Promise<Verified> {
  const { clock, signal, sweep, onProgress } = options
  const reads = new PatientReads(options)
  let { settleMs } = options
  for (let sweeps = 0; ; sweeps += 1) {
    const first = await reads.next()
    let last = first
    if (verdictOf(first.findings) === 'empty') {
      onProgress(`nothing found; looking again in ${String(Math.round(settleMs / 1000))} s`)
      await clock.sleep(settleMs, signal)
      last = await reads.next()
      if (verdictOf(last.findings) === 'leftovers') settleMs = Math.max(settleMs, lateMs)
    }
    const { findings } = last
    const verdict = verdictOf(findings)
    const pauseMs = pausesMs[sweeps]
    if (verdict !== 'leftovers' || pauseMs === undefined) {
      const counted = last === first ? [last.at] : [first.at, last.at]
      return { findings, reads: counted, settleMs, sweeps, verdict }
    }
    onProgress(`removing once more: ${inWords(findings, 'present')}`)
    await sweep()
    await clock.sleep(pauseMs, signal)
  }
}

class PatientReads {
  private readonly options: VerifyOptions
  private patienceMs = patienceMs

  constructor(options: VerifyOptions) {
    this.options = options
  }

  /** A read of all places; the whole of it is repeated while a place does not answer, and there is patience left. */
  async next(): Promise<Read> {
    const { queries, clock, signal, onProgress } = this.options
    for (;;) {
      onProgress(`looking for ${layersOf(queries)}`)
      const before = clock.now()
      const findings = (await takeInventory(queries, signal)).map(
        // Only what a certificate tells.
        ({ layer, looked, result, found }) => ({ layer, looked, result, found }),
      )
      const at = new Date(clock.now()).toISOString()
      if (findings.every(({ result }) => result !== 'unknown') || this.patienceMs <= 0)
        return { findings, at }
      onProgress(`asking again: ${inWords(findings, 'unknown')}`)
      await clock.sleep(betweenReadsMs, signal)
      this.patienceMs -= clock.now() - before
    }
  }
}

function layersOf(queries: readonly Query[]): string {
  return queries.map(({ layer }) => layer).join(', ')
}

function inWords(findings: readonly LayerFinding[], which: LayerFinding['result']): string {
  return findings
    .filter(({ result }) => result === which)
    .map(({ layer, found }) => `${layer} (${found.join(', ')})`)
    .join(', ')
}
