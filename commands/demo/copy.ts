/** play demo copy: a demo that works, to change. */
import * as Args from '@oclif/core/args'
import { PlayCommand } from '../../src/cli/play-command.ts'

export default class DemoCopy extends PlayCommand {
  static override summary = 'Copy a demo into a folder of your own, to change and run it.'
  static override examples = ['<%= config.bin %> demo copy ci my-demo']
  static override args = {
    demo: Args.string({ required: true, description: 'The demo; play demo list shows them.' }),
    directory: Args.string({ required: true, description: 'A folder that is not there yet, or empty.' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DemoCopy)
    await this.answer(flags, async (app) => {
      const files = await (await app.demoFolders()).copy(args.demo, args.directory)
      const { demo, directory } = args
      const next = `  $ play demo run ${directory}`
      const lines = [`Copied ${String(files.length)} files of ${demo} to ${directory}`, '', 'Next:', next]
      return { result: { demo, directory, files }, lines }
    })
  }
}
