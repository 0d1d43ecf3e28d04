/** play demo run: a person's own demo. */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { demoAnswer, demoFlags } from '../../src/cli/demo-answer.ts'
import { nameArgument, optionsOf } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'

export default class DemoRun extends PlayCommand {
  static override summary = 'Run a demo of your own: a folder with a demo.yaml.'
  static override description =
    'The folder says in demo.yaml what to do: apply, push, workflow, wait, http, exec. To begin with one that works: play demo copy hello my-demo. A mistake in the file is told with its line and column, before anything is done.'
  static override examples = [
    '<%= config.bin %> demo run my-demo',
    '<%= config.bin %> demo run my-demo --set message=hi',
  ]
  static override args = {
    directory: Args.string({ required: true, description: 'Folder with the demo.yaml.' }),
    name: nameArgument(),
  }
  static override flags = {
    set: Flags.string({
      summary: "One of the demo's options, as NAME=VALUE.",
      helpValue: 'NAME=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...demoFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DemoRun)
    const options = optionsOf(flags.set)
    await this.answer(flags, async (app) => {
      const folder = await (await app.demoFolders()).openOwn(args.directory)
      const command = `play demo run ${args.directory}`
      return demoAnswer(app, { folder, name: args.name, options, command, flags })
    })
  }
}
