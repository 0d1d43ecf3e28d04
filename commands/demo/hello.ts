/** play demo hello: the talk's first workflow. */
import * as Flags from '@oclif/core/flags'
import { nameArgument, timeoutFlag } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { demoLines } from '../../src/cli/views.ts'
import { defaultName } from '../../src/domain/names.ts'
import { runDemo } from '../../src/workflows/demo.ts'

export default class Hello extends PlayCommand {
  static override summary = 'Run the hello-world workflow of the talk and follow it live.'
  static override examples = ['<%= config.bin %> demo hello', '<%= config.bin %> demo hello --message "good morning"']
  static override args = { name: nameArgument() }
  static override flags = {
    message: Flags.string({ summary: 'What the whale says.', env: 'PLAY_MESSAGE' }),
    break: Flags.boolean({ summary: 'Make the workflow fail, to see how that looks.' }),
    timeout: timeoutFlag(),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Hello)
    const name = args.name ?? defaultName
    const options = {
      ...(flags.message === undefined ? {} : { message: flags.message }),
      ...(flags.break ? { 'exit-code': '3' } : {}),
    }
    await this.answer(flags, async (app) => {
      const session = app.session(name, `play demo hello ${name}`)
      const result = await runDemo({ demo: 'hello', name, timeoutMs: flags.timeout, options }, app.ports, app.registries, session)
      return { result, lines: await demoLines(result, app) }
    })
  }
}
