/** play kubeconfig: print, merge or find the kubeconfig of a playground. */
import * as Flags from '@oclif/core/flags'
import { nameArgument } from '../src/cli/flags.ts'
import { PlayCommand } from '../src/cli/play-command.ts'
import { defaultName } from '../src/domain/names.ts'
import { kubeconfig } from '../src/workflows/kubeconfig.ts'

export default class Kubeconfig extends PlayCommand {
  static override summary = 'Print the kubeconfig of a playground or its path, or merge it into yours.'
  static override examples = [
    'export KUBECONFIG=$(<%= config.bin %> kubeconfig --path)',
    '<%= config.bin %> kubeconfig --merge',
    '<%= config.bin %> kubeconfig workshop --print > kubeconfig',
  ]
  static override args = { name: nameArgument() }
  static override flags = {
    print: Flags.boolean({
      summary: 'Print the file (default). It holds credentials.',
      exclusive: ['merge', 'path'],
    }),
    merge: Flags.boolean({
      summary: 'Put the context into your kubeconfig and make it current.',
      exclusive: ['path'],
    }),
    path: Flags.boolean({ summary: 'Print the path of the file.' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Kubeconfig)
    const action = flags.merge ? 'merge' : flags.path ? 'path' : 'print'
    await this.answer(flags, (app) => kubeconfig(args.name ?? defaultName, action, app.ports))
  }
}
