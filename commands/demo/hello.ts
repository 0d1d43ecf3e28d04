/** play demo hello: the first workflow, one pod that says hello. */
import * as Flags from '@oclif/core/flags'
import { nameArgument, timeoutFlag } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { demoLines } from '../../src/cli/views.ts'
import { defaultName } from '../../src/domain/names.ts'
import { runDemo } from '../../src/workflows/demo.ts'

export default class Hello extends PlayCommand {
  static override summary = 'Run the hello-world workflow on a playground and follow it live.'
  static override description =
    'Submits a workflow of one pod to Argo Workflows, shows its state and its log as they come, and ends with its message and the time that each part took. Exit code 6 when the workflow fails.'
  static override examples = [
    '<%= config.bin %> demo hello',
    '<%= config.bin %> demo hello --message "good morning"',
  ]
  static override args = { name: nameArgument() }
  static override flags = {
    message: Flags.string({ summary: 'What the whale says (default: hello world).', env: 'PLAY_MESSAGE' }),
    break: Flags.boolean({ summary: 'Make the workflow fail, to see what a failure looks like.' }),
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
      const result = await runDemo(
        { demo: 'hello', name, timeoutMs: flags.timeout, options },
        app.ports,
        app.registries,
        session,
      )
      return { result, lines: await demoLines(result, app) }
    })
  }
}
