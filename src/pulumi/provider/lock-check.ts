/** Refuses to change anything once the play that the plug-in works for no longer holds the playground's lock. */
import { readFile } from 'node:fs/promises'

/** Path of the lock file and the epoch of the holder for whom the plug-in was started. */
export interface ExpectedLock {
  readonly path: string
  readonly epoch: string
}

/**
 * Throws unless the lock is held by that holder. A lock that is gone or cannot be read counts as lost: another run may
 * be at work on the same cluster.
 */
export async function requireLock({ path, epoch }: ExpectedLock): Promise<void> {
  let held: unknown
  try {
    held = (JSON.parse(await readFile(path, 'utf8')) as { readonly epoch?: unknown } | null)?.epoch
  } catch (cause) {
    throw new Error(`nothing was done: the lock ${path} cannot be read any more`, { cause })
  }
  if (held !== epoch)
    throw new Error('nothing was done: another play has taken over the lock of this playground')
}
