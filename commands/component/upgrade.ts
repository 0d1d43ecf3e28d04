/** play component upgrade: components of a playground that runs, to the versions of this play. */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { nameArgument, timeoutFlag } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { upgradeLines } from '../../src/cli/views.ts'
import { PlayError } from '../../src/domain/errors.ts'
import { defaultName, parseName } from '../../src/domain/names.ts'
import { upgradeComponents } from '../../src/workflows/component.ts'

export default class ComponentUpgrade extends PlayCommand {
  static override summary = 'Bring a component of a playground that runs to the version that this play has.'
  static override description =
    'All others stay exactly as they are, in the cluster and in git. Without a component, or with --all: everything, as play up does.'
  static override examples = [
    '<%= config.bin %> component upgrade argo-workflows',
    '<%= config.bin %> component upgrade argo-workflows workshop',
    '<%= config.bin %> component upgrade --all workshop',
  ]
  static override args = {
    component: Args.string({ description: 'Component, as play component list shows it.' }),
    name: nameArgument(),
  }
  static override flags = {
    all: Flags.boolean({ summary: 'Upgrade every component.' }),
    timeout: timeoutFlag(),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ComponentUpgrade)
    const { all, timeout: timeoutMs } = flags
    if (all && args.name !== undefined)
      throw PlayError.of('USAGE_INVALID', { reason: '--all is for every component: name none of them' })
    // What stands first is the playground where no component can be meant.
    const component = all ? undefined : args.component
    const name = all ? parseName(args.component ?? defaultName) : (args.name ?? defaultName)
    await this.answer(flags, async (app) => {
      const session = app.session(name, `play component upgrade ${component ?? '--all'} ${name}`)
      const options = { name, timeoutMs, ...(component === undefined ? {} : { component }) }
      const result = await upgradeComponents(options, app.ports, app.registries, session)
      return { result, lines: await upgradeLines(result, app) }
    })
  }
}
