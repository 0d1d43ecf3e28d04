/** What the simulated runs came to, by row of reliability.md section 11. */
import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Figures of one row; written as one line of JSON, and added up by report-results.ts. */
export interface RowResult {
  readonly row: number
  readonly test: string
  /** Simulated runs that were meddled with. */
  readonly runs: number
  /** Points that they were spread over, where there are any. */
  readonly points: number
  /** Things that the independent look found after a `down` that said it was done, and runs that did not end well. */
  readonly leftovers: number
  /** Runs of `down` that ended with exit code 0 while the independent look found something. */
  readonly falseEmpty: number
  /** Comparisons of what play said with what is true. */
  readonly compared: number
  readonly resumed: number
  readonly converged: number
  /** Wall time of the longest recovery. */
  readonly longestMs: number
}

/** Counts while a test runs. */
export class Tally {
  runs = 0
  points = 0
  leftovers = 0
  falseEmpty = 0
  compared = 0
  resumed = 0
  converged = 0
  longestMs = 0
  readonly violations: string[] = []

  took(ms: number): void {
    this.longestMs = Math.max(this.longestMs, Math.round(ms))
  }

  /** Adds the figures to the report that `CRASH_REPORT` names, once for each row that the test proves. */
  report(rows: readonly number[], test: string, path: string | undefined): void {
    if (path === undefined || path === '') return
    mkdirSync(dirname(path), { recursive: true })
    const { runs, points, leftovers, falseEmpty, compared, resumed, converged, longestMs } = this
    const figures = { test, runs, points, leftovers, falseEmpty, compared, resumed, converged, longestMs }
    for (const row of rows) appendFileSync(`${path}.lines`, `${JSON.stringify({ row, ...figures })}\n`)
  }
}

/** Which points are run: all of them, or a sample of each kind. */
export interface Extent {
  readonly full: boolean
  /** A single case, such as `up:cli:37`. */
  readonly only: string | undefined
  readonly seed: number
}

/** Read from the environment. */
export function extentOf(env: Readonly<Record<string, string | undefined>>): Extent {
  const only = env['CRASH_ONLY']
  return {
    full: env['CRASH_FULL'] === '1',
    only: only === '' ? undefined : only,
    seed: Number(env['CRASH_SEED'] ?? '1'),
  }
}

/** Every eleventh of them (an odd step, since cases come in pairs), beginning with one that the seed chooses; all where everything is to be run. */
export function sampled<T>(cases: readonly T[], { full, seed }: Extent, step = 11): readonly T[] {
  return full ? cases : cases.filter((_, index) => index % step === seed % step)
}
