/** How `play open` speaks: what can be opened, or what is open for as long as it is wanted. */
import type { OpenResult } from '../domain/results.ts'
import { endpoints, openEndpoint, type OpenOptions } from '../workflows/open.ts'
import type { App } from './app.ts'
import type { Answer } from './play-command.ts'
import { endpointLines, isForMachine, openedLines } from './views.ts'

/** What was typed. */
export interface OpenFlags {
  /** The playground. */
  readonly name: string
  readonly endpoint: string | undefined
  readonly port: number | undefined
  /** Only the address, and then no longer than whoever asked is there. */
  readonly print: boolean
  readonly showCredentials: boolean
}

/** Lists what can be opened, or opens it and answers when that has ended. */
export async function openAnswer(flags: OpenFlags, app: App): Promise<Answer> {
  const rows = await endpoints(flags.name, app.ports, app.registries.components)
  if (isListing(flags, app, rows.length))
    return { result: rows, lines: await endpointLines(rows, flags.name, app) }
  const { name, endpoint, port, print, showCredentials } = flags
  const options: OpenOptions = {
    name,
    endpoint,
    ...(port === undefined ? {} : { localPort: port }),
    withPassword: showCredentials || (app.facts.isTerminal && !print && !isForMachine(app)),
  }
  const abandonment = print ? app.whenAbandoned() : undefined
  const signal = AbortSignal.any([app.signal, ...(abandonment === undefined ? [] : [abandonment.signal])])
  const show = async (result: OpenResult): Promise<void> => {
    app.stdout(await textFor(result, flags, app))
    if (print || isForMachine(app)) return
    app.stderr('It stays open until Ctrl-C.\n')
    if (result.url.startsWith('http')) await (await app.browser()).open(result.url, signal)
  }
  try {
    await openEndpoint(options, app.ports, app.registries.components, show, signal)
  } finally {
    abandonment?.close()
  }
  const exitCode = app.interrupted()
  return { result: undefined, lines: [], told: true, ...(exitCode === undefined ? {} : { exitCode }) }
}

/** Programs that ask without naming anything want the list; a person wants the only thing there is. */
function isListing({ endpoint, print, port }: OpenFlags, app: App, count: number): boolean {
  if (endpoint !== undefined || print || port !== undefined) return false
  return count !== 1 || isForMachine(app)
}

/** At once and whole, as whoever reads it waits for its end. */
async function textFor(result: OpenResult, { print }: OpenFlags, app: App): Promise<string> {
  if (app.mode === 'json') return `${JSON.stringify({ ok: true, result }, null, 2)}\n`
  if (app.mode === 'ndjson') return `${JSON.stringify({ ok: true, result })}\n`
  if (print) return `${result.url}\n`
  return `${(await openedLines(result, app)).join('\n')}\n`
}
