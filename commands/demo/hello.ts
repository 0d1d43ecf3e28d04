/** play demo hello: the first workflow, one pod that says hello. */
import * as Flags from '@oclif/core/flags'
import { demoAnswer, demoFlags } from '../../src/cli/demo-answer.ts'
import { nameArgument } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { given } from '../../src/domain/given.ts'

export default class Hello extends PlayCommand {
  static override summary = 'Run the hello-world workflow on a playground and follow it live.'
  static override description =
    'Submits a workflow of one pod, shows its state as it changes, and ends with its message and the time that each part took. Exit code 6 when the workflow fails.'
  static override examples = [
    '<%= config.bin %> demo hello',
    '<%= config.bin %> demo hello --message "good morning"',
  ]
  static override args = { name: nameArgument() }
  static override flags = {
    message: Flags.string({ summary: 'What the whale says (default: hello world).', env: 'PLAY_MESSAGE' }),
    break: Flags.boolean({ summary: 'Make the workflow fail, to see what a failure looks like.' }),
    ...demoFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Hello)
    const options = { ...given('message', flags.message), ...(flags.break ? { break: 'yes' } : {}) }
    await this.answer(flags, async (app) => {
      const folder = await (await app.demoFolders()).open('hello')
      return demoAnswer(app, { folder, name: args.name, options, command: 'play demo hello', flags })
    })
  }
}
