/** Questions to a person on a terminal; refused politely where there is none. */
import { createInterface } from 'node:readline'
import { PlayError } from '../domain/errors.ts'
import type { Prompter } from '../domain/ports.ts'

/** What the prompter needs. */
export interface PrompterOptions {
  readonly input: NodeJS.ReadableStream
  /** Where the question is written; stderr, since stdout is for results. */
  readonly output: NodeJS.WritableStream
  /** Whether a person sits at both. */
  readonly interactive: boolean
  /** Every question is answered with yes, and not asked. */
  readonly yes: boolean
}

/** Only y and yes are yes; anything else, the end of the input and Ctrl-C are no. */
function ask(question: string, { input, output }: PrompterOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const lines = createInterface({ input, output })
    const giveUp = (): void => {
      output.write('\n')
      resolve(false)
    }
    // Comes at Ctrl-C as well, since nobody listens for SIGINT on this interface.
    lines.once('close', giveUp)
    lines.question(`${question} [y/N] `, (answer) => {
      lines.off('close', giveUp)
      lines.close()
      resolve(/^y(?:es)?$/i.test(answer.trim()))
    })
  })
}

/** The Prompter on a terminal. Throws CONFIRM_NEEDED where nobody can be asked. */
export function createPrompter(options: PrompterOptions): Prompter {
  return {
    async confirm(question) {
      if (options.yes) return true
      if (!options.interactive) throw PlayError.of('CONFIRM_NEEDED', { action: question.replace(/\?$/, '') })
      return ask(question, options)
    },
  }
}
