/** Writes docs/reference from the manifest, the error catalog and the event schema; `--check` only says whether it is fresh. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format } from 'prettier'
import { exitCodeMeanings } from '../src/cli/help.ts'
import { exitCodes } from '../src/domain/catalog-entry.ts'
import { errorCatalog, type ErrorId } from '../src/domain/error-catalog.ts'
import { errorLines } from '../src/ui/error-view.ts'
import { createTheme } from '../src/ui/theme.ts'
import type { JsonSchema } from './generate-schemas.ts'

const root = join(import.meta.dirname, '..')
const referenceFolder = join(root, 'docs', 'reference')

const madeBy = '<!-- Written by scripts/generate-reference.ts. Do not edit. -->'

/** What is read of a command in oclif.manifest.json. */
export interface ManifestCommand {
  readonly id: string
  readonly summary?: string
  readonly description?: string
  readonly examples?: readonly string[]
  readonly strict: boolean
  readonly args: Readonly<Record<string, { readonly name: string; readonly description?: string }>>
  readonly flags: Readonly<Record<string, ManifestFlag>>
}

interface ManifestFlag {
  readonly name: string
  readonly type: 'boolean' | 'option'
  readonly char?: string
  readonly summary?: string
  readonly env?: string
  readonly default?: unknown
  readonly options?: readonly string[]
  readonly multiple?: boolean
  readonly allowNo?: boolean
  readonly helpGroup?: string
}

/** The commands of the committed manifest, in the order of their names. */
export function manifestCommands(): readonly ManifestCommand[] {
  const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {
    readonly commands: Readonly<Record<string, ManifestCommand>>
  }
  return Object.values(manifest.commands)
}

const code = (text: string): string => `\`${text}\``

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

function flagRow(flag: ManifestFlag): string[] {
  const { name, char, type, options = ['VALUE'], multiple = false, allowNo = false, env } = flag
  const long = `--${allowNo ? '[no-]' : ''}${name}${type === 'boolean' ? '' : ` ${options.join('|')}`}`
  const meaning = [
    flag.summary,
    typeof flag.default === 'string' ? `Default: ${code(flag.default)}.` : undefined,
    multiple ? 'May be given more than once.' : undefined,
  ]
  const spellings = char === undefined ? [long] : [`-${char}`, long]
  const said = meaning.filter((part) => part !== undefined)
  return [spellings.map(code).join(', '), env === undefined ? '' : code(env), said.join(' ')]
}

function flagTable(flags: readonly ManifestFlag[]): string {
  return table(['flag', 'variable', 'meaning'], flags.map(flagRow))
}

const isGlobal = (flag: ManifestFlag): boolean => flag.helpGroup === 'GLOBAL'

