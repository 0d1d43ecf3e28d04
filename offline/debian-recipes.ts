// The recipes of the Debian root file systems.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildFolders } from './build-folders.ts'
import { makeRootfs } from './debian-rootfs.ts'
import type { DebianSystem } from './debian-systems.ts'
import type { Recipe } from './recipe.ts'

/** Where the root file system of a recipe's key is, whether or not it is there. */
export const rootfsFolder = (folders: BuildFolders, key: string): string =>
  join(folders.rootfs, key.slice(0, 16))

/** True when that root file system was made completely. */
export const hasRootfs = (folders: BuildFolders, key: string): Promise<boolean> =>
  access(rootfsFolder(folders, key)).then(
    () => true,
    () => false,
  )

/** The recipe of one root file system; `codeDigest` stands for the code that makes it. */
export function debianRecipe(system: DebianSystem, codeDigest: string): Recipe {
  return {
    id: `debian.${system.name}`,
    title: `Install Debian for the ${system.name}s`,
    inputs: [],
    ingredients: { suite: system.suite, packages: system.packages, remove: system.remove, code: codeDigest },
    usualSeconds: system.usualSeconds,
    track: 'beside',
    diskGigabytes: 1,
    result: 'folder',
    make: async (bench) => {
      await makeRootfs(system, rootfsFolder(bench.folders, bench.key), bench.signal)
      return { files: [] }
    },
  }
}
