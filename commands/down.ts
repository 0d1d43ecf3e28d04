/** play down: remove playgrounds, and prove that nothing is left. */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { dryRunFlag, timeoutFlag, yesFlag } from '../src/cli/flags.ts'
import { PlayCommand } from '../src/cli/play-command.ts'
import { downLines } from '../src/cli/views.ts'
import { defaultName, parseName } from '../src/domain/names.ts'
import { downEach } from '../src/workflows/down-each.ts'

export default class Down extends PlayCommand {
  static override summary = 'Remove playgrounds, and check that nothing of them is left.'
  static override description =
    'Ends what an interrupted run left running, destroys the cluster through Pulumi and removes by name whatever is left. Then it looks twice, with time in between, for containers, volumes, the network, the kubeconfig context, processes and files of the playground, removes what turns up, prints what it found and keeps it as a certificate. It works with a cluster that is stopped, broken, half made or gone, and it can be repeated at any time. A playground that does not exist is no error.\n\nExit code 9 when something is left; 10 when play could not look everywhere, or when another container engine answers than the one that was used.'
  static override examples = [
    '<%= config.bin %> down',
    '<%= config.bin %> down workshop other',
    '<%= config.bin %> down --dry-run',
    '<%= config.bin %> down --all --yes',
  ]
  static override strict = false
  static override args = { name: Args.string({ description: 'Names of playgrounds (default: dev).' }) }
  static override flags = {
    all: Flags.boolean({ summary: 'Remove every playground of this user, damaged ones too; asks first.' }),
    force: Flags.boolean({
      summary: 'Remove by name, without Pulumi; go on when the state cannot be read or written.',
    }),
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
    this.removes = (name) => flags.all || (names.length > 0 ? names.includes(name) : name === defaultName)
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
      // Of what failed, the errors tell.
      const silent = results.length === 0 && errors.length > 0
      return { result, lines: silent ? [] : await downLines(results, app), errors }
    })
  }
}
