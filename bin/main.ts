/** The program behind run.js: hands the command line to oclif. */
import { execute } from '@oclif/core/execute'
import { settings } from '@oclif/core/settings'

/** Runs the command that `process.argv` names and sets the exit code; `root` is the package's folder. */
export async function main(root: string): Promise<void> {
  // Otherwise NODE_ENV=development in a person's shell makes oclif look for TypeScript sources.
  settings.enableAutoTranspile = false
  await execute({ loadOptions: { root } })
}
