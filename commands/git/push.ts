/** play git push: what is committed becomes what runs. */
import * as Args from '@oclif/core/args'
import { playgroundFlag, timeoutFlag } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { defaultName } from '../../src/domain/names.ts'
import { gitPush } from '../../src/workflows/git.ts'

export default class GitPush extends PlayCommand {
  static override summary =
    'Push to the repository of the playground, and wait until the cluster is in line with it.'
  static override description =
    'Pushes the branch that is checked out to main and has it compared at once, rather than at the next poll minutes later. Exit code 4 when git refuses the push, 6 when the cluster cannot take what was pushed.'
  static override examples = [
    '<%= config.bin %> git push',
    '<%= config.bin %> git push ~/platform --name workshop',
  ]
  static override args = {
    directory: Args.string({ description: 'Working copy (default: the current folder).', default: '.' }),
  }
  static override flags = { name: playgroundFlag(), timeout: timeoutFlag() }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GitPush)
    const { name = defaultName, timeout: timeoutMs } = flags
    await this.answer(flags, async (app) => {
      const { ports, registries } = app
      const tools = { ports, components: registries.components, processes: await app.processes() }
      const session = app.session(name, `play git push ${args.directory} --name ${name}`)
      const result = await gitPush({ name, directory: args.directory, timeoutMs }, tools, session)
      const live = `${result.head.slice(0, 7)} is live after ${result.seconds.toFixed(1)} s`
      return { result, lines: [live] }
    })
  }
}
