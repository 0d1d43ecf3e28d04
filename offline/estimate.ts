// Tells how far a build is and how long the rest takes, from the usual seconds of each program.

/** One piece of the work that is timed. */
export interface Share {
  readonly id: string
  /** Seconds on the machine where the shares were measured. */
  readonly usualSeconds: number
}

/** Where a build is. All times are seconds. */
export interface Standing {
  /** Everything this run has to make, in order. */
  readonly shares: readonly Share[]
  /** Seconds that the finished ones took. */
  readonly finished: ReadonlyMap<string, number>
  readonly current: string
  readonly currentSeconds: number
}

/** How this machine compares with the measured one: 2 means twice as slow. 1 until enough is known. */
function paceOf(standing: Standing): number {
  const done = standing.shares.filter((share) => standing.finished.has(share.id))
  const usual = done.reduce((sum, share) => sum + share.usualSeconds, 0)
  const taken = done.reduce((sum, share) => sum + (standing.finished.get(share.id) ?? 0), 0)
  // A few seconds of work say nothing about the machine.
  if (usual < 30) return 1
  return Math.min(10, Math.max(0.02, taken / usual))
}

/** Seconds until everything is made. What runs longer than expected counts as nearly done, never as less than nothing. */
export function secondsLeft(standing: Standing): number {
  const pace = paceOf(standing)
  const waiting = standing.shares.filter(
    (share) => !standing.finished.has(share.id) && share.id !== standing.current,
  )
  const rest = waiting.reduce((sum, share) => sum + share.usualSeconds * pace, 0)
  const expected = (standing.shares.find((share) => share.id === standing.current)?.usualSeconds ?? 0) * pace
  return Math.round(rest + Math.max(expected * 0.1, expected - standing.currentSeconds))
}

/** A time for a person: `40 s`, `12 min`, `1 h 5 min`. */
export function roughly(seconds: number): string {
  if (seconds < 90) return `${String(Math.max(1, Math.round(seconds)))} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60
    ? `${String(minutes)} min`
    : `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`
}

/** The line that is shown while one program is made. */
export function standingText(standing: Standing, elapsedSeconds: number): string {
  const position = standing.shares.findIndex((share) => share.id === standing.current) + 1
  const place = `${String(position)} of ${String(standing.shares.length)}`
  return `${place}, ${roughly(elapsedSeconds)} so far, about ${roughly(secondsLeft(standing))} to go`
}

/** True when a recipe beyond the core may still be started. No budget means always. */
export function withinBudget(budgetMinutes: number | undefined, elapsedSeconds: number): boolean {
  return budgetMinutes === undefined || elapsedSeconds < budgetMinutes * 60
}
