/** What a campaign came to, as a table for people, as sentences on promises, and as JSON. Pure. */
import { againLine, type Campaign } from './campaign.ts'
import type { Outcome } from './perform.ts'
import { formatTrial, verbs, victims } from './trial.ts'

/** The figures of the table. */
export interface CrashSummary {
  /** Kills that hit somebody. */
  readonly run: number
  /** Kills that hit nobody, and do not count. */
  readonly missed: number
  readonly leftovers: number
  readonly falseEmpty: number
  readonly resumes: number
  readonly converged: number
  readonly longestRecoveryMs: number
  /** Trials with a violation, and what went wrong beside them. */
  readonly violations: number
}

/** Trials that killed nobody are none, but what they left or claimed counts all the same. */
export function summarize({ outcomes, troubles }: Campaign): CrashSummary {
  const run = killed(outcomes)
  const resumes = run.filter(({ converged }) => converged !== undefined)
  return {
    run: run.length,
    missed: outcomes.length - run.length,
    leftovers: outcomes.reduce((sum, { leftovers }) => sum + leftovers.length, 0),
    falseEmpty: outcomes.filter(({ falseEmpty }) => falseEmpty).length,
    resumes: resumes.length,
    converged: resumes.filter(({ converged }) => converged).length,
    longestRecoveryMs: Math.max(0, ...run.map(({ recoveryMs }) => recoveryMs)),
    violations: outcomes.filter(({ violations }) => violations.length > 0).length + troubles.length,
  }
}

function killed(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter(({ kill }) => typeof kill !== 'string')
}

function tally(outcomes: readonly Outcome[], keys: readonly string[], of: 'verb' | 'victim'): string {
  const count = (key: string): number => outcomes.filter(({ trial }) => trial[of] === key).length
  return keys.map((key) => `${key} ${String(count(key))}`).join(', ')
}

/** The table of "Done when", and one line for each violation to run it again. */
export function reportLines(campaign: Campaign): readonly string[] {
  const { outcomes, troubles, seed, durationMs } = campaign
  const sum = summarize(campaign)
  const run = killed(outcomes)
  const slowest = run.find(({ recoveryMs }) => recoveryMs === sum.longestRecoveryMs)
  const percent = sum.resumes === 0 ? 'none tried' : `${((100 * sum.converged) / sum.resumes).toFixed(0)} %`
  const rows: readonly (readonly [string, string])[] = [
    ['seed', String(seed)],
    [
      'points x actors run',
      `${String(sum.run)} (${tally(run, verbs, 'verb')}; ${tally(run, victims, 'victim')})`,
    ],
    ['leftovers found by the independent look', String(sum.leftovers)],
    ['false "empty" verdicts', String(sum.falseEmpty)],
    ['resumes that converged', `${String(sum.converged)} of ${String(sum.resumes)} (${percent})`],
    [
      'longest recovery',
      `${(sum.longestRecoveryMs / 1000).toFixed(1)} s${slowest ? ` (${formatTrial(slowest.trial)})` : ''}`,
    ],
    ['kills that hit nobody, not counted', String(sum.missed)],
    ['took', `${(durationMs / 60_000).toFixed(1)} min`],
  ]
  const bad = outcomes.filter(({ violations }) => violations.length > 0)
  return [
    ...rows.map(([what, value]) => `${what.padEnd(42)}${value}`),
    ...bad.map(
      ({ trial, violations }) => `violation: ${violations[0]?.split('\n')[0] ?? ''}\n  ${againLine(trial)}`,
    ),
    ...troubles.map((text) => `trouble: ${text.split('\n')[0] ?? ''}`),
  ]
}

/** The figures for rows of reliability.md section 11, as docs/reference/promises.md wants them. */
function promisesOf(
  campaign: Campaign,
): Readonly<Record<number, { readonly ok: boolean; readonly figure: string }>> {
  const { outcomes } = campaign
  const sum = summarize(campaign)
  const run = killed(outcomes)
  const rowOf = (chosen: readonly Outcome[], what: string) => ({
    ok: chosen.every(({ violations }) => violations.length === 0),
    figure: `${String(chosen.length)} ${what} on a real cluster, ${String(chosen.flatMap(({ leftovers }) => leftovers).length)} left`,
  })
  const others = run.filter(({ trial }) => trial.victim !== 'cli')
  return {
    1: rowOf(
      run.filter(({ trial }) => trial.verb !== 'down'),
      'kills while creating',
    ),
    2: rowOf(
      run.filter(({ trial }) => trial.verb === 'down'),
      'kills while deleting',
    ),
    26: {
      ok: sum.falseEmpty === 0,
      figure: `${String(outcomes.length)} certificates held against the independent look on a real cluster, ${String(sum.falseEmpty)} false`,
    },
    50: {
      ok: sum.leftovers === 0,
      figure: `${String(outcomes.length)} looks after crashes, ${String(sum.leftovers)} finds`,
    },
    53: rowOf(others, 'kills of engine or plug-in'),
  }
}

/** Everything, for machines. */
export function reportDocument(campaign: Campaign): unknown {
  return {
    kind: 'crash',
    world: 'real',
    ...campaign,
    summary: summarize(campaign),
    promises: promisesOf(campaign),
  }
}
