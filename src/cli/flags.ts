/** Flags that several commands share, each with its environment variable. */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { PlayError } from '../domain/errors.ts'
import { defaultName, parseName } from '../domain/names.ts'
import { parseDuration } from '../domain/duration.ts'
import { parseTimeToLive } from '../domain/expiry.ts'
import { parsePortMapping, type PortMapping } from '../domain/port-mapping.ts'
import { outputModes } from './output-mode.ts'

/** On every command. */
export const globalFlags = {
  output: Flags.option({ options: outputModes, env: 'PLAY_OUTPUT', helpGroup: 'GLOBAL' })({
    summary: 'How to speak: drawn, in lines, as one JSON document, or as one JSON event per line.',
  }),
  json: Flags.boolean({ summary: 'Short for --output json.', helpGroup: 'GLOBAL' }),
  offline: Flags.boolean({
    summary: 'Use the bundle only; never ask the network.',
    env: 'PLAY_OFFLINE',
    helpGroup: 'GLOBAL',
  }),
}

const longestPatienceMs = 24 * 3_600_000

/** Timers overflow beyond 24 days and would then ring at once; nobody waits that long for a step. */
function parsePatience(text: string): number {
  const ms = parseDuration(text)
  if (ms <= longestPatienceMs) return ms
  throw PlayError.of('USAGE_INVALID', { reason: `"${text}" is too long to wait for a step; at most 24h` })
}

/** Patience for a single step. */
export const timeoutFlag = Flags.custom<number>({
  summary: 'Patience for a single step, such as 90s or 10m.',
  env: 'PLAY_TIMEOUT',
  default: 600_000,
  defaultHelp: () => Promise.resolve('10m'),
  parse: (text) => Promise.resolve(parsePatience(text)),
})

/** How long a playground lives. */
export const ttlFlag = Flags.custom<number>({
  summary: 'Time to live, such as 4h or 2d, after which play gc removes the playground (default: for ever).',
  env: 'PLAY_TTL',
  parse: (text) => Promise.resolve(parseTimeToLive(text)),
})

/** A port of the node on this machine. */
export const portFlag = Flags.custom<PortMapping>({
  summary: 'Publish a port of the node on this machine, as HOST:NODE.',
  env: 'PLAY_PORT',
  parse: (text) => Promise.resolve(parsePortMapping(text)),
})

/** Says yes to every question. */
export const yesFlag = Flags.boolean({ char: 'y', summary: 'Say yes to every question.', env: 'PLAY_YES' })

/** Looks and tells, changes nothing. */
export const dryRunFlag = Flags.boolean({
  summary: 'Run the checks and print what would run.',
  env: 'PLAY_DRY_RUN',
})

/** The playground a command is about. */
export const nameArgument = Args.custom({
  description: `Name of the playground (default: ${defaultName}).`,
  parse: (text) => Promise.resolve(parseName(text)),
})

/** The values of a flag that may be given several times. oclif says a list, but its variable comes as a single value. */
export function listOf<T>(values: readonly T[] | T | undefined): readonly T[] {
  if (values === undefined) return []
  return Array.isArray(values) ? (values as readonly T[]) : [values as T]
}

/** The playground, for commands whose argument is something else. */
export const playgroundFlag = Flags.custom({
  char: 'n',
  summary: `Name of the playground (default: ${defaultName}).`,
  env: 'PLAY_NAME',
  parse: (text) => Promise.resolve(parseName(text)),
})

/** Splits `--with a,b --with c` into names. */
export function namesOf(values: readonly string[] | string | undefined): string[] {
  return listOf(values)
    .flatMap((value) => value.split(','))
    .map((name) => name.trim())
    .filter(Boolean)
}

/** `--set a=b --set c=d` as a record. Throws USAGE_INVALID for what is no NAME=VALUE. */
export function optionsOf(values: readonly string[] | string | undefined): Readonly<Record<string, string>> {
  const pairs = listOf(values).map((value) => {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(value) ?? []
    if (name !== undefined && text !== undefined) return [name, text] as const
    throw PlayError.of('USAGE_INVALID', { reason: `--set takes NAME=VALUE, not "${value}"` })
  })
  return Object.fromEntries(pairs)
}
