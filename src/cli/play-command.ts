/** The base of every command: one way to parse, to be interrupted, to answer and to fail. */
import { inspect } from 'node:util'
import { Command } from '@oclif/core/command'
import type { Interfaces } from '@oclif/core'
import { PlayError } from '../domain/errors.ts'
import { nearest } from '../domain/names.ts'
import { toPlayError } from '../workflows/session.ts'
import type { App, GlobalFlags } from './app.ts'
import { tellExpired } from './expired-notice.ts'
import { globalFlags } from './flags.ts'
import type { OutputMode } from './output-mode.ts'

/** A command's answer: data for machines, text for people, both on stdout. */
export interface Answer {
  readonly result: unknown
  /** Lines for a person; empty when there is nothing to say. */
  readonly lines: readonly string[]
  /** The exit code where the answer is no success but no error either. */
  readonly exitCode?: number
  /** True when the command has printed it already, because it went on after it. */
  readonly told?: boolean
  /** What is wrong all the same: told after the answer. The first gives the exit code. */
  readonly errors?: readonly PlayError[]
}

/** Makes the app of one command; replaced in tests. */
export type Compose = (flags: GlobalFlags, root: string, version: string) => Promise<App>

/** Extended by every command; a command only parses and calls `answer`. */
export abstract class PlayCommand extends Command {
  static override baseFlags = globalFlags
  /** The composition root; the tests put theirs here. */
  static compose: Compose = async (flags, root, version) =>
    (await import('./compose.ts')).compose(flags, root, version)

  /** True for a playground that this command is to remove: that its time is over need not be told. */
  protected removes: (name: string) => boolean = () => false

  /** Runs `work` with an app, prints its answer and leaves nothing open. */
  protected async answer(flags: GlobalFlags, work: (app: App) => Promise<Answer>): Promise<void> {
    const app = await PlayCommand.compose(flags, this.config.root, this.config.version)
    let outcome: { readonly answer: Answer } | { readonly error: PlayError }
    try {
      outcome = { answer: await work(app) }
    } catch (error) {
      outcome = { error: toPlayError(error) }
      if (isDebugging(app)) app.stderr(`${inspect(error)}\n`)
    }
    try {
      await app.close()
    } catch (error) {
      // What could not be written at the end matters unless more has gone wrong before.
      if ('answer' in outcome) outcome = { error: toPlayError(error) }
    }
    if ('error' in outcome) await this.tellError(app, outcome.error)
    else await this.tellAnswer(app, outcome.answer)
    await tellExpired(app, this.removes)
  }

  private async tellAnswer(app: App, answer: Answer): Promise<void> {
    const { errors: [first, ...others] = [] } = answer
    if (first === undefined) {
      this.tell(app, answer)
      return
    }
    await this.tellErrors(app, answer, [first, ...others])
    process.exitCode = app.interrupted() ?? first.exitCode
  }

  /** One document, or the answer and then each error that no run has told. */
  private async tellErrors(
    app: App,
    { result, lines }: Answer,
    errors: readonly [PlayError, ...PlayError[]],
  ): Promise<void> {
    const [first, ...others] = errors
    if (isDebugging(app)) for (const each of errors) app.stderr(`${inspect(each)}\n`)
    const data = first.toData()
    const error = { ...data, details: [...data.details, ...others.map(({ message }) => message)] }
    const document = { ok: false, error, result }
    if (app.mode === 'json') app.stdout(`${JSON.stringify(document, null, 2)}\n`)
    else if (app.mode === 'ndjson' && !app.hasRun()) app.stdout(`${JSON.stringify(document)}\n`)
    else {
      if (app.mode !== 'ndjson' && lines.length > 0) app.stdout(`${lines.join('\n')}\n`)
      for (const each of errors) await this.tellError(app, each)
    }
  }

  private tell(app: App, { result, lines, exitCode, told }: Answer): void {
    if (exitCode !== undefined) process.exitCode = exitCode
    if (told === true) return
    if (app.mode === 'json') app.stdout(`${JSON.stringify({ ok: true, result }, null, 2)}\n`)
    else if (app.mode !== 'ndjson' && lines.length > 0) app.stdout(`${lines.join('\n')}\n`)
    else if (app.mode === 'ndjson' && !app.hasRun()) app.stdout(`${JSON.stringify({ ok: true, result })}\n`)
  }

