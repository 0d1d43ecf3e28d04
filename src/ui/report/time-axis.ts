/** Round ticks for an axis of time. */
import { formatDuration } from '../../domain/duration.ts'

/** An axis that begins at 0; milliseconds. */
export interface TimeAxis {
  readonly end: number
  /** Between ticks. */
  readonly step: number
  readonly ticks: readonly { readonly at: number; readonly label: string }[]
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute
/** Distances that people count in. */
const steps = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((one) => one * second),
  ...[1, 2, 5, 10, 15, 30].map((one) => one * minute),
  ...[1, 2, 3, 6, 12, 24].map((one) => one * hour),
]
const mostTicks = 8

/** At most 9 ticks, the first at 0, none beyond `durationMs`. */
export function timeAxis(durationMs: number): TimeAxis {
  const end = Math.max(durationMs, 100)
  const step =
    steps.find((one) => end / one <= mostTicks) ?? Math.ceil(end / mostTicks / (24 * hour)) * 24 * hour
  const count = Math.floor(end / step) + 1
  const ticks = Array.from({ length: count }, (_, index) => ({
    at: index * step,
    label: tickLabel(index * step),
  }))
  return { end, step, ticks }
}

/** "0", "0.5s", "2s", "1m", "1m30s". */
function tickLabel(ms: number): string {
  if (ms === 0) return '0'
  if (ms < 10 * second) return `${String(ms / second)}s`
  return formatDuration(ms).replace(/(?<=[mhd])00[smh]$/, '')
}
