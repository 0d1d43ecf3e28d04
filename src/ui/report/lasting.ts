/** Durations as precise as they were measured. */
import { formatDuration } from '../../domain/duration.ts'
import type { TimelineRow } from './report-model.ts'

/** "12s", "0.4s"; "<1s" for what Kubernetes measured, whose times are whole seconds. */
export function lasting(ms: number, kind: TimelineRow['kind']): string {
  if (kind === 'step') return formatDuration(ms)
  const seconds = Math.round(ms / 1000)
  return seconds === 0 ? '<1s' : formatDuration(seconds * 1000).replace('.0s', 's')
}
