/** The time to live of a playground: how it is written, when it is over, how it is told; pure. */
import { formatAge, parseDuration } from './duration.ts'
import { PlayError } from './errors.ts'
import type { PlaygroundState } from './playground.ts'

/** A playground by the instant after which it may go. */
export interface Expiry {
  readonly name: string
  /** ISO 8601 instant. */
  readonly expiresAt: string
}

const hourMs = 3_600_000
const longestMs = 365 * 24 * hourMs

/** Milliseconds of "90m", "4h" or "2d". Throws USAGE_INVALID for what is no duration, or is longer than a year. */
export function parseTimeToLive(text: string): number {
  const ms = parseDuration(text)
  if (ms <= longestMs) return ms
  throw PlayError.of('USAGE_INVALID', { reason: `"${text}" is too long to live; at most 365d` })
}

/** True once the time of a playground is over; `now` in milliseconds since the epoch. Without an expiry it never is. */
export function isExpired({ expiresAt }: Pick<PlaygroundState, 'expiresAt'>, now: number): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= now
}

/** The same state with `ttlMs` from `now` on to live; as it is where no time was told. */
export function expiringIn(state: PlaygroundState, ttlMs: number | undefined, now: number): PlaygroundState {
  return ttlMs === undefined ? state : { ...state, expiresAt: new Date(now + ttlMs).toISOString() }
}

/** "in 3h" or "2h ago". */
export function formatExpiry(expiresAt: string, now: number): string {
  const left = Date.parse(expiresAt) - now
  return left > 0 ? `in ${formatAge(left + halfUnit(left))}` : `${formatAge(-left)} ago`
}

/** An age is cut off, but of what is left a second ago 4h were given: to the nearest unit. */
function halfUnit(ms: number): number {
  if (ms >= 48 * hourMs) return 12 * hourMs
  if (ms >= 3 * hourMs) return hourMs / 2
  return ms >= 120_000 ? 30_000 : 500
}
