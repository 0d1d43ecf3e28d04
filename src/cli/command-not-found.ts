/** What is said to a command that does not exist: an error like every other, with the nearest commands. */
import type { Hook } from '@oclif/core'
import { PlayError } from '../domain/errors.ts'
import { nearest } from '../domain/names.ts'
import { PlayCommand } from './play-command.ts'

/** Stands for the command that is not there: so the flags of output count, and the exit code is that of usage. */
class MissingCommand extends PlayCommand {
  async run(): Promise<void> {
    const topics = this.config.topics.map(({ name }) => name)
    const known = [...new Set([...this.config.commandIDs, ...topics])].map(spoken)
    // oclif takes every word for a part of the command: "upp workshop" is about "upp", "demo helo dev" about "demo helo".
    const words = spoken(this.argv[0] ?? '').split(' ')
    const typed = words.slice(0, topics.includes(words[0] ?? '') ? 2 : 1).join(' ')
    const suggestions = [
      ...nearestCommands(typed, known).map((near) => `Did you mean: play ${near}`),
      'play --help',
    ]
    await this.refuse(
      PlayError.of('USAGE_INVALID', { reason: `There is no command "${typed}"` }, { suggestions }),
    )
  }
}

/** oclif joins the words of a command with colons. */
function spoken(id: string): string {
  return id.replaceAll(':', ' ')
}

/** The nearest as a whole, else those whose last word is near: "hello" means "demo hello". */
function nearestCommands(typed: string, known: readonly string[]): string[] {
  const near = nearest(typed, known)
  if (near.length > 0) return near
  const lastWord = (command: string): string => command.split(' ').at(-1) ?? ''
  const words = nearest(typed, known.map(lastWord))
  return known.filter((command) => words.includes(lastWord(command))).slice(0, 2)
}

/** oclif's hook `command_not_found`. */
export const commandNotFound: Hook.CommandNotFound = async ({ id, argv = [], config }) => {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the hook's type names the interface of what arrives
  const own = config as MissingCommand['config']
  // Not by way of oclif, which wants every command to parse its words: nobody knows what these would have meant.
  await new MissingCommand([id, ...argv], own).run()
}
