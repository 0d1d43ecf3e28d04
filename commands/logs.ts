/** play logs: what the pods of a component say. */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { nameArgument } from '../src/cli/flags.ts'
import { logText } from '../src/cli/log-text.ts'
import { PlayCommand } from '../src/cli/play-command.ts'
import { defaultName } from '../src/domain/names.ts'
import { logs, type LogLine } from '../src/workflows/logs.ts'

export default class Logs extends PlayCommand {
  static override summary = 'Print the logs of a component, each line with its pod and container.'
  static override examples = [
    '<%= config.bin %> logs argo-cd',
    '<%= config.bin %> logs argo-workflows workshop --follow',
  ]
  static override args = {
    component: Args.string({ required: true, description: 'Component, as play status shows it.' }),
    name: nameArgument(),
  }
  static override flags = {
    follow: Flags.boolean({ char: 'f', summary: 'Go on with what is written from now on.' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Logs)
    const { component, name = defaultName } = args
    await this.answer(flags, async (app) => {
      const kept: LogLine[] = []
      const say = (line: LogLine): void => {
        if (app.mode === 'json') kept.push(line)
        else if (app.mode === 'ndjson') app.stdout(`${JSON.stringify(line)}\n`)
        else app.stdout(`${line.pod}/${line.container}  ${logText(line.line, app)}\n`)
      }
      const options = { name, component, follow: flags.follow }
      const told = await logs(options, app.ports, app.registries.components, say, app.signal)
      return { result: app.mode === 'json' ? kept : told, lines: [] }
    })
  }
}
