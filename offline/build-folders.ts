// Where the kit keeps what it makes: one folder of blobs and recipe records that stays, and one of work that goes.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { userFolders } from '../src/cli/folders.ts'

/** All folders of the kit, absolute. Everything under `build` may be deleted at any time; it costs only time. */
export interface BuildFolders {
  readonly root: string
  readonly blobs: string
  readonly recipes: string
  readonly bundles: string
  readonly build: string
  readonly goCache: string
  readonly goModules: string
  /** Wrapper modules, one folder per upstream project. */
  readonly wrappers: string
  /** Debian root file systems by recipe key. */
  readonly rootfs: string
  /** Scratch space of single steps. */
  readonly scratch: string
  readonly lock: string
}

/** The folders under play's cache directory, by the rules that play itself follows. */
export function buildFolders(env: Readonly<Record<string, string | undefined>>): BuildFolders {
  const root = userFolders(env, homedir()).cache
  const build = join(root, 'build')
  return {
    root,
    blobs: join(root, 'blobs', 'sha256'),
    recipes: join(root, 'recipes'),
    bundles: join(root, 'bundles'),
    build,
    goCache: join(build, 'go-build'),
    goModules: join(build, 'go-mod'),
    wrappers: join(build, 'wrappers'),
    rootfs: join(build, 'rootfs'),
    scratch: join(build, 'scratch'),
    lock: join(root, 'build.lock'),
  }
}
