/** play bundle verify: read every file of the bundle and compare its sum. */
import { PlayCommand } from '../../src/cli/play-command.ts'
import { bundleVerifyLines } from '../../src/cli/views.ts'
import { damageOf, verifyBundle } from '../../src/workflows/bundle.ts'
import { performSingle } from '../../src/workflows/single-step.ts'

export default class BundleVerify extends PlayCommand {
  static override summary = 'Read every file of the bundle and compare its checksum.'
  static override description = 'Exit code 4 when a file is damaged or missing, or when there is no bundle.'
  static override examples = [
    '<%= config.bin %> bundle verify',
    'PLAY_BUNDLE=/media/stick/core <%= config.bin %> bundle verify',
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(BundleVerify)
    await this.answer(flags, async (app) => {
      const bundles = await app.bundles()
      const result = await performSingle(app.session('bundle', 'play bundle verify'), 'bundle', {
        id: 'bundle.verify',
        title: 'Verify the bundle',
        resume: 'play bundle verify',
        run: ({ signal, report }) => verifyBundle(bundles, { signal, report }),
      })
      const damage = damageOf(result)
      const lines = await bundleVerifyLines(result, app)
      return { result, lines, errors: damage === undefined ? [] : [damage] }
    })
  }
}
