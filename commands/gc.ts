/** play gc: remove what nobody needs any more. */
import * as Flags from '@oclif/core/flags'
import { timeoutFlag, yesFlag } from '../src/cli/flags.ts'
import { gcAnswer, installAnswer, uninstallAnswer } from '../src/cli/gc-answer.ts'
import { PlayCommand } from '../src/cli/play-command.ts'

export default class Gc extends PlayCommand {
  static override summary = 'Remove expired playgrounds, and what crashed runs left behind.'
  static override description =
    'Looks for playgrounds whose time is over, clusters and processes of play whose playground is gone, locks and temporary files of runs that no longer exist, and event logs older than 30 days. Shows what it found and asks before it removes anything. Each is looked at again right before it goes, and expired playgrounds go as with play down.\n\n--install prints a timer for systemd, and a line for cron, that remove expired playgrounds every 15 minutes; with --yes it writes the timer and starts it.'
  static override examples = [
    '<%= config.bin %> gc',
    '<%= config.bin %> gc --dry-run',
    '<%= config.bin %> gc --expired --yes',
    '<%= config.bin %> gc --install --yes',
  ]
  static override flags = {
    expired: Flags.boolean({ summary: 'Only playgrounds whose time is over.' }),
    install: Flags.boolean({
      summary: 'Print a timer that does this every 15 minutes; --yes starts it.',
      exclusive: ['uninstall', 'expired', 'dry-run'],
    }),
    uninstall: Flags.boolean({
      summary: 'Say what belongs to that timer; --yes removes it.',
      exclusive: ['expired', 'dry-run'],
    }),
    timeout: timeoutFlag(),
    'dry-run': Flags.boolean({ summary: 'Only show what would be removed.', env: 'PLAY_DRY_RUN' }),
    yes: yesFlag,
  }

  protected override removes = (): boolean => true

  async run(): Promise<void> {
    const { flags } = await this.parse(Gc)
    const { expired: expiredOnly, timeout: timeoutMs, yes } = flags
    await this.answer(flags, async (app) => {
      if (flags.install) return installAnswer({ yes }, app)
      if (flags.uninstall) return uninstallAnswer({ yes }, app)
      return gcAnswer({ expiredOnly, timeoutMs }, { dryRun: flags['dry-run'], yes }, app)
    })
  }
}