function commandSection(command: ManifestCommand): string {
  const words = ['play', ...command.id.split(':')].join(' ')
  const names = Object.values(command.args)
  const places = names.map(({ name }) => ` [${name.toUpperCase()}${command.strict ? '' : '...'}]`)
  const own = Object.values(command.flags).filter((flag) => !isGlobal(flag))
  const examples = (command.examples ?? []).map((line) => line.replaceAll('<%= config.bin %>', 'play'))
  return [
    `## ${words}`,
    command.summary ?? '',
    `\`\`\`sh\n${words}${places.join('')}${own.length > 0 ? ' [FLAGS]' : ''}\n\`\`\``,
    command.description ?? '',
    ...names.map(({ name, description = '' }) => `${code(name.toUpperCase())}: ${description}`),
    own.length > 0 ? flagTable(own) : '',
    examples.length > 0 ? `\`\`\`sh\n${examples.join('\n')}\n\`\`\`` : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function commandsPage(): string {
  const commands = manifestCommands()
  const global = Object.values(commands[0]?.flags ?? {}).filter(isGlobal)
  return [
    '# Commands',
    'As `play COMMAND --help` tells them. A flag wins over its variable.',
    `## On every command\n\n${flagTable(global)}`,
    ...commands.map(commandSection),
  ].join('\n\n')
}

/** Reads as its own name in braces wherever the catalog puts it: into a sentence, a list or a number's format. */
function placeholder(name: string): unknown {
  const say = (): string => `{${name}}`
  return Object.assign([say()], { toString: say, toFixed: say })
}

/** Where a parameter decides what is advised: its values. */
const decisive: Partial<Record<ErrorId, readonly Readonly<Record<string, string>>[]>> = {
  ENGINE_DOWN: [{ engine: 'docker' }, { engine: 'podman' }],
}

/** An entry of the catalog, given placeholders: what it hands through unchanged is no string then. */
interface AnyEntry {
  readonly message: (params: object) => unknown
  readonly suggestions: (params: object) => readonly unknown[]
}

function asShown(id: ErrorId, known: Readonly<Record<string, string>>): string {
  const params = new Proxy(known, {
    get: (values, name) => values[String(name)] ?? placeholder(String(name)),
  })
  const entry = errorCatalog[id] as AnyEntry
  const [message, suggestions] = [String(entry.message(params)), entry.suggestions(params).map(String)]
  const error = { id, exitCode: exitCodes[errorCatalog[id].kind], message, suggestions, details: [] }
  return `\`\`\`text\n${errorLines(error, createTheme({ color: false, unicode: true })).join('\n')}\n\`\`\``
}

function idsWith(exitCode: number): ErrorId[] {
  return (Object.keys(errorCatalog) as ErrorId[]).filter(
    (id) => exitCodes[errorCatalog[id].kind] === exitCode,
  )
}

function errorsPage(): string {
  const groups = exitCodeMeanings.filter(([exitCode]) => idsWith(exitCode).length > 0)
  const section = (id: ErrorId): string =>
    [`### ${id}`, ...(decisive[id] ?? [{}]).map((known) => asShown(id, known))].join('\n\n')
  return [
    '# Errors',
    'Every error has an id that does not change. It is printed first, and is `error.id` in JSON. Words in braces stand for ' +
      'what differs; lines between the message and "Next:" explain the case at hand. A warning has an id from here too, and ends nothing.',
    ...groups.map(([exitCode, meaning]) =>
      [`## Exit code ${String(exitCode)}: ${meaning}`, ...idsWith(exitCode).map(section)].join('\n\n'),
    ),
  ].join('\n\n')
}

function exitCodesPage(): string {
  const link = (id: ErrorId): string => `[${id}](errors.md#${id.toLowerCase()})`
  const ids = exitCodeMeanings.map(
    ([exitCode]) => [String(exitCode), idsWith(exitCode).map(link).join(', ')] as const,
  )
  return [
    '# Exit codes',
    'The same for every command and every kind of output. `play status` also ends with 6, without an error, when a part ' +
      'of the playground is not healthy.',
    table(
      ['code', 'meaning'],
      exitCodeMeanings.map(([exitCode, meaning]) => [String(exitCode), meaning]),
    ),
    '## Which errors end with which code',
    ids.flatMap(([exitCode, links]) => (links === '' ? [] : [`- ${exitCode}: ${links}`])).join('\n'),
  ].join('\n\n')
}

function typeOf({ const: constant, type, items, oneOf }: JsonSchema): string {
  if (constant !== undefined) return code(JSON.stringify(constant))
  if (Array.isArray(oneOf)) return (oneOf as readonly JsonSchema[]).map(typeOf).join(', ')
  if (type === 'array') return `list of ${typeOf((items ?? {}) as JsonSchema)}s`
  return typeof type === 'string' ? type : 'any value'
}

/** A row for each field, those of objects and of lists of objects included. */
function fieldRows(schema: JsonSchema, prefix = ''): string[][] {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  const required = (schema['required'] ?? []) as readonly string[]
  return Object.entries(properties).flatMap(([name, field]) => {
    const [inner, mark] = field['type'] === 'array' ? [field['items'] as JsonSchema, '[]'] : [field, '']
    const { description } = field as { readonly description?: string }
    const notes = [required.includes(name) ? undefined : 'Not always there.', description]
    const row = [code(prefix + name), typeOf(field), notes.filter((note) => note !== undefined).join(' ')]
    return [row, ...fieldRows(inner, `${prefix}${name}${mark}.`)]
  })
}

function eventsPage(): string {
  const schema = JSON.parse(readFileSync(join(root, 'assets/schemas/events.schema.json'), 'utf8')) as {
    readonly description: string
    readonly oneOf: readonly (JsonSchema & { readonly properties: Readonly<Record<string, JsonSchema>> })[]
  }
  const [first, ...others] = schema.oneOf.map(({ properties }) => Object.keys(properties))
  const shared = (first ?? []).filter(
    (name) => name !== 'type' && others.every((names) => names.includes(name)),
  )
  const isShared = ([name = '']: readonly string[]): boolean => shared.some((one) => name === code(one))
  const header = ['field', 'type', 'meaning']
  return [
    '# Events',
    `${schema.description} The schema itself is [events.schema.json](../../assets/schemas/events.schema.json).`,
    'Every `step.started` is followed by exactly one of `step.succeeded`, `step.failed`, `step.skipped` and `step.cancelled`; ' +
      'every run ends with exactly one of `run.succeeded`, `run.failed` and `run.cancelled`.',
    `## In every event\n\n${table(header, fieldRows(schema.oneOf[0] ?? {}).filter(isShared))}`,
    ...schema.oneOf.map((event) => {
      const rows = fieldRows(event).filter((row) => !isShared(row) && row[0] !== code('type'))
      const title = `## ${String(event.properties['type']?.['const'])}`
      return `${title}\n\n${rows.length > 0 ? table(header, rows) : 'Nothing more.'}`
    }),
  ].join('\n\n')
}

/** The pages by file name, formatted as `make check` wants them. */
export async function generateReference(): Promise<ReadonlyMap<string, string>> {
  const pages = {
    'commands.md': commandsPage(),
    'errors.md': errorsPage(),
    'exit-codes.md': exitCodesPage(),
    'events.md': eventsPage(),
  }
  const formatted = Object.entries(pages).map(
    async ([name, text]) => [name, await format(`${madeBy}\n\n${text}\n`, { parser: 'markdown' })] as const,
  )
  return new Map(await Promise.all(formatted))
}

/** What is on disk; empty for a page that is not there. */
export function storedPage(name: string): string {
  try {
    return readFileSync(join(referenceFolder, name), 'utf8')
  } catch {
    return ''
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
  const stale = [...(await generateReference())].filter(([name, text]) => storedPage(name) !== text)
  if (values.check) {
    for (const [name] of stale)
      console.error(`docs/reference/${name} is stale. Run: node scripts/generate-reference.ts`)
    if (stale.length > 0) process.exitCode = 1
    return
  }
  mkdirSync(referenceFolder, { recursive: true })
  for (const [name, text] of stale) writeFileSync(join(referenceFolder, name), text)
}

if (import.meta.main) await main()
