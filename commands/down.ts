/** play down: remove playgrounds, and prove that nothing is left. */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { dryRunFlag, timeoutFlag, yesFlag } from '../src/cli/flags.ts'
import { PlayCommand } from '../src/cli/play-command.ts'
import { downLines } from '../src/cli/views.ts'
import { parseName } from '../src/domain/names.ts'
import { downEach } from '../src/workflows/down-each.ts'

export default class Down extends PlayCommand {
  static override summary = 'Remove playgrounds, and look everywhere for what could be left.'
  static override description =
    'Destroys the cluster through Pulumi, removes by name whatever is left, and then looks: containers, volumes, network, kubeconfig, files. What does not exist is fine.'
  static override examples = ['<%= config.bin %> down', '<%= config.bin %> down workshop other', '<%= config.bin %> down --all --yes']
  static override strict = false
  static override args = { name: Args.string({ description: 'Names of playgrounds (default: dev).' }) }
  static override flags = {
    all: Flags.boolean({ summary: 'Every playground of this user.' }),
    force: Flags.boolean({ summary: 'Go on where the state cannot be read.' }),
    timeout: timeoutFlag(),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Down)
    const names = (argv as string[]).map(parseName)
    await this.answer(flags, async (app) => {
      const options = { names, all: flags.all, force: flags.force, timeoutMs: flags.timeout, yes: flags.yes }
      const session = (name: string): ReturnType<typeof app.session> => app.session(name, `play down ${name}`, flags['dry-run'])
      const results = await downEach(options, app.ports, app.prompter, app.registries, session)
      return { result: results, lines: await downLines(results, app) }
    })
  }
}
