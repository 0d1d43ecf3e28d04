/** play status: the health of a playground, by looking. */
import { nameArgument } from '../src/cli/flags.ts'
import { PlayCommand } from '../src/cli/play-command.ts'
import { statusLines } from '../src/cli/views.ts'
import { defaultName } from '../src/domain/names.ts'
import { status } from '../src/workflows/status.ts'

export default class Status extends PlayCommand {
  static override summary = 'Show the health of a playground: its cluster and each component.'
  static override description =
    'Asks the cluster itself: health, whether it is in line with git, age, memory, and what play open can open. Exit code 0 when everything is healthy, 6 when something is not, 4 when there is no such playground.'
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --output json | jq .result.healthy',
  ]
  static override args = { name: nameArgument() }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Status)
    await this.answer(flags, async (app) => {
      const result = await status(args.name ?? defaultName, app.ports, app.registries, app.signal)
      return { result, lines: await statusLines(result, app), ...(result.healthy ? {} : { exitCode: 6 }) }
    })
  }
}
