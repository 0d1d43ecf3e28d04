/** Files that runs which no longer exist left in the state folder, and old logs: found by looking, removed one by one. */
import { lstat, readdir, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PlayError } from '../domain/errors.ts'
import type { ProcessRunner, Stray } from '../domain/ports.ts'
import { hasCode } from '../domain/system-error.ts'
import { refuseUnsafeFolder } from './private-folder.ts'
import { ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { acquireLock, isBesideLock, isPrivate, ownerOf } from './state-lock.ts'

/** Where to look, and what tells the dead from the living. */
export interface StrayPlace {
  /** Absolute; strays are below `playgrounds` and `certificates`. */
  readonly stateDir: string
  readonly processes: ProcessRunner
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** A write takes milliseconds; a file that is younger may still be somebody's. */
const writingMs = 60_000
const logAgeMs = 30 * 86_400_000

const lockName = /^\.([a-z][a-z0-9-]*)\.lock(\..+)?$/
const temporaryName = /^\..+\.[0-9a-f]{12}\.tmp$/

/**
 * Locks, guards and private lock files of owners that are proven dead; temporary files of writes that nobody can be at,
 * in playgrounds and beside certificates; event logs older than 30 days. Of all playgrounds, or of `only` one. Throws
 * what the file system throws, and for folders that are not safe to touch.
 */
export async function findStrays(place: StrayPlace, only?: string): Promise<readonly Stray[]> {
  const root = join(place.stateDir, 'playgrounds')
  const concerns = (name: string): boolean => only === undefined || only === name
  const own = await ownIdentity(place.processes)
  const entries = await entriesOf(root)
  const locks: Stray[] = []
  const held = new Set<string>()
  for (const file of entries.files) {
    const name = lockOwnerName(file)
    if (name === undefined || !concerns(name)) continue
    const isStray = await isStrayLock(join(root, file), own, place)
    if (isStray) locks.push({ path: join(root, file), kind: 'lock', name })
    else if (file === `.${name}.lock`) held.add(name)
  }
  const kept = entries.folders
    .filter(concerns)
    .map((name) => strayFilesOf(join(root, name), name, held, place))
  const certificates = temporaryFiles(join(place.stateDir, 'certificates'), 'certificates', place)
  return [...locks, ...(await Promise.all([...kept, certificates])).flat()]
}

/** Removes it if it still is a stray; false where it is not gone, or was already. Throws what the file system throws. */
export async function removeStrayFile(stray: Stray, place: StrayPlace): Promise<boolean> {
  const still = await findStrays(place, stray.name)
  if (still.every(({ path }) => path !== stray.path)) return false
  if (stray.kind === 'lock') await sweepLock(stray, place)
  else await unlink(stray.path).catch(ignoreGone)
  return (await lstat(stray.path).catch(ignoreGone)) === undefined
}

/** Who takes a lock over sweeps what is beside it: taking and releasing it is the one way that is safe. */
async function sweepLock({ path, name }: Stray, place: StrayPlace): Promise<void> {
  const { processes, now } = place
  const lock = join(dirname(path), `.${name}.lock`)
  try {
    const held = await acquireLock({ path: lock, name, command: 'play gc', processes, now })
    await held.release()
  } catch (error) {
    // Somebody took it meanwhile.
    if (!(error instanceof PlayError && error.id === 'STATE_LOCKED')) throw error
  }
}

function lockOwnerName(file: string): string | undefined {
  const name = lockName.exec(file)?.[1]
  if (name === undefined) return undefined
  const lock = `.${name}.lock`
  return file === lock || isBesideLock(file, lock) ? name : undefined
}

async function isStrayLock(path: string, own: ProcessIdentity, place: StrayPlace): Promise<boolean> {
  const owner = await ownerOf(path, own, place.processes)
  // One that names nobody may be in the middle of being written.
  return (
    owner === 'dead' || (owner === 'unnamed' && isPrivate(path) && (await isOlder(path, writingMs, place)))
  )
}

async function strayFilesOf(
  folder: string,
  name: string,
  held: ReadonlySet<string>,
  place: StrayPlace,
): Promise<readonly Stray[]> {
  if (held.has(name)) return []
  const logs = await olderFiles(join(folder, 'events'), /\.ndjson$/, logAgeMs, place)
  return [
    ...(await temporaryFiles(folder, name, place)),
    ...logs.map((path): Stray => ({ path, kind: 'log', name })),
  ]
}

async function temporaryFiles(folder: string, name: string, place: StrayPlace): Promise<readonly Stray[]> {
  const paths = await olderFiles(folder, temporaryName, writingMs, place)
  return paths.map((path) => ({ path, kind: 'temporary file', name }))
}

async function olderFiles(
  folder: string,
  pattern: RegExp,
  ageMs: number,
  place: StrayPlace,
): Promise<readonly string[]> {
  const { files } = await entriesOf(folder)
  const paths = files.filter((file) => pattern.test(basename(file))).map((file) => join(folder, file))
  const old = await Promise.all(paths.map((path) => isOlder(path, ageMs, place)))
  return paths.filter((_, index) => old[index])
}

async function isOlder(path: string, ageMs: number, { now }: StrayPlace): Promise<boolean> {
  const found = await lstat(path).catch(ignoreGone)
  return found !== undefined && now() - found.mtimeMs > ageMs
}

/** Files and folders by name, links as neither; nothing where the folder is not there. Throws for an unsafe folder. */
async function entriesOf(
  folder: string,
): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }> {
  const isThere = await refuseUnsafeFolder(folder)
  const entries = isThere ? await readdir(folder, { withFileTypes: true }).catch(ignoreGone) : undefined
  return {
    files: (entries ?? []).filter((entry) => entry.isFile()).map(({ name }) => name),
    folders: (entries ?? []).filter((entry) => entry.isDirectory()).map(({ name }) => name),
  }
}

function ignoreGone(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error
}
