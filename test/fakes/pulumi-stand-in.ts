/** Stands in for the program pulumi as the Automation API calls it: run as a process, it does what its script says. */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What one call does; without anything it succeeds and says nothing. */
export interface PulumiAct {
  /** Engine events, sent to the address of --event-log. */
  readonly events?: readonly object[]
  readonly stderr?: string
  readonly exitCode?: number
  /** After its events it says nothing more until it is interrupted, and then ends in order, which takes a moment. */
  readonly silent?: boolean
  /** It has the program run, and fails with its error. */
  readonly program?: boolean
  /** It is killed in the middle of its story. */
  readonly killed?: boolean
}

/** Acts by verb (`up`, `destroy`, `stack rm`, `cancel`), in the order of the calls. */
export type PulumiScript = Readonly<Record<string, readonly PulumiAct[]>>

/** What the stand-in noted: a call, an interrupt that it got, or its orderly end. */
export type PulumiNote =
  | {
      readonly verb: string
      readonly args: readonly string[]
      readonly env: Readonly<Record<string, string>>
      readonly cwd: string
    }
  | { readonly interrupt: string }
  | { readonly end: string }

/** Puts the program into `folder` with its script; answers its path. Notes go into a file beside it. */
export function writePulumi(folder: string, script: PulumiScript): string {
  const path = join(folder, 'pulumi')
  const words = [process.execPath, fileURLToPath(import.meta.url), folder].map((word) => `'${word}'`)
  writeFileSync(join(folder, 'script.json'), JSON.stringify(script))
  writeFileSync(path, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 })
  return path
}

/** Everything that the stand-in in `folder` noted so far, in order. */
export function readNotes(folder: string): PulumiNote[] {
  let text = ''
  try {
    text = readFileSync(join(folder, 'notes'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as PulumiNote)
}

/** Long enough that nobody who did not wait for it could have seen the end. */
const orderlyEndMs = 100
/** A test that failed must not leave it behind. */
const longestLifeMs = 30_000

async function main(folder: string, args: readonly string[]): Promise<void> {
  const note = (what: PulumiNote): void => {
    appendFileSync(join(folder, 'notes'), `${JSON.stringify(what)}\n`)
  }
  const verb = args.slice(0, args[0] === 'stack' ? 2 : 1).join(' ')
  const earlier = readNotes(folder).filter((each) => 'verb' in each && each.verb === verb).length
  const script = JSON.parse(readFileSync(join(folder, 'script.json'), 'utf8')) as PulumiScript
  const act = script[verb]?.[earlier]
  if (act === undefined) throw new Error(`nobody expected: pulumi ${args.join(' ')}`)
  const interrupted = new Promise<void>((resolve) => {
    process.on('SIGINT', () => {
      note({ interrupt: verb })
      resolve()
    })
  })
  // Only now may anybody interrupt it.
  note({ verb, args, env: process.env as Record<string, string>, cwd: process.cwd() })
  await sendEvents(valueOf(args, '--event-log'), act.events ?? [], async () => {
    if (act.killed === true) process.kill(process.pid, 'SIGKILL')
    if (act.program === true) await tellProgram(args)
    if (act.silent !== true) return
    await endInOrder(interrupted)
    note({ end: verb })
  })
  process.stderr.write(act.stderr ?? '')
  process.exitCode ??= act.exitCode ?? 0
  if (process.exitCode === 0) keepState(verb, args)
}

/** Does nothing until the interrupt, and then takes its time. */
async function endInOrder(interrupted: Promise<void>): Promise<void> {
  process.exitCode = 255
  const life = setTimeout(() => undefined, longestLifeMs)
  await interrupted
  await new Promise((resolve) => setTimeout(resolve, orderlyEndMs))
  clearTimeout(life)
}

async function tellProgram(args: readonly string[]): Promise<void> {
  const { runProgram } = await import('./pulumi-program-host.ts')
  const client = args.find((word) => word.startsWith('--client='))
  const error = await runProgram(client?.replace('--client=', '') ?? '')
  if (error === '') return
  process.stderr.write(`error: an unhandled error occurred: ${error}\n`)
  process.exitCode = 255
}

function valueOf(args: readonly string[], flag: string): string | undefined {
  const index = args.indexOf(flag)
  return index < 0 ? undefined : args[index + 1]
}

/** Sends the events, does `meanwhile` with the stream open, and waits until all have been taken. */
async function sendEvents(
  log: string | undefined,
  events: readonly object[],
  meanwhile: () => Promise<void>,
): Promise<void> {
  if (log === undefined) return
  // Half of the time that a call takes goes into loading these.
  const [{ default: grpc }, { default: eventsService }, { default: eventsMessages }] = await Promise.all([
    import('@grpc/grpc-js'),
    import('@pulumi/pulumi/proto/events_grpc_pb.js'),
    import('@pulumi/pulumi/proto/events_pb.js'),
  ])
  const address = log.replace('tcp://', '')
  const client = new eventsService.EventsClient(address, grpc.credentials.createInsecure())
  await new Promise<void>((resolve, reject) => {
    const stream = client.streamEvents((error) => {
      if (error === null) resolve()
      else reject(error)
    })
    for (const [index, event] of events.entries()) {
      const request = new eventsMessages.EventRequest()
      request.setEvent(JSON.stringify({ sequence: index + 1, timestamp: 1, ...event }))
      stream.write(request)
    }
    meanwhile().then(() => {
      stream.end()
    }, reject)
  })
  client.close()
}

/** Leaves the files that the file backend would leave. */
function keepState(verb: string, args: readonly string[]): void {
  const backend = fileURLToPath(process.env['PULUMI_BACKEND_URL'] ?? '')
  const stack = valueOf(args, '--stack') ?? args.find((word, index) => index > 1 && !word.startsWith('-'))
  const path = join(backend, '.pulumi', 'stacks', 'play', `${stack ?? ''}.json`)
  const resources = [
    { urn: 'urn:pulumi:dev::play::play:index:KindCluster::cluster', type: 'play', id: 'dev' },
  ]
  if (verb === 'up') writeFileSync(path, JSON.stringify({ checkpoint: { latest: { resources } } }))
  if (verb === 'stack rm') rmSync(path)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = '', ...args] = process.argv.slice(2)
  await main(folder, args)
}
