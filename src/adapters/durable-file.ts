/** Replaces files so that a crash at any moment leaves the old or the new content, never a mixture. */
import { randomBytes } from 'node:crypto'
import { open, rename, unlink } from 'node:fs/promises'
import { platform } from 'node:os'
import { basename, dirname, join } from 'node:path'

/**
 * Writes `text` to `path`: a temporary file in the same folder, fsync, rename, fsync of the folder. When
 * it returns, the content survives a power cut. Throws what the file system throws and then leaves no
 * temporary file behind; what a crash leaves is told by isTemporaryOf, and by `mark` where others write there too.
 */
export async function writeDurably(path: string, text: string, mode = 0o600, mark = ''): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${mark}${randomBytes(6).toString('hex')}.tmp`)
  try {
    await createDurably(temporary, text, mode)
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    throw error
  }
  await syncFolder(folder)
}

/** Tells whether a file's name is that of a temporary file, with `mark`, of the file `name` beside it. */
export function isTemporaryOf(name: string, mark = ''): (file: string) => boolean {
  const [start, end] = [`.${name}.${mark}`, '.tmp']
  return (file) =>
    file.startsWith(start) &&
    file.endsWith(end) &&
    /^[0-9a-f]{12}$/.test(file.slice(start.length, -end.length))
}

/** Makes a file that must not exist yet and brings its content to the disk; the folder's entry is not synced. */
export async function createDurably(path: string, text: string, mode = 0o600): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Brings the names in a folder to the disk. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder, and writes names through by itself.
  if (platform() === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
