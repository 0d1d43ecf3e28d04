/** play list: every playground of this user. */
import { PlayCommand } from '../src/cli/play-command.ts'
import { listLines } from '../src/cli/views.ts'
import { list } from '../src/workflows/status.ts'

export default class List extends PlayCommand {
  static override summary = 'List the playgrounds of this user.'
  static override description = 'Asks the container engine whether each cluster is there and runs.'
  static override examples = ['<%= config.bin %> list', '<%= config.bin %> list --output json']

  async run(): Promise<void> {
    const { flags } = await this.parse(List)
    await this.answer(flags, async (app) => {
      const result = await list(app.ports, app.registries.source, app.signal)
      return { result, lines: await listLines(result, app) }
    })
  }
}
