/** play demo list: what there is to see. */
import { PlayCommand } from '../../src/cli/play-command.ts'
import { demoListLines } from '../../src/cli/views.ts'

export default class DemoList extends PlayCommand {
  static override summary = 'List the demos: what each shows, what it needs and how long it takes.'

  async run(): Promise<void> {
    const { flags } = await this.parse(DemoList)
    await this.answer(flags, async (app) => {
      const folders = await app.demoFolders()
      const all = await Promise.all(folders.shipped.map((id) => folders.open(id)))
      const result = all.map(({ definition: { id, title, summary, needs, takes, options } }) => {
        return { id, title, summary, needs, takes, options }
      })
      return { result, lines: await demoListLines(result, app) }
    })
  }
}
