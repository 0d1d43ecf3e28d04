/** play git clone: a working copy of the platform's repository. */
import * as Args from '@oclif/core/args'
import { playgroundFlag, timeoutFlag } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { defaultName } from '../../src/domain/names.ts'
import { gitClone } from '../../src/workflows/git.ts'

export default class GitClone extends PlayCommand {
  static override summary = 'Clone the repository that the playground keeps itself in line with.'
  static override description =
    'Uses your own git, through a port-forward that ends with the command. Change a file, commit, then play git push.'
  static override examples = [
    '<%= config.bin %> git clone',
    '<%= config.bin %> git clone ~/platform --name workshop',
  ]
  static override args = {
    directory: Args.string({ description: 'Folder to make (default: playground).', default: 'playground' }),
  }
  static override flags = { name: playgroundFlag(), timeout: timeoutFlag() }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GitClone)
    const { name = defaultName, timeout: timeoutMs } = flags
    await this.answer(flags, async (app) => {
      const { ports, registries } = app
      const tools = { ports, components: registries.components, processes: await app.processes() }
      const session = app.session(name, `play git clone ${args.directory} --name ${name}`)
      const result = await gitClone({ name, directory: args.directory, timeoutMs }, tools, session)
      const push = `play git push ${result.directory}${name === defaultName ? '' : ` --name ${name}`}`
      return {
        result,
        lines: [`The platform of ${name} is in ${result.directory}`, `Change it, commit, then: ${push}`],
      }
    })
  }
}
