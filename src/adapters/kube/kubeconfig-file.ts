/** Kubeconfig files on disk: read, replaced as a whole, and locked against kubectl, kind and other runs of play. */
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  open,
  readFile,
  readlink,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../engine/clock.ts'
import { TimeoutError, waitUntil, type Probe } from '../../engine/wait.ts'
import { PlayError } from '../../domain/errors.ts'
import { hasCode } from '../../domain/system-error.ts'
import { writeDurably } from '../durable-file.ts'
import { damaged, reasonOf, unwritable } from './kubeconfig-errors.ts'

/** The text of a file, or undefined when it is not there. Throws KUBECONFIG_DAMAGED when it cannot be read. */
export async function readKubeconfig(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw damaged(path, reasonOf(error), error)
  }
}

/**
 * Replaces a file's text in one step, so that no reader ever meets half of it. A symbolic link stays and its target is
 * replaced; mode and owner of an existing file stay; a new one gets 0600. Throws the system's error.
 */
async function replaceFile(path: string, text: string): Promise<void> {
  const target = await targetOf(path)
  const former = await stat(target).catch(orMissing)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const mode = former === undefined ? 0o600 : former.mode & 0o777
  await writeDurably(target, text, mode)
  if (former === undefined) return
  // Root that works on someone's file (sudo) must not take it away from them; nobody else may give files away.
  if (process.getuid?.() === 0) await chown(target, former.uid, former.gid)
  // The umask may have narrowed it.
  await chmod(target, mode)
}

/** Follows symbolic links, also to a file that does not exist yet. */
async function targetOf(path: string): Promise<string> {
  let target = path
  // As many links as Linux follows before it answers ELOOP.
  for (let links = 0; links < 40; links += 1) {
    const found = await lstat(target).catch(orMissing)
    if (found?.isSymbolicLink() !== true) return target
    target = resolve(dirname(target), await readlink(target))
  }
  throw Object.assign(new Error('too many symbolic links'), { code: 'ELOOP' })
}

/** Patience with locks, in milliseconds. */
export interface LockTimes {
  /** How long to wait for a lock of someone who is alive. kubectl and kind hold theirs for a few milliseconds. */
  readonly waitMs: number
  /** How old a lock must be to count as left behind: neither kubectl nor kind ever takes one over. */
  readonly staleMs: number
}

/** Clock and patience of an edit. */
export interface EditSettings {
  readonly clock: Clock
  readonly lock: LockTimes
}

/** How often a file that changes under our hands, by someone who takes no lock, is read anew. */
const rereads = 5

/**
 * Changes a kubeconfig under its lock. `change` gets the text, undefined for no file, and answers the new text, undefined
 * for no change. Someone who edits the file without taking the lock loses nothing: the change is made anew on their text.
 * Throws what `change` throws, KUBECONFIG_DAMAGED, KUBECONFIG_LOCKED or KUBECONFIG_UNWRITABLE.
 */
export async function editKubeconfig<T>(
  path: string,
  { clock, lock }: EditSettings,
  change: (text: string | undefined) => Promise<{ readonly text: string | undefined; readonly result: T }>,
): Promise<T> {
  return await whileLocked(path, clock, lock, async () => {
    for (let reads = 0; reads < rereads; reads += 1) {
      const before = await readKubeconfig(path)
      const { text, result } = await change(before)
      if (text === undefined || text === before) return result
      if ((await readKubeconfig(path)) !== before) continue
      await replaceFile(path, text).catch((error: unknown) => {
        throw unwritable(path, error)
      })
      return result
    }
    throw unwritable(path, new Error('someone else keeps changing it'))
  })
}

/**
 * Runs `work` while holding `PATH.lock`, made with O_EXCL as client-go makes it. A lock that is left behind is taken over.
 * Throws KUBECONFIG_LOCKED when someone holds it too long, KUBECONFIG_UNWRITABLE when none can be made.
 */
async function whileLocked<T>(
  path: string,
  clock: Clock,
  times: LockTimes,
  work: () => Promise<T>,
): Promise<T> {
  const lock = `${path}.lock`
  const ours = await takeLock(path, clock, times)
  try {
    return await work()
  } finally {
    // Not if it was taken over meanwhile, because this process was asleep for long.
    const now = await stat(lock).catch(orMissing)
    if (now?.ino === ours) await rm(lock, { force: true })
  }
}

/** Waits for the lock; answers its inode. */
async function takeLock(path: string, clock: Clock, times: LockTimes): Promise<number> {
  const lock = `${path}.lock`
  const take = async (): Promise<Probe<number>> => {
    const inode = await makeLock(lock)
    if (inode !== undefined) return { done: true, value: inode }
    await dropStale(lock, clock.now() - times.staleMs)
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

/** The inode of the lock that was made, undefined when someone else has it. */
async function makeLock(lock: string): Promise<number | undefined> {
  try {
    const file = await open(lock, 'wx', 0o600)
    const { ino } = await file.stat().finally(() => file.close())
    return ino
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return undefined
    throw error
  }
}

/**
 * Removes the lock if it was made before `before`. It is first renamed, which only one process can do, and then looked at
 * again: whoever finds that it caught a lock made meanwhile puts it back.
 */
async function dropStale(lock: string, before: number): Promise<void> {
  const seen = await stat(lock).catch(orMissing)
  if (seen === undefined || seen.mtimeMs >= before) return
  const aside = `${lock}.${randomUUID()}`
  try {
    await rename(lock, aside)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    throw error
  }
  const caught = await stat(aside)
  if (caught.mtimeMs >= before)
    await link(aside, lock).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error
    })
  await rm(aside, { force: true })
}

function orMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error
}
