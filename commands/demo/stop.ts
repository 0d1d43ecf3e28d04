/** play demo stop: takes out what a demo has made. */
import * as Args from '@oclif/core/args'
import { nameArgument, timeoutFlag } from '../../src/cli/flags.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { defaultName } from '../../src/domain/names.ts'
import { stopDemo } from '../../src/workflows/demo.ts'

export default class DemoStop extends PlayCommand {
  static override summary = 'Remove what a demo has made: workflows, applications, objects, repositories.'
  static override examples = ['<%= config.bin %> demo stop ci', '<%= config.bin %> demo stop ./my-demo']
  static override args = {
    demo: Args.string({
      required: true,
      description: 'A demo that play demo list shows, or the path of your own.',
    }),
    name: nameArgument(),
  }
  static override flags = { timeout: timeoutFlag() }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DemoStop)
    const { demo, name = defaultName } = args
    await this.answer(flags, async (app) => {
      const folders = await app.demoFolders()
      const isPath = /[/\\]|^\.{1,2}$/.test(demo)
      const folder = await (isPath ? folders.openOwn(demo) : folders.open(demo))
      const tools = { ports: app.ports, ...app.registries }
      const session = app.session(name, `play demo stop ${demo} ${name}`)
      const result = await stopDemo({ folder, name, timeoutMs: flags.timeout }, tools, session)
      const said =
        result.removed === 0 ? 'Nothing of it was there' : `Removed ${String(result.removed)} things`
      return { result, lines: [`${said}: demo ${result.demo} on ${name}`] }
    })
  }
}
