/** The lock of a kubeconfig, as kubectl and kind take it, that besides says whose it is when it is play's. */
import { randomBytes, randomUUID } from 'node:crypto'
import { link, lstat, mkdir, open, readlink, rename, rm, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../engine/clock.ts'
import { TimeoutError, waitUntil, type Probe } from '../../engine/wait.ts'
import { PlayError } from '../../domain/errors.ts'
import type { ProcessRunner } from '../../domain/ports.ts'
import { hasCode } from '../../domain/system-error.ts'
import { livenessOf, ownIdentity, type ProcessIdentity } from '../process-identity.ts'
import { unwritable } from './kubeconfig-errors.ts'

/** Patience with locks, in milliseconds. */
export interface LockTimes {
  /** How long to wait for a lock of someone who is alive. kubectl and kind hold theirs for a few milliseconds. */
  readonly waitMs: number
  /** How old a lock that does not say whose it is must be to count as left behind: kubectl and kind take none over. */
  readonly staleMs: number
}

/** Clock and patience of whoever wants the lock, and what tells whether another owner still runs. */
export interface LockSettings {
  readonly clock: Clock
  readonly lock: LockTimes
  readonly processes: ProcessRunner
}

/** A lock that is there. */
interface Seen {
  /** What tells it from every other: for a lock of play its text, otherwise its inode. */
  readonly mark: string
  readonly owner: ProcessIdentity | undefined
  readonly mtimeMs: number
}

/**
 * Runs `work` while holding `PATH.lock`. kubectl and kind make an empty file there with O_EXCL; play makes a symbolic link
 * whose target is no path but the owner's identity: it keeps them out as well, and appears whole or not at all. A lock of
 * a play that is dead is taken over at once, one that does not say whose it is when it is old. Throws KUBECONFIG_LOCKED
 * when someone holds it too long, KUBECONFIG_UNWRITABLE when none can be made or it cannot be given up.
 */
export async function whileLocked<T>(
  path: string,
  settings: LockSettings,
  work: () => Promise<T>,
): Promise<T> {
  const lock = lockOf(path)
  const ours = await takeLock(path, settings)
  let done: T
  try {
    done = await work()
  } catch (error) {
    await giveUp(lock, ours).catch(() => undefined)
    throw error
  }
  await giveUp(lock, ours).catch((error: unknown) => {
    throw unwritable(path, error)
  })
  return done
}

/** Not if it was taken over meanwhile, because this process was asleep for long. */
async function giveUp(lock: string, ours: string): Promise<void> {
  if ((await look(lock))?.mark === ours) await rm(lock, { force: true })
}

/** Path of the lock of a kubeconfig; the name is client-go's. */
export function lockOf(path: string): string {
  return `${path}.lock`
}

/** What is known of the lock: nobody has it, somebody does, or it is of a play that is dead. */
export async function lockStanding(
  path: string,
  processes: ProcessRunner,
): Promise<'free' | 'held' | 'left behind'> {
  const seen = await look(lockOf(path))
  if (seen === undefined) return 'free'
  if (seen.owner === undefined) return 'held'
  const own = await ownIdentity(processes)
  return (await livenessOf(seen.owner, own, processes)) === 'dead' ? 'left behind' : 'held'
}

/** Waits for the lock; answers its mark. */
async function takeLock(path: string, { clock, lock: times, processes }: LockSettings): Promise<string> {
  const lock = lockOf(path)
  const own = await ownIdentity(processes)
  const text = `play ${JSON.stringify({ ...own, epoch: randomBytes(8).toString('hex') })}`
  const take = async (): Promise<Probe<string>> => {
    const mark = await makeLock(lock, text)
    if (mark !== undefined) return { done: true, value: mark }
    const isLeft = async ({ owner, mtimeMs }: Seen): Promise<boolean> => {
      const liveness = owner === undefined ? 'unknown' : await livenessOf(owner, own, processes)
      return liveness === 'dead' || (liveness === 'unknown' && mtimeMs < clock.now() - times.staleMs)
    }
    await dropLeft(lock, isLeft)
    return { done: false, seen: lock }
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const wait = { waitedFor: lock, timeoutMs: times.waitMs, intervalMs: 20, clock }
    return await waitUntil(take, { ...wait, signal: new AbortController().signal })
  } catch (error) {
    if (error instanceof TimeoutError)
      throw PlayError.of('KUBECONFIG_LOCKED', { path, lock }, { cause: error })
    throw unwritable(path, error)
  }
}

/** The mark of the lock that was made, undefined when someone else has it. */
async function makeLock(lock: string, text: string): Promise<string | undefined> {
  try {
    await symlink(text, lock)
    return text
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return undefined
    // Some file systems have no symbolic links; there it is as nameless as kubectl's.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].some((code) => hasCode(error, code))) throw error
  }
  try {
    const file = await open(lock, 'wx', 0o600)
    await file.close()
    return (await look(lock))?.mark
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return undefined
    throw error
  }
}

/**
 * Removes the lock if it was left behind. It is first renamed, which only one process can do, and then looked at again:
 * whoever finds that it caught a lock made meanwhile puts it back.
 */
async function dropLeft(lock: string, isLeft: (seen: Seen) => Promise<boolean>): Promise<void> {
  const seen = await look(lock)
  if (seen === undefined || !(await isLeft(seen))) return
  const aside = `${lock}.${randomUUID()}`
  try {
    await rename(lock, aside)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    throw error
  }
  const caught = await look(aside)
  if (caught !== undefined && caught.mark !== seen.mark) await putBack(aside, lock, caught)
  await rm(aside, { force: true })
}

async function putBack(aside: string, lock: string, { owner, mark }: Seen): Promise<void> {
  try {
    // Some systems would link what the symbolic link points at.
    await (owner === undefined ? link(aside, lock) : symlink(mark, lock))
  } catch (error) {
    // Somebody has it by now, or has swept away what was put aside.
    if (!hasCode(error, 'EEXIST') && !hasCode(error, 'ENOENT')) throw error
  }
}

async function look(lock: string): Promise<Seen | undefined> {
  try {
    const stats = await lstat(lock)
    const { ino, mtimeMs } = stats
    if (!stats.isSymbolicLink()) return { mark: String(ino), owner: undefined, mtimeMs }
    const mark = await readlink(lock)
    return { mark, owner: ownerOf(mark), mtimeMs }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function ownerOf(text: string): ProcessIdentity | undefined {
  try {
    const owner = JSON.parse(text.replace(/^play /, '')) as Partial<ProcessIdentity> | null
    return typeof owner?.pid === 'number' && typeof owner.startTime === 'string'
      ? (owner as ProcessIdentity)
      : undefined
  } catch {
    return undefined
  }
}