  private async tellError(app: App, error: PlayError): Promise<void> {
    process.exitCode = app.interrupted() ?? error.exitCode
    if (app.mode === 'json') {
      app.stdout(`${JSON.stringify({ ok: false, error: error.toData() }, null, 2)}\n`)
      return
    }
    // A run that failed or was cancelled has told so itself, as its last event.
    if (app.hasTold(error)) return
    if (app.mode === 'ndjson') app.stdout(`${JSON.stringify({ ok: false, error: error.toData() })}\n`)
    else app.stderr(`${(await app.describeError(error.toData())).join('\n')}\n`)
  }

  /** Throws USAGE_INVALID with the nearest flags for words that are flags of no command. */
  protected refuseFlags(words: readonly string[]): void {
    const wrong = words.filter((word) => word.startsWith('-'))
    if (wrong.length > 0) throw unknownFlags(wrong, this.flagNames())
  }

  /** Only what goes wrong before there is an app arrives here: flags and arguments. */
  protected override async catch(error: Interfaces.CommandError): Promise<void> {
    await this.refuse(wrongFlags(this.argv, this.flagNames()) ?? toUsageError(error, this.flagNames()))
  }

  /** Tells an error that came before there was an app to tell it, in the mode that was asked for. */
  protected async refuse(error: PlayError): Promise<void> {
    // Otherwise oclif warns, where NODE_ENV says development or test, that nobody tried.
    this.parsed = true
    const asked = { output: askedMode(this.argv), json: this.argv.includes('--json'), offline: false }
    const app = await PlayCommand.compose(asked, this.config.root, this.config.version)
    await app.close()
    await this.tellError(app, error)
  }

  private flagNames(): string[] {
    return Object.keys({ ...globalFlags, ...this.ctor.flags })
  }
}

/** oclif complains of words before flags, but "--nodez 2" is about the flag. */
function wrongFlags(argv: readonly string[], known: readonly string[]): PlayError | undefined {
  const typed = argv
    .filter((word) => /^--[a-z]/.test(word))
    .map((word) => word.replace(/^--(no-)?|=.*$/g, ''))
  const wrong = typed.filter((name) => !known.includes(name) && !known.includes(`no-${name}`))
  return wrong.length > 0
    ? unknownFlags(
        wrong.map((name) => `--${name}`),
        known,
      )
    : undefined
}

/** DEBUG=play, as for any program that uses the package debug: stacks and causes on stderr. */
function isDebugging({ facts }: App): boolean {
  return (facts.env['DEBUG'] ?? '').split(',').some((name) => name === '*' || name.startsWith('play'))
}

function askedMode(argv: readonly string[]): OutputMode | undefined {
  const asked = /(?:^| )--output[= ](json|ndjson|plain|tty)(?: |$)/.exec(argv.join(' '))?.[1]
  return asked as OutputMode | undefined
}

function unknownFlags(wrong: readonly string[], known: readonly string[]): PlayError {
  const names = wrong.map((flag) => flag.replace(/=.*$/, ''))
  const near = names.flatMap((flag) => nearest(flag.replace(/^-+/, ''), known)).map((name) => `--${name}`)
  const advice = near.length > 0 ? { suggestions: [`Did you mean ${near.join(' or ')}?`] } : {}
  return PlayError.of('USAGE_INVALID', { reason: `There is no flag ${names.join(', ')}` }, advice)
}

/** oclif's parse failures as ours, with the nearest flag; a PlayError of our own parsers passes. */
function toUsageError(error: unknown, flagNames: readonly string[]): PlayError {
  const message = error instanceof Error ? plainMessage(error.message) : String(error)
  // What the parser of a flag threw comes back with the flag's name in its message.
  if (error instanceof PlayError) {
    const { id, suggestions } = error
    return id === 'USAGE_INVALID' ? PlayError.of(id, { reason: message }, { suggestions }) : error
  }
  const { flags, parse, oclif } = error as { flags?: unknown; parse?: unknown; oclif?: unknown }
  const words: readonly unknown[] = Array.isArray(flags) ? flags : []
  const wrong = words.filter((flag): flag is string => typeof flag === 'string' && flag.startsWith('-'))
  if (wrong.length > 0) return unknownFlags(wrong, flagNames)
  if (parse !== undefined || oclif !== undefined) return PlayError.of('USAGE_INVALID', { reason: message })
  return toPlayError(error)
}

/** oclif's words in one line, without its hint: we give our own. */
function plainMessage(message: string): string {
  return message
    .replace(/^Parsing (--\S+) *\n/, '$1:\n')
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) => line !== '' && !/^(See more help with --help|The following errors? occurred:)$/.test(line),
    )
    .join(' ')
}
