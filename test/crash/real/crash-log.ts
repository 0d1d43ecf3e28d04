/** Reads what kill-points.mjs noted of a run. */
import type { Count, Victim } from './trial.ts'

/** What became of the kill. */
export interface Kill {
  readonly victim: Victim
  /** The point that it became. */
  readonly point: number
  readonly name: string
}

/** A run as its kill points saw it. */
export interface CrashLog extends Count {
  /** Absent where nobody was killed. */
  readonly kill?: Kill
}

/** Throws for a line that is none of kill-points.mjs. */
export function readCrashLog(text: string): CrashLog {
  let points = 0
  let kill: Kill | undefined
  const lives: Partial<Record<Victim, { readonly lastPoint: number; readonly ms: number }>> = {}
  for (const line of text.split('\n').filter(Boolean)) {
    const [kind = '', victim = '', first = '', second = ''] = line.split('\t')
    if (kind === 'killed') kill = { victim: victim as Victim, point: Number(first), name: second }
    else if (kind === 'lives') lives[victim as Victim] = { lastPoint: Number(first), ms: Number(second) }
    else if (Number(kind) === points + 1) points += 1
    else
      throw new Error(`the log of kill points has the line ${JSON.stringify(line)} after ${String(points)}`)
  }
  return { points, lives, ...(kill === undefined ? {} : { kill }) }
}
