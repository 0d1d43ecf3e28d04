/** play down: remove playgrounds, and prove that nothing is left. */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { dryRunFlag, timeoutFlag, yesFlag } from '../src/cli/flags.ts'
import { PlayCommand } from '../src/cli/play-command.ts'
import { downLines } from '../src/cli/views.ts'
import { parseName } from '../src/domain/names.ts'
import { downEach } from '../src/workflows/down-each.ts'

export default class Down extends PlayCommand {
  static override summary = 'Remove playgrounds, and check that nothing of them is left.'
  static override description =
    'Destroys the cluster through Pulumi and removes by name whatever is left. Then it looks for containers, volumes, the network, the kubeconfig context and the files of the playground, and prints what it found. A playground that does not exist is no error.\n\nExit code 9 when something is left, 10 when play could not look everywhere.'
  static override examples = [
    '<%= config.bin %> down',
    '<%= config.bin %> down workshop other',
    '<%= config.bin %> down --all --yes',
  ]
  static override strict = false
  static override args = { name: Args.string({ description: 'Names of playgrounds (default: dev).' }) }
  static override flags = {
    all: Flags.boolean({ summary: 'Remove every playground of this user; asks first.' }),
    force: Flags.boolean({ summary: 'Go on when the state file cannot be read.' }),
    timeout: timeoutFlag(),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Down)
    const words = argv as string[]
    // Any number of names is taken, and so oclif takes what looks like a flag for one of them.
    this.refuseFlags(words)
    const names = words.map(parseName)
    const dryRun = flags['dry-run']
    await this.answer(flags, async (app) => {
      const { all, force, timeout: timeoutMs, yes } = flags
      const session = (name: string): ReturnType<typeof app.session> =>
        app.session(name, `play down ${name}`, dryRun)
      const options = { names, all, force, timeoutMs, yes: yes || dryRun }
      const ends = await downEach(options, app.ports, app.prompter, app.registries, session)
      if (ends === undefined) return { result: [], lines: ['Nothing was removed.'] }
      const results = ends.flatMap((end) => ('result' in end ? [end.result] : []))
      const errors = ends.flatMap((end) => ('error' in end ? [end.error] : []))
      const result = ends.map((end) =>
        'result' in end ? end.result : { name: end.name, error: end.error.toData() },
      )
      // A dry run has told its story and has no result; of what failed, the errors tell.
      const silent = results.length === 0 && (dryRun || errors.length > 0)
      return { result, lines: silent ? [] : await downLines(results, app), errors }
    })
  }
}
