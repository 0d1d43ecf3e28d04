/** play inventory: everything that exists of playgrounds on this machine. */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { PlayCommand } from '../src/cli/play-command.ts'
import { inventoryLines } from '../src/cli/views.ts'
import { PlayError } from '../src/domain/errors.ts'
import { parseName } from '../src/domain/names.ts'
import { cacheQuery, inventory, inventoryErrors } from '../src/workflows/inventory.ts'

export default class Inventory extends PlayCommand {
  static override summary = 'Show everything that exists of playgrounds on this machine.'
  static override description =
    'Looks for containers, volumes, the network, kubeconfig entries, processes and files, and tells the age and the owner of each: a playground, or none any more (orphan). Changes nothing, and works while another play is at work. A name without a playground is looked for too.\n\nExit code 0 when play could look everywhere, whatever is there; 10 when it could not: then what it did find is shown all the same.'
  static override examples = [
    '<%= config.bin %> inventory',
    '<%= config.bin %> inventory workshop',
    '<%= config.bin %> inventory --all --output json | jq .result.rows',
  ]
  static override args = {
    name: Args.custom({
      description: 'Name of the playground (default: all of them, and what is left of those that are gone).',
      parse: (text) => Promise.resolve(parseName(text)),
    })(),
  }
  static override flags = {
    all: Flags.boolean({ summary: 'Also show what all playgrounds share: downloads and bundles.' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Inventory)
    const { name } = args
    if (flags.all && name !== undefined)
      throw PlayError.of('USAGE_INVALID', { reason: 'Give a name or --all, not both' })
    await this.answer(flags, async (app) => {
      const shared = flags.all ? [cacheQuery(app.folders.cache, (folder) => app.usageOf(folder))] : []
      const result = await inventory({ name, shared }, app.ports, app.registries, app.signal)
      const lines = await inventoryLines(result, name, app)
      return { result, lines, errors: inventoryErrors(result) }
    })
  }
}
