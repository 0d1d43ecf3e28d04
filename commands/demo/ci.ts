/** play demo ci: from a push to a running service. */
import * as Flags from '@oclif/core/flags'
import { demoAnswer, demoFlags } from '../../src/cli/demo-answer.ts'
import { nameArgument } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { given } from '../../src/domain/given.ts'

export default class Ci extends PlayCommand {
  static override summary = 'Take a change from git to a running service, by a pipeline and GitOps.'
  static override description =
    'Pushes the source of a small web service to the git repository in the cluster, runs a pipeline on it (clone, lint, test, build and push the image, smoke test, commit of the new digest), has it deployed from git, and asks the service for the commit it was built from. Each run changes one line. Exit code 6 when a step fails; a deployment that does not become ready is undone.'
  static override examples = [
    '<%= config.bin %> demo ci',
    '<%= config.bin %> demo ci --break test',
    '<%= config.bin %> demo ci --report report.html',
    '<%= config.bin %> demo ci --output ndjson | jq .type',
  ]
  static override args = { name: nameArgument() }
  static override flags = {
    break: Flags.option({ options: ['test', 'build', 'deploy'] as const })({
      summary: 'Make this part fail, to see what a failure looks like.',
    }),
    ...demoFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Ci)
    const options = given('break', flags.break)
    await this.answer(flags, async (app) => {
      const folder = await (await app.demoFolders()).open('ci')
      return demoAnswer(app, { folder, name: args.name, options, command: 'play demo ci', flags })
    })
  }
}
