/** play open: a way from this machine to what a component offers. */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { playgroundFlag } from '../src/cli/flags.ts'
import { openAnswer } from '../src/cli/open-answer.ts'
import { PlayCommand } from '../src/cli/play-command.ts'
import { defaultName } from '../src/domain/names.ts'

export default class Open extends PlayCommand {
  static override summary = 'Open what a component offers: a web page in the browser, git or the registry.'
  static override description =
    'Forwards a port of this machine until Ctrl-C, to whichever pod serves then, and prints the address and the login once. Without an argument it lists what can be opened, or opens the only thing there is.'
  static override examples = [
    '<%= config.bin %> open',
    '<%= config.bin %> open argocd',
    '<%= config.bin %> open git --print --name workshop',
  ]
  static override args = {
    endpoint: Args.string({ description: 'What to open, as play open lists it.' }),
  }
  static override flags = {
    name: playgroundFlag(),
    port: Flags.integer({
      char: 'p',
      summary: 'Port of this machine (default: a free one).',
      min: 1,
      max: 65_535,
    }),
    print: Flags.boolean({
      summary:
        'For scripts: print the address alone, start no browser, and end with whoever holds standard input or started this.',
    }),
    'show-credentials': Flags.boolean({ summary: 'Print the password also where no terminal is.' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Open)
    const { name = defaultName, port, print, 'show-credentials': showCredentials } = flags
    await this.answer(flags, (app) =>
      openAnswer({ name, endpoint: args.endpoint, port, print, showCredentials }, app),
    )
  }
}
