// Digests of the kit's own files, so that a change of code or of a file that goes into an image makes it anew.
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

async function filesUnder(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).sort()
  return (await Promise.all(names.map((name) => filesUnder(join(path, name))))).flat()
}

/** Hex sha256 over the names, modes and contents of files and folders; `names` are relative to `root`. */
export async function codeDigest(root: string, names: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const name of [...names].sort())
    for (const file of await filesUnder(join(root, name))) {
      const executable = ((await stat(file)).mode & 0o111) !== 0
      hash.update(`${file.slice(root.length)}\0${executable ? 'x' : '-'}\0`)
      hash.update(await readFile(file))
      hash.update('\0')
    }
  return hash.digest('hex')
}
