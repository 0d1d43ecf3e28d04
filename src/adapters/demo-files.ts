/** The files of a demo's folder: text only, of bounded size, and none that leads out of it. Errors are plain, with a reason. */
import { constants } from 'node:fs'
import { open, readdir, readlink, realpath, stat, type FileHandle } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { hasCode } from '../domain/system-error.ts'

/** The file of a demo's folder that describes it. */
export const description = 'demo.yaml'

/** Bytes of one file. */
const largestFile = 1024 * 1024
/** Bytes of all files of a folder. */
const largestFolder = 32 * 1024 * 1024
const mostFiles = 500
/** Files and folders that are looked at: circles of links make many of few. */
const mostEntries = 2000
const deepest = 10

/** Text of the file at `path` below the folder `root`. */
export async function readText(root: string, path: string): Promise<string> {
  const file = await openInside(root, path)
  const text = decode(await readBounded(file).finally(() => file.close()))
  if (text === undefined || text.includes('\0')) throw new Error('it is not text in UTF-8')
  return text
}

/** The file, open: what is read is what was looked at. Opening a device or a pipe never waits. */
async function openInside(root: string, path: string): Promise<FileHandle> {
  const found = await inside(root, path)
  refuseSpecial(await stat(found))
  const file = await open(found, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    // Whoever swaps a folder for a link just before it is opened is found out: Linux knows where an open file is.
    const place = await readlink(`/proc/self/fd/${String(file.fd)}`).catch(() => realpath(found))
    refuseOutside(await realpath(root), place)
    const facts = await file.stat()
    refuseSpecial(facts)
    if (facts.size > largestFile) throw new Error('it has more than 1 MB')
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

function refuseSpecial(facts: { isDirectory(): boolean; isFile(): boolean }): void {
  if (facts.isDirectory()) throw new Error('it is a folder, not a file')
  if (!facts.isFile()) throw new Error('it is no ordinary file')
}

/** All bytes of the file, also of one that grows meanwhile. */
async function readBounded(file: FileHandle): Promise<Uint8Array> {
  const bytes = Buffer.alloc(largestFile + 1)
  let length = 0
  for (let count = -1; count !== 0 && length < bytes.length; length += count)
    ({ bytesRead: count } = await file.read(bytes, length, bytes.length - length))
  if (length > largestFile) throw new Error('it has more than 1 MB')
  return bytes.subarray(0, length)
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * Paths of all files below the folder `path` of `root`, relative to it, sorted, without what is git's own; none where
 * there is no folder.
 */
export async function listFiles(root: string, path: string): Promise<readonly string[]> {
  const found: string[] = []
  let bytes = 0
  let entries = 0
  // Links count as what they lead to, so that only the depth ends a circle of them.
  const walk = async (below: string, depth: number): Promise<void> => {
    if (depth > deepest) throw new Error(`its folders are nested more than ${String(deepest)} deep`)
    for (const name of await namesIn(root, join(path, below))) {
      const child = below === '' ? name : `${below}/${name}`
      const facts = await stat(await inside(root, join(path, child)))
      entries += 1
      if (entries > mostEntries) throw new Error(`it has more than ${String(mostEntries)} files and folders`)
      if (facts.isDirectory()) await walk(child, depth + 1)
      else {
        found.push(child)
        bytes += facts.size
      }
      if (found.length > mostFiles) throw new Error(`it has more than ${String(mostFiles)} files`)
      if (bytes > largestFolder) throw new Error('its files have more than 32 MB')
    }
  }
  await walk('', 1)
  return found.sort()
}

async function namesIn(root: string, path: string): Promise<readonly string[]> {
  try {
    const names = await readdir(await inside(root, path))
    return names.filter((name) => name.toLowerCase() !== '.git')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

/** The real path of what is there. */
async function inside(root: string, path: string): Promise<string> {
  if (isAbsolute(path) || path.split(/[/\\]/).includes('..')) throw new Error('it leads out of the folder')
  const found = await realpath(join(root, path))
  refuseOutside(await realpath(root), found)
  return found
}

/** Both are real paths. */
function refuseOutside(root: string, found: string): void {
  const below = relative(root, found)
  if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below))
    throw new Error('it is a link that leads out of the folder')
}
