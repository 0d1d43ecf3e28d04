/** Durations as people write and read them. */
import { PlayError } from './errors.ts'

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of "90s", "10m", "1h30m". Throws USAGE_INVALID for anything else, or for zero. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  const total = parts.reduce((sum, part) => sum + Number(part[1]) * (unitMs[part[2] ?? ''] ?? 0), 0)
  if (parts.map((part) => part[0]).join('') !== text || total <= 0) {
    throw PlayError.of('USAGE_INVALID', {
      reason: `"${text}" is no duration; write it like 90s, 10m or 1h30m`,
    })
  }
  return total
}

/** "45s", "5m", "3h", "12d": the age of something, in the one unit that matters, much as kubectl says it. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${String(seconds)}s`
  if (seconds < 3 * 3600) return `${String(Math.floor(seconds / 60))}m`
  if (seconds < 48 * 3600) return `${String(Math.floor(seconds / 3600))}h`
  return `${String(Math.floor(seconds / 86_400))}d`
}

/** "0.8s", "12s", "1m05s", "2h03m", "4d02h": short, for a person. */
export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)}s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${String(seconds)}s`
  const two = (value: number): string => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${String(minutes)}m${two(seconds % 60)}s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${String(hours)}h${two(minutes % 60)}m`
  return `${String(Math.floor(hours / 24))}d${two(hours % 24)}h`
}
