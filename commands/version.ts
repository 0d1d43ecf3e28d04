/** play version: which play this is. */
import { PlayCommand } from '../src/cli/play-command.ts'

export default class Version extends PlayCommand {
  static override summary = 'Show the versions of play and Node.js, and the platform.'

  async run(): Promise<void> {
    const { flags } = await this.parse(Version)
    await this.answer(flags, (app) => {
      const { version, nodeVersion, platform, arch } = app.facts
      const line = `play/${version} ${platform}-${arch} node-${nodeVersion}`
      return Promise.resolve({ result: { version, node: nodeVersion, platform, arch }, lines: [line] })
    })
  }
}
