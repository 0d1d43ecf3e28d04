/** play demo gitops: a deployment that is changed in git, and healed from it. */
import * as Flags from '@oclif/core/flags'
import { demoAnswer, demoFlags } from '../../src/cli/demo-answer.ts'
import { nameArgument } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { given } from '../../src/domain/given.ts'

export default class Gitops extends PlayCommand {
  static override summary = "Change the talk's nginx Deployment in git, and see it scale and heal."
  static override description =
    'Commits the Deployment with two replicas to a repository in the cluster, changes the number in git (the difference is shown first), then changes it behind git’s back and waits until that is healed.'
  static override examples = ['<%= config.bin %> demo gitops', '<%= config.bin %> demo gitops --replicas 5']
  static override args = { name: nameArgument() }
  static override flags = {
    replicas: Flags.string({ summary: 'Pods to scale to, 3 to 6 (default: 4).', env: 'PLAY_REPLICAS' }),
    ...demoFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Gitops)
    const options = given('replicas', flags.replicas)
    await this.answer(flags, async (app) => {
      const folder = await (await app.demoFolders()).open('gitops')
      return demoAnswer(app, { folder, name: args.name, options, command: 'play demo gitops', flags })
    })
  }
}
