/** The files of a demo's folder: text only, of bounded size, and none that leads out of it. Errors are plain, with a reason. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { hasCode } from '../domain/system-error.ts'

/** The file of a demo's folder that describes it. */
export const description = 'demo.yaml'

/** Bytes of one file. */
const largestFile = 1024 * 1024
const mostFiles = 500
const deepest = 10

/** Text of the file at `path` below the folder `root`. */
export async function readText(root: string, path: string): Promise<string> {
  const file = await inside(root, path)
  const facts = await stat(file)
  if (facts.isDirectory()) throw new Error('it is a folder, not a file')
  if (!facts.isFile()) throw new Error('it is no ordinary file')
  if (facts.size > largestFile) throw new Error('it has more than 1 MB')
  const text = decode(await readFile(file))
  if (text === undefined || text.includes('\0')) throw new Error('it is not text in UTF-8')
  return text
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
  // Links count as what they lead to, so that only the depth ends a circle of them.
  const walk = async (below: string, depth: number): Promise<void> => {
    if (depth > deepest) throw new Error(`its folders are nested more than ${String(deepest)} deep`)
    for (const name of await namesIn(root, join(path, below))) {
      const child = below === '' ? name : `${below}/${name}`
      const facts = await stat(await inside(root, join(path, child)))
      if (facts.isDirectory()) await walk(child, depth + 1)
      else found.push(child)
      if (found.length > mostFiles) throw new Error(`it has more than ${String(mostFiles)} files`)
    }
  }
  await walk('', 1)
  return found.sort()
}

async function namesIn(root: string, path: string): Promise<readonly string[]> {
  try {
    const names = await readdir(await inside(root, path))
    return names.filter((name) => name !== '.git')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

/** The real path of what is there. */
async function inside(root: string, path: string): Promise<string> {
  if (isAbsolute(path) || path.split(/[/\\]/).includes('..')) throw new Error('it leads out of the folder')
  const found = await realpath(join(root, path))
  const below = relative(await realpath(root), found)
  if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below))
    throw new Error('it is a link that leads out of the folder')
  return found
}
