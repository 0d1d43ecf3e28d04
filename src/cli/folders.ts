/** Where play keeps things for this user, by the XDG base directory rules. */
import { isAbsolute, join, resolve } from 'node:path'

/** Absolute folders. */
export interface UserFolders {
  /** Playgrounds: what must not be lost while they exist. */
  readonly state: string
  /** Bundles and downloads: can be deleted at any time. */
  readonly cache: string
  readonly config: string
}

/**
 * PLAY_STATE_DIR, PLAY_CACHE_DIR and PLAY_CONFIG_DIR come first, relative ones below the working folder, then XDG's
 * variables, then its defaults. An empty variable counts as none.
 */
export function userFolders(env: Readonly<Record<string, string | undefined>>, home: string): UserFolders {
  const folder = (own: string, xdg: string, fallback: string): string => {
    const chosen = env[own] ?? ''
    if (chosen !== '') return resolve(chosen)
    const base = env[xdg] ?? ''
    // The specification says that a relative path is to be ignored.
    return join(isAbsolute(base) ? base : join(home, fallback), 'play')
  }
  return {
    state: folder('PLAY_STATE_DIR', 'XDG_STATE_HOME', '.local/state'),
    cache: folder('PLAY_CACHE_DIR', 'XDG_CACHE_HOME', '.cache'),
    config: folder('PLAY_CONFIG_DIR', 'XDG_CONFIG_HOME', '.config'),
  }
}
