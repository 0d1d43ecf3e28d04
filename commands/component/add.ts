/** play component add: one component of a playground that runs. */
import * as Args from '@oclif/core/args'
import { nameArgument, timeoutFlag } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { upLines } from '../../src/cli/views.ts'
import { defaultName } from '../../src/domain/names.ts'
import { addComponent } from '../../src/workflows/component.ts'

export default class ComponentAdd extends PlayCommand {
  static override summary = 'Add a component to a playground that runs, and what it needs.'
  static override description =
    'The same as play up --with. Exit code 8 when the bundle lacks an image of it.'
  static override examples = [
    '<%= config.bin %> component add registry',
    '<%= config.bin %> component add registry workshop',
  ]
  static override args = {
    component: Args.string({ required: true, description: 'Component, as play component list shows it.' }),
    name: nameArgument(),
  }
  static override flags = { timeout: timeoutFlag() }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ComponentAdd)
    const { component, name = defaultName } = args
    await this.answer(flags, async (app) => {
      const session = app.session(name, `play component add ${component} ${name}`)
      const options = { name, component, timeoutMs: flags.timeout }
      const result = await addComponent(options, app.ports, app.registries, session)
      return { result, lines: await upLines(result, app) }
    })
  }
}
