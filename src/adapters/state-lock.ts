/** One writer at a time per playground: a lock file that names its owner and outlives no dead one. */
import { randomBytes } from 'node:crypto'
import { link, readdir, readFile, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hasCode } from '../domain/system-error.ts'
import { formatDuration } from '../domain/duration.ts'
import { PlayError } from '../domain/errors.ts'
import type { HeldLock, ProcessRunner } from '../domain/ports.ts'
import { createDurably } from './durable-file.ts'
import { livenessOf, ownIdentity, type Liveness, type ProcessIdentity } from './process-identity.ts'

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

/** A lock that was taken. */
export interface AcquiredLock extends HeldLock {
  release(): Promise<void>
}

/**
 * Takes the lock or throws STATE_LOCKED, which names the owner. The lock is a hard link to a finished file,
 * so its owner can be read the moment it exists. It is taken over only from a process that is proven
 * dead, and only under a second link, the guard: whoever holds that reads the lock once more, so of two
 * that judged the same owner dead one gets it. An owner on another host or in another container counts
 * as alive. Whoever holds the lock removes what crashes left beside it, so that nothing stays for good.
 */
export async function acquireLock(request: LockRequest): Promise<AcquiredLock> {
  const { path } = request
  const own = await ownIdentity(request.processes)
  const epoch = randomBytes(8).toString('hex')
  const owner: Owner = { ...own, command: request.command, since: request.now(), epoch }
  const text = `${JSON.stringify(owner)}\n`
  const mine = `${path}.${epoch}`
  try {
    await createDurably(mine, text)
    await winLock(mine, text, own, request)
  } finally {
    await unlink(mine).catch(() => undefined)
  }
  // It is held whether or not that succeeds; what stays is swept by the next holder.
  await sweepLeftovers(own, request).catch(() => undefined)
  return { path, epoch, release: () => release(path, text, mine) }
}

/** Returns when the lock is ours. */
async function winLock(
  mine: string,
  text: string,
  own: ProcessIdentity,
  request: LockRequest,
): Promise<void> {
  const { path } = request
  // Each round ends because somebody else took or released the lock meanwhile.
  for (let round = 0; round < 100; round += 1) {
    try {
      if (await tryLink(mine, path)) return
      const seen = await look(path)
      if (seen === undefined) continue
      await refuseUnlessDead(seen, own, request)
      if (await takeOver(seen, mine, own, request)) return
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
      // A holder that met the private file half written took it for the remains of a crash.
      if ((await look(mine)) === undefined) await createDurably(mine, text)
    }
  }
  throw new Error(`the lock ${path} changed hands a hundred times`)
}

/** What lies beside the lock at `path` and belongs to it: guards, private files of takers, and the same of its sweepers. */
export function isBesideLock(name: string, lock: string): boolean {
  return (
    name.startsWith(`${lock}.`) &&
    /^(?:sweep|(?:sweep\.)?(?:guard|[0-9a-f]{16}))$/.test(name.slice(lock.length + 1))
  )
}

/** Called by the holder: a private file is torn only while its taker, which cannot win now, still writes it. */
async function sweepLeftovers(own: ProcessIdentity, request: LockRequest): Promise<void> {
  const { path, processes } = request
  const lock = basename(path)
  const names = (await readdir(dirname(path))).filter((name) => isBesideLock(name, lock))
  for (const name of names) {
    const beside = join(dirname(path), name)
    const owner = await ownerOf(beside, own, processes)
    if (owner === 'dead' && !isPrivate(name)) await removeDeadGuard(own, request)
    else if (owner === 'dead' || (owner === 'unnamed' && isPrivate(name)))
      await unlink(beside).catch(ignoreGone)
  }
}

/** True for the file of a taker, which nobody but its writer uses. */
export function isPrivate(name: string): boolean {
  return /\.[0-9a-f]{16}$/.test(name)
}

/** Whether whoever left a lock, guard or private file still runs; `unnamed` where it does not say who that was. */
export async function ownerOf(
  path: string,
  own: ProcessIdentity,
  processes: ProcessRunner,
): Promise<Liveness | 'unnamed' | 'absent'> {
  const text = await look(path)
  if (text === undefined) return 'absent'
  const owner = parseOwner(text)
  return owner === undefined ? 'unnamed' : livenessOf(owner, own, processes)
}

/**
 * Removes the guard of a lock if its owner is proven dead. Two that both judged it dead must not both remove it: the
 * second would remove the guard of whoever came in between. So there is a lock for it; only a crash while that one was
 * taken over from a crash leaves something that a person has to remove.
 */
async function removeDeadGuard(own: ProcessIdentity, request: LockRequest): Promise<void> {
  if (request.path.endsWith('.sweep')) return
  const path = `${request.path}.sweep`
  const sweeping = await acquireLock({ ...request, path })
  try {
    for (const guard of [`${request.path}.guard`, `${path}.guard`])
      if ((await ownerOf(guard, own, request.processes)) === 'dead') await unlink(guard).catch(ignoreGone)
  } finally {
    await sweeping.release()
  }
}

/** A disk that fails once may not fail again. What cannot be removed is taken over as soon as this process has ended. */
const releaseAttempts = 3

async function release(path: string, text: string, mine: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await unlink(mine).catch(ignoreGone)
      if ((await look(path)) === text) await unlink(path)
      return
    } catch (error) {
      if (attempt === releaseAttempts) throw error
    }
  }
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

async function takeOver(
  dead: string,
  mine: string,
  own: ProcessIdentity,
  request: LockRequest,
): Promise<boolean> {
  const guard = `${request.path}.guard`
  if (!(await tryLink(mine, guard))) {
    if ((await ownerOf(guard, own, request.processes)) === 'dead') await removeDeadGuard(own, request)
    const holder = await look(guard)
    if (holder === undefined) return false
    const advice = `It is taking over the lock of a dead process; if it is dead too: rm '${guard}'`
    throw locked(request, parseOwner(holder), [advice])
  }
  try {
    if ((await look(request.path)) !== dead) return false
    await unlink(request.path)
    return await tryLink(mine, request.path)
  } finally {
    await unlink(guard)
  }
}

function ignoreGone(error: unknown): void {
  if (!hasCode(error, 'ENOENT')) throw error
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
