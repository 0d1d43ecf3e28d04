/** One writer at a time per playground: a lock file that names its owner and outlives no dead one. */
import { randomBytes } from 'node:crypto'
import { link, readFile, unlink } from 'node:fs/promises'
import { hasCode } from '../domain/system-error.ts'
import { formatDuration } from '../domain/duration.ts'
import { PlayError } from '../domain/errors.ts'
import type { ProcessRunner } from '../domain/ports.ts'
import { createDurably } from './durable-file.ts'
import { livenessOf, ownIdentity, type ProcessIdentity } from './process-identity.ts'

/** What is needed to take a lock. */
export interface LockRequest {
  /** Path of the lock file; its folder exists. */
  readonly path: string
  /** Name of the playground, for messages. */
  readonly name: string
  /** What the owner is doing, for whoever meets the lock. */
  readonly command: string
  readonly processes: ProcessRunner
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

interface Owner extends ProcessIdentity {
  readonly command: string
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Different for every holder, so that a lock is never mistaken for an older one. */
  readonly epoch: string
}

/**
 * Takes the lock or throws STATE_LOCKED, which names the owner. The lock is a hard link to a finished file,
 * so its owner can be read the moment it exists. It is taken over only from a process that is proven
 * dead, and only under a second link, the guard: whoever holds that reads the lock once more, so of two
 * that judged the same owner dead one gets it. An owner on another host or in another container counts
 * as alive.
 */
export async function acquireLock(request: LockRequest): Promise<{ release(): Promise<void> }> {
  const { path } = request
  const own = await ownIdentity(request.processes)
  const epoch = randomBytes(8).toString('hex')
  const owner: Owner = { ...own, command: request.command, since: request.now(), epoch }
  const text = `${JSON.stringify(owner)}\n`
  const mine = `${path}.${epoch}`
  await createDurably(mine, text)
  try {
    // Each round ends because somebody else took or released the lock meanwhile.
    for (let round = 0; round < 100; round += 1) {
      if (await tryLink(mine, path)) return { release: () => release(path, text) }
      const seen = await look(path)
      if (seen === undefined) continue
      await refuseUnlessDead(seen, own, request)
      if (await takeOver(seen, mine, request)) return { release: () => release(path, text) }
    }
    throw new Error(`the lock ${path} changed hands a hundred times`)
  } finally {
    await unlink(mine)
  }
}

async function release(path: string, text: string): Promise<void> {
  if ((await look(path)) === text) await unlink(path)
}

async function refuseUnlessDead(seen: string, own: ProcessIdentity, request: LockRequest): Promise<void> {
  const owner = parseOwner(seen)
  if (owner === undefined) {
    const advice = `It does not say whose it is; if no play is running: rm '${request.path}'`
    throw locked(request, undefined, [advice])
  }
  const liveness = await livenessOf(owner, own, request.processes)
  if (liveness === 'dead') return
  if (liveness === 'alive') throw locked(request, owner, [])
  const where = owner.host === own.host ? 'in another container' : `on the host ${owner.host}`
  throw locked(request, owner, [`It runs ${where}, where play cannot see whether it still does`])
}

async function takeOver(dead: string, mine: string, request: LockRequest): Promise<boolean> {
  const guard = `${request.path}.guard`
  if (!(await tryLink(mine, guard))) {
    const holder = await look(guard)
    if (holder === undefined) return false
    const advice = `It is taking over the lock of a dead process; if it is dead too: rm '${guard}'`
    throw locked(request, parseOwner(holder), [advice])
  }
  try {
    if ((await look(request.path)) !== dead) return false
    await unlink(request.path)
    // A process that died right after it had made the lock left its private name behind as well.
    const epoch = parseOwner(dead)?.epoch ?? ''
    if (/^[0-9a-f]{16}$/.test(epoch)) await unlink(`${request.path}.${epoch}`).catch(() => undefined)
    return await tryLink(mine, request.path)
  } finally {
    await unlink(guard)
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

/** What a lock file says; undefined when there is none. */
async function look(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null
    return typeof owner?.pid === 'number' && typeof owner.startTime === 'string'
      ? (owner as Owner)
      : undefined
  } catch {
    return undefined
  }
}

function locked(request: LockRequest, owner: Owner | undefined, details: readonly string[]): PlayError {
  const params = {
    name: request.name,
    pid: owner?.pid ?? 0,
    command: owner?.command ?? 'unknown',
    age: owner === undefined ? 'an unknown time' : formatDuration(request.now() - owner.since),
  }
  return PlayError.of('STATE_LOCKED', params, { details })
}
