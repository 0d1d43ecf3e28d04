/** play bundle pull: download a bundle, for work without the internet. */
import * as Flags from '@oclif/core/flags'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { bundleListLines } from '../../src/cli/views.ts'
import { pullBundle } from '../../src/workflows/bundle.ts'
import { performSingle } from '../../src/workflows/single-step.ts'

export default class BundlePull extends PlayCommand {
  static override summary = 'Download a bundle, for work without the internet.'
  static override description =
    'Downloads kind, Pulumi and the manifests, compares each with its pinned checksum, and saves the images with the container engine. Bundles exist for Linux on amd64 only.'
  static override examples = ['<%= config.bin %> bundle pull', '<%= config.bin %> bundle pull --no-images']
  static override flags = {
    'kubernetes-version': Flags.string({
      summary: 'Kubernetes version of the node image (default: the pinned one).',
      env: 'PLAY_KUBERNETES_VERSION',
    }),
    images: Flags.boolean({
      summary:
        'Include the images (default), which needs a container engine; --no-images leaves them to the engine and the nodes.',
      default: true,
      allowNo: true,
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(BundlePull)
    const kubernetesVersion = flags['kubernetes-version']
    await this.answer(flags, async (app) => {
      const bundles = await app.bundles()
      const bundle = await performSingle(app.session('bundle', 'play bundle pull'), 'bundle', {
        id: 'bundle.pull',
        title: 'Pull the bundle',
        resume: 'play bundle pull',
        run: async ({ signal, report }) =>
          pullBundle(bundles, {
            signal,
            report,
            ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
            // Offline the pull is refused: not for want of an engine.
            ...(flags.images && !flags.offline ? { engine: await app.imageEngine(signal) } : {}),
          }),
      })
      return { result: bundle, lines: await bundleListLines({ bundle, looked: [bundle.folder] }, app) }
    })
  }
}
