/** play component list: the parts that a playground can have. */
import { nameArgument } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { componentListLines } from '../../src/cli/views.ts'
import { defaultName } from '../../src/domain/names.ts'
import { listComponents } from '../../src/workflows/component.ts'

export default class ComponentList extends PlayCommand {
  static override summary = 'List the components: what each is for, and whether the playground has it.'
  static override examples = ['<%= config.bin %> component list', '<%= config.bin %> component list workshop']
  static override args = { name: nameArgument() }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ComponentList)
    await this.answer(flags, async (app) => {
      const rows = await listComponents(args.name ?? defaultName, app.ports, app.registries.components)
      return { result: rows, lines: await componentListLines(rows, app) }
    })
  }
}
