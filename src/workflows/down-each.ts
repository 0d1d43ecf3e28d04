/** `play down A B`, `play down --all`: one after the other; a failure of one does not keep the others. */
import { PlayError } from '../domain/errors.ts'
import { defaultName } from '../domain/names.ts'
import type { Ports, Prompter } from '../domain/ports.ts'
import type { DownForecast, DownResult } from '../domain/results.ts'
import { down, type DownParts } from './down.ts'
import { toPlayError, type Session } from './session.ts'

/** Which ones, and how. */
export interface DownEachOptions {
  readonly names: readonly string[]
  readonly all: boolean
  readonly force: boolean
  readonly timeoutMs: number
  readonly yes: boolean
}

/** How the removal of one ended. */
export type DownEnd =
  { readonly result: DownResult | DownForecast } | { readonly name: string; readonly error: PlayError }

/**
 * Removes each and answers how each ended, in that order; an interrupt ends it all. `--all` means every folder, also those
 * whose state cannot be read, and asks first: undefined means that the answer was no. Throws USAGE_INVALID for `--all`
 * beside names.
 */
export async function downEach(
  options: DownEachOptions,
  ports: Ports,
  prompter: Prompter,
  parts: DownParts,
  session: (name: string) => Session,
): Promise<readonly DownEnd[] | undefined> {
  const names = await chooseNames(options, ports, prompter)
  if (names === undefined) return undefined
  const { force, timeoutMs } = options
  const ends: DownEnd[] = []
  for (const name of names) {
    const own = session(name)
    try {
      ends.push({ result: await down({ name, force, timeoutMs }, ports, parts, own) })
    } catch (error) {
      ends.push({ name, error: toPlayError(error) })
      if (own.signal.aborted) break
    }
  }
  return ends
}

async function chooseNames(
  { all, names, yes }: DownEachOptions,
  ports: Ports,
  prompter: Prompter,
): Promise<readonly string[] | undefined> {
  if (!all) return names.length > 0 ? [...new Set(names)] : [defaultName]
  if (names.length > 0) throw PlayError.of('USAGE_INVALID', { reason: 'Give names or --all, not both' })
  const every = await (await ports.states()).list()
  if (every.length === 0 || yes) return every
  return (await prompter.confirm(`Remove ${every.join(', ')}?`)) ? every : undefined
}
