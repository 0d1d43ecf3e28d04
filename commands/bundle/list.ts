/** play bundle list: what the bundle in use holds. */
import { PlayCommand } from '../../src/cli/play-command.ts'
import { bundleListLines } from '../../src/cli/views.ts'
import { listBundle } from '../../src/workflows/bundle.ts'

export default class BundleList extends PlayCommand {
  static override summary = 'Show what the bundle in use holds, and what each entry really is.'
  static override examples = [
    '<%= config.bin %> bundle list',
    'PLAY_BUNDLE=/media/stick/core <%= config.bin %> bundle list',
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(BundleList)
    await this.answer(flags, async (app) => {
      const result = await listBundle(await app.bundles())
      return { result, lines: await bundleListLines(result, app) }
    })
  }
}
