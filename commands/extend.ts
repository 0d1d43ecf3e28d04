/** play extend: give a playground more time. */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { PlayCommand } from '../src/cli/play-command.ts'
import { extendLines } from '../src/cli/views.ts'
import { extend, parseExtend } from '../src/workflows/extend.ts'

export default class Extend extends PlayCommand {
  static override summary = 'Give a playground more time to live.'
  static override description =
    'Adds the duration to the time that is left, or to now where it has expired or had no limit. After that time play gc removes the playground; play list and play status show it.'
  static override examples = [
    '<%= config.bin %> extend 2h',
    '<%= config.bin %> extend workshop 1d',
    '<%= config.bin %> extend workshop --never',
  ]
  static override args = {
    name: Args.string({ description: 'Name of the playground (default: dev).' }),
    duration: Args.string({ description: 'How much longer, such as 90m, 2h or 1d; at most 365d.' }),
  }
  static override flags = {
    never: Flags.boolean({ summary: 'Take the limit away: the playground stays until you remove it.' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Extend)
    const words = [args.name, args.duration].filter((word) => word !== undefined)
    await this.answer(flags, async (app) => {
      const result = await extend(parseExtend(words, flags.never), app.ports)
      return { result, lines: await extendLines(result, app) }
    })
  }
}
