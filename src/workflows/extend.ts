/** `play extend`: moves the expiry of a playground, or takes it away. */
import { PlayError } from '../domain/errors.ts'
import { parseTimeToLive } from '../domain/expiry.ts'
import { defaultName, parseName } from '../domain/names.ts'
import type { Ports } from '../domain/ports.ts'
import type { ExtendResult } from '../domain/results.ts'
import { requireState } from './status.ts'
import { thenRelease } from './then-release.ts'

/** What `extend` was asked for. */
export interface ExtendOptions {
  readonly name: string
  /** Milliseconds to add; undefined takes the expiry away. */
  readonly byMs: number | undefined
}

/** Reads `[NAME] DURATION`, or `[NAME]` where the expiry is to go. Throws USAGE_INVALID or USAGE_NAME. */
export function parseExtend(words: readonly string[], never: boolean): ExtendOptions {
  const [name = defaultName, duration] = never || words.length > 1 ? words : [defaultName, ...words]
  if (never && duration === undefined) return { name: parseName(name), byMs: undefined }
  if (never) throw PlayError.of('USAGE_INVALID', { reason: 'Give a duration or --never, not both' })
  if (duration === undefined) {
    const reason = 'Say by how long: play extend 2h, play extend NAME 2h, or play extend --never'
    throw PlayError.of('USAGE_INVALID', { reason })
  }
  return { name: parseName(name), byMs: parseTimeToLive(duration) }
}

/**
 * Adds the time to what is left, or to now where nothing is. Throws PLAYGROUND_NOT_FOUND, or STATE_LOCKED while anybody
 * changes or removes it.
 */
export async function extend({ name, byMs }: ExtendOptions, ports: Ports): Promise<ExtendResult> {
  const states = await ports.states()
  await requireState(name, states)
  const lock = await states.lock(name, `play extend ${name}`)
  return thenRelease(lock, async () => {
    // Only what is read under the lock stays true.
    const { expiresAt: former, ...state } = await requireState(name, states)
    const now = ports.clock.now()
    const from = former === undefined ? now : Math.max(now, Date.parse(former))
    const expiry = byMs === undefined ? {} : { expiresAt: new Date(from + byMs).toISOString() }
    await states.write({ ...state, updatedAt: new Date(now).toISOString(), ...expiry })
    return { name, expiresAt: expiry.expiresAt ?? null }
  })
}
