/** Kubeconfig files on disk: read, replaced as a whole, and locked against kubectl, kind and other runs of play. */
import { chmod, chown, lstat, mkdir, readdir, readFile, readlink, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { ProcessRunner } from '../../domain/ports.ts'
import { hasCode } from '../../domain/system-error.ts'
import { isTemporaryOf, writeDurably } from '../durable-file.ts'
import { damaged, reasonOf, unwritable } from './kubeconfig-errors.ts'
import { lockOf, lockStanding, whileLocked, type LockSettings } from './kubeconfig-lock.ts'

/** In the names of our temporary files, since other programs have files beside a person's kubeconfig as well. */
const temporaryMark = 'play-'

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
  await writeDurably(target, text, mode, temporaryMark)
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

/** How often a file that changes under our hands, by someone who takes no lock, is read anew. */
const rereads = 5

/**
 * Changes a kubeconfig under its lock, and first removes what dead plays left beside it. `change` gets the text, undefined for no file, and answers the new text, undefined
 * for no change. Someone who edits the file without taking the lock loses nothing: the change is made anew on their text.
 * Throws what `change` throws, KUBECONFIG_DAMAGED, KUBECONFIG_LOCKED or KUBECONFIG_UNWRITABLE.
 */
export async function editKubeconfig<T>(
  path: string,
  settings: LockSettings,
  change: (text: string | undefined) => Promise<{ readonly text: string | undefined; readonly result: T }>,
): Promise<T> {
  return await whileLocked(path, settings, async () => {
    // Whoever writes holds the lock: what lies here is of somebody who never will again.
    await sweep(path).catch(() => undefined)
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

/** Files of play that nobody needs, beside a kubeconfig and beside its lock; without those of the lock that is held. */
async function leftBeside(path: string): Promise<readonly string[]> {
  const target = await targetOf(path)
  const temporary = await filesIn(dirname(target), isTemporaryOf(basename(target), temporaryMark))
  const lock = `${basename(lockOf(path))}.`
  const aside = await filesIn(
    dirname(path),
    (name) => name.startsWith(lock) && isUuid(name.slice(lock.length)),
  )
  return [...temporary, ...aside]
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

async function filesIn(folder: string, belongs: (name: string) => boolean): Promise<readonly string[]> {
  const names = (await readdir(folder).catch(orMissing)) ?? []
  return names.filter(belongs).map((name) => join(folder, name))
}

async function sweep(path: string): Promise<void> {
  for (const file of await leftBeside(path)) await rm(file, { force: true })
}

/**
 * Files that plays which are dead left beside a kubeconfig: temporary ones, which hold credentials, and their lock. None
 * are told of while somebody holds the lock, who may still need them. Throws KUBECONFIG_DAMAGED when it cannot look.
 */
export async function straysOf(path: string, processes: ProcessRunner): Promise<readonly string[]> {
  try {
    const beside = await leftBeside(path)
    const standing = await lockStanding(path, processes)
    if (standing === 'held') return []
    // What somebody needed who has ended in between is gone by now.
    const found = await Promise.all(
      beside.map(async (file) => ((await lstat(file).catch(orMissing)) ? [file] : [])),
    )
    return [...found.flat(), ...(standing === 'left behind' ? [lockOf(path)] : [])]
  } catch (error) {
    throw damaged(path, reasonOf(error), error)
  }
}

function orMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error
}
