/** Which playgrounds have an expiry, read so cheaply that every command can afford it. */
import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Expiry } from '../domain/expiry.ts'
import { parseName } from '../domain/names.ts'

/**
 * The playgrounds below `stateDir` whose state tells an expiry, by name. What cannot be read is left out: whoever needs
 * to know asks the StateStore. Reads at once, without the detours that asynchronous reads of small files are.
 */
export function readExpiries(stateDir: string): readonly Expiry[] {
  const root = join(stateDir, 'playgrounds')
  // Names of locks begin with a dot.
  const folders = orNone(() => readdirSync(root)).filter((name) => !name.startsWith('.'))
  return folders.sort().flatMap((folder) => orNone(() => readExpiry(root, folder)))
}

function readExpiry(root: string, folder: string): readonly Expiry[] {
  const name = parseName(folder)
  const file = openSync(join(root, name, 'state.json'), constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const { expiresAt } = JSON.parse(readFileSync(file, 'utf8')) as { readonly expiresAt?: unknown }
    return typeof expiresAt === 'string' && !Number.isNaN(Date.parse(expiresAt)) ? [{ name, expiresAt }] : []
  } finally {
    closeSync(file)
  }
}

function orNone<T>(read: () => readonly T[]): T[] {
  try {
    return [...read()]
  } catch {
    return []
  }
}
