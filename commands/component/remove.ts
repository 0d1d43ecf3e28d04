/** play component remove: one component of a playground that runs. */
import * as Args from '@oclif/core/args'
import { nameArgument, timeoutFlag } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { upLines } from '../../src/cli/views.ts'
import { defaultName } from '../../src/domain/names.ts'
import { removeComponent } from '../../src/workflows/component.ts'

export default class ComponentRemove extends PlayCommand {
  static override summary = 'Remove a component from a playground that runs, its namespace included.'
  static override description =
    'Takes it out of git first, so that it stays away. Exit code 4 when another component needs it.'
  static override examples = [
    '<%= config.bin %> component remove registry',
    '<%= config.bin %> component remove registry workshop',
  ]
  static override args = {
    component: Args.string({ required: true, description: 'Component, as play component list shows it.' }),
    name: nameArgument(),
  }
  static override flags = { timeout: timeoutFlag() }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ComponentRemove)
    const { component, name = defaultName } = args
    await this.answer(flags, async (app) => {
      const session = app.session(name, `play component remove ${component} ${name}`)
      const options = { name, component, timeoutMs: flags.timeout }
      const result = await removeComponent(options, app.ports, app.registries, session)
      return { result, lines: await upLines(result, app) }
    })
  }
}
