/** The Assets port: files that are shipped in the package's folder assets/. */
import { readFile, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { KubeObject } from '../domain/cluster.ts'
import { PlayError } from '../domain/errors.ts'
import type { Assets } from '../domain/ports.ts'

/**
 * Assets of the package at `packageRoot` (oclif's config.root in development and in production, never a
 * folder relative to a compiled module). Paths are below assets/, with forward slashes. One that is missing,
 * unreadable or leads out of assets/ means a broken package: BUG_UNEXPECTED.
 */
export function createPackageAssets(packageRoot: string): Assets {
  const root = join(packageRoot, 'assets')
  const read = async (path: string): Promise<string> => {
    try {
      return await readFile(await inside(root, path), 'utf8')
    } catch (cause) {
      throw broken(path, cause)
    }
  }
  return {
    read,
    objects: async (path) => {
      const text = await read(path)
      const { parseAllDocuments } = await import('./yaml-documents.ts')
      try {
        return parseAllDocuments(text) as readonly KubeObject[]
      } catch (cause) {
        throw broken(path, cause)
      }
    },
  }
}

async function inside(root: string, path: string): Promise<string> {
  const found = await realpath(join(root, path))
  const below = relative(await realpath(root), found)
  if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) {
    throw new Error('it leads out of the package')
  }
  return found
}

function broken(path: string, cause: unknown): PlayError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return PlayError.of(
    'BUG_UNEXPECTED',
    { reason: `its own file ${path} cannot be read: ${reason}` },
    { cause },
  )
}
