/** Folders that hold what is nobody else's business: made 0700, refused when somebody else could have put them there. */
import { lstat, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hasCode } from '../domain/system-error.ts'

/** Makes `path` and what is missing above it, 0700. Throws like refuseUnsafeFolder, or what the file system throws. */
export async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path)
  await refuseUnsafeFolder(path)
}

/** Node's own recursive mkdir never ends where a folder exists but refuses entries with ENOENT, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  if (await madeOrThere(path)) return
  if (dirname(path) !== path) await makeFolder(dirname(path))
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error
  })
}

/** False when the folder above is missing. */
async function madeOrThere(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 })
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    if (hasCode(error, 'EEXIST')) return true
    throw error
  }
}

/**
 * Throws an Error with a reason when `path` is a symbolic link, no folder, somebody else's, or writable by
 * others; returns false when nothing is there, true otherwise.
 */
export async function refuseUnsafeFolder(path: string): Promise<boolean> {
  const found = await lstat(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  })
  if (found === undefined) return false
  const reason = whatIsUnsafe(found)
  if (reason !== undefined) throw new Error(`the folder ${path} ${reason}`)
  return true
}

function whatIsUnsafe(found: Awaited<ReturnType<typeof lstat>>): string | undefined {
  if (found.isSymbolicLink()) return 'is a symbolic link'
  if (!found.isDirectory()) return 'is no folder'
  // Windows has neither owners by number nor these mode bits.
  if (process.getuid === undefined) return undefined
  if (found.uid !== process.getuid()) return 'belongs to somebody else'
  if ((Number(found.mode) & 0o022) !== 0) return 'can be written by others'
  return undefined
}
