/** How much a folder holds, asked while others may be writing in it. */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { FolderUsage } from '../domain/ports.ts'
import { hasCode } from '../domain/system-error.ts'

/** Counts everything below `folder` that is no folder, links as themselves; undefined when the folder is not there. */
export async function folderUsage(folder: string): Promise<FolderUsage | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(nothingIfGone)
  if (entries === undefined) return undefined
  const parts = await Promise.all(
    entries.map(async (entry): Promise<FolderUsage | undefined> => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return folderUsage(path)
      const found = await lstat(path).catch(nothingIfGone)
      return found === undefined ? undefined : { files: 1, bytes: found.size }
    }),
  )
  return parts.reduce<FolderUsage>(
    (sum, { files, bytes } = { files: 0, bytes: 0 }) => ({
      files: sum.files + files,
      bytes: sum.bytes + bytes,
    }),
    { files: 0, bytes: 0 },
  )
}

/** Only "nothing is there" is an answer; every other error says that nobody knows. */
function nothingIfGone(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error
}

/** True unless nothing is at `path`; what is behind a folder of somebody else's may be there. */
export async function mayBeThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    return !hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')
  }
}
