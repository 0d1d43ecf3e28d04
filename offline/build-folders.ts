// Where the kit keeps what it makes: one folder of blobs and recipe records that stays, and one of work that goes.
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

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

/** The folders under the user's cache directory; a relative XDG_CACHE_HOME is ignored, as its specification asks. */
export function buildFolders(env: Readonly<Record<string, string | undefined>>): BuildFolders {
  const xdg = env['XDG_CACHE_HOME']
  const root = join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'play')
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
