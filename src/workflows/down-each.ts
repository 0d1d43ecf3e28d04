/** `play down A B`, `play down --all`: one after the other; a failure of one does not keep the others. */
import { defaultName } from '../domain/names.ts'
import type { Ports, Prompter } from '../domain/ports.ts'
import type { DownResult } from '../domain/results.ts'
import type { Source } from '../domain/source.ts'
import { down, type Inventory } from './down.ts'
import type { Session } from './session.ts'

/** Which ones, and how. */
export interface DownEachOptions {
  readonly names: readonly string[]
  readonly all: boolean
  readonly force: boolean
  readonly timeoutMs: number
  readonly yes: boolean
}

/** Removes each; throws the first failure after all have been tried. `--all` asks first. */
export async function downEach(
  options: DownEachOptions,
  ports: Ports,
  prompter: Prompter,
  parts: { readonly source: Source; readonly inventory: Inventory },
  session: (name: string) => Session,
): Promise<readonly DownResult[]> {
  const names = await chooseNames(options, ports, prompter)
  const results: DownResult[] = []
  const failures: unknown[] = []
  for (const name of names) {
    try {
      const { force, timeoutMs } = options
      const result = await down({ name, force, timeoutMs }, ports, parts, session(name))
      if (result !== undefined) results.push(result)
    } catch (error) {
      failures.push(error)
      if (session(name).signal.aborted) break
    }
  }
  if (failures.length > 0) throw failures[0]
  return results
}

async function chooseNames(options: DownEachOptions, ports: Ports, prompter: Prompter): Promise<readonly string[]> {
  if (!options.all) return options.names.length > 0 ? options.names : [defaultName]
  const names = await (await ports.states()).list()
  if (names.length === 0 || options.yes) return names
  return (await prompter.confirm(`Remove ${names.join(', ')}?`)) ? names : []
}
