/** Runs a command as oclif does, in a world of fakes: real flags, real renderers, real sessions, no process. */
import { Config } from '@oclif/core'
import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { afterEach } from 'vitest'
import type { App, GlobalFlags } from '../../src/cli/app.ts'
import { commandNotFound } from '../../src/cli/command-not-found.ts'
import { listenForInterrupts, type SignalSource } from '../../src/cli/interrupts.ts'
import { outputMode } from '../../src/cli/output-mode.ts'
import { PlayCommand } from '../../src/cli/play-command.ts'
import { openScreen } from '../../src/cli/screen.ts'
import { createSessions } from '../../src/cli/sessions.ts'
import { componentRegistry } from '../../src/components/index.ts'
import { demoMaker } from '../../src/demos/index.ts'
import type { RunEvent } from '../../src/engine/events.ts'
import { realInventory } from './real-inventory.ts'
import { createDemoFolders } from '../../src/adapters/demo-folders.ts'
import { kindSource } from '../../src/sources/kind/index.ts'
import { packageRoot, type FakeWorld } from './fake-ports.ts'
import { FakeProcess } from './fake-process.ts'

/** What a person or a program at the other end of the pipes got. */
export interface Said {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** How the command is run. */
export interface RunOptions {
  /** Variables of play; oclif reads those of flags from the process itself. */
  readonly env?: Readonly<Record<string, string>>
  /** Whether a terminal is at the other end, and what a person there answers. */
  readonly answer?: boolean
  /** Interrupts after that step, or as soon as something is told of it where `during` is true, with that signal. */
  readonly interrupt?: {
    readonly after: string
    readonly signal: 'SIGINT' | 'SIGTERM'
    readonly during?: boolean
  }
  readonly app?: Partial<App>
}

interface CommandClass {
  run(argv: string[], config: Config): Promise<unknown>
}

let config: Promise<Config> | undefined

/** The package's configuration without its commands, which are given as classes. */
function loadConfig(): Promise<Config> {
  config ??= (async () => {
    const pjson = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { oclif: object }
    const oclif = { ...pjson.oclif, commands: undefined, hooks: {} }
    return Config.load({ root: packageRoot, pjson: { ...pjson, oclif } as never, ignoreManifest: true })
  })()
  return config
}

const compose = PlayCommand.compose
afterEach(() => {
  PlayCommand.compose = compose
})

/** Runs `command` with `argv` in `world`; time passes as far as it has to. */
export function runCommand(
  command: CommandClass,
  argv: readonly string[],
  world: FakeWorld,
  options: RunOptions = {},
): Promise<Said> {
  return listen(world, options, async () => command.run([...argv], await loadConfig()))
}

/** What oclif does with a command that it does not find; `id` is what it takes for one. */
export function runUnknown(id: string, argv: readonly string[], world: FakeWorld): Promise<Said> {
  return listen(world, {}, async () => {
    const known = globSync('**/*.ts', { cwd: join(packageRoot, 'commands') })
    const commandIDs = known.map((file) => file.replace(/\.ts$/, '').replaceAll(sep, ':'))
    const own = Object.create(await loadConfig(), { commandIDs: { value: commandIDs } }) as Config
    const context = own as unknown as ThisParameterType<typeof commandNotFound>
    await commandNotFound.call(context, { id, argv: [...argv], config: own, context })
  })
}

/** Does `work` with the composition root replaced, and keeps what it says. */
async function listen(world: FakeWorld, options: RunOptions, work: () => Promise<unknown>): Promise<Said> {
  const stdout: string[] = []
  const stderr: string[] = []
  PlayCommand.compose = (flags, _root, version) => fakeApp(flags, version, { world, options, stdout, stderr })
  const exitCode = process.exitCode
  process.exitCode = undefined
  try {
    await world.run(work())
    return { stdout: stdout.join(''), stderr: stderr.join(''), exitCode: exitCodeNow() }
  } finally {
    process.exitCode = exitCode
  }
}

/** As Node would take it; set by whoever ran. */
function exitCodeNow(): number {
  const code: unknown = process.exitCode
  return typeof code === 'number' ? code : 0
}

interface Stage {
  readonly world: FakeWorld
  readonly options: RunOptions
  readonly stdout: string[]
  readonly stderr: string[]
}

async function fakeApp(flags: GlobalFlags, version: string, stage: Stage): Promise<App> {
  const { world, options, stdout, stderr } = stage
  const env = options.env ?? {}
  const mode = outputMode({ asked: flags.output, json: flags.json, stderrIsTTY: false, env })
  const screen = await openScreen(mode, {
    stdin: { isTTY: false } as unknown as NodeJS.ReadStream,
    stdout: stream(stdout),
    stderr: stream(stderr),
    env,
    platform: 'linux',
    yes: flags.yes ?? false,
  })
  const signals = new FakeSignals()
  const interrupts = listenForInterrupts(signals, { first: () => undefined, second: () => undefined })
  const sessions = createSessions({
    newRenderer: screen.newRenderer,
    openLog: () =>
      Promise.resolve({ sink: (event) => world.events.push(event), close: () => Promise.resolve() }),
    signal: interrupts.signal,
    env,
    newId: world.ports.newId,
    clock: world.clock,
  })
  const { answer } = options
  const unexpected = (what: string) => (): Promise<never> =>
    Promise.reject(new Error(`this test has no ${what}`))
  return {
    ports: world.ports,
    processes: () => Promise.resolve(new FakeProcess()),
    bundles: unexpected('bundles'),
    imageEngine: unexpected('image engine'),
    doctor: unexpected('doctor'),
    browser: unexpected('browser'),
    expiries: () =>
      Promise.resolve(
        [...world.states.states].flatMap(([name, { expiresAt }]) =>
          expiresAt === undefined ? [] : [{ name, expiresAt }],
        ),
      ),
    gcTimer: unexpected('timer'),
    demoFolders: () => Promise.resolve(createDemoFolders({ packageRoot, cwd: process.cwd() })),
    reportFile: unexpected('report file'),
    registries: {
      source: kindSource,
      components: componentRegistry,
      demos: demoMaker,
      inventory: realInventory,
    },
    prompter: answer === undefined ? screen.prompter : { confirm: () => Promise.resolve(answer) },
    signal: interrupts.signal,
    mode,
    offline: flags.offline,
    facts: { version, nodeVersion: 'v24.0.0', platform: 'linux', arch: 'x64', env, isTerminal: false },
    folders: { state: '/states', cache: '/cache', config: '/config' },
    session(subject, name, dryRun, sessionOptions) {
      const session = sessions.make(subject, name, dryRun, sessionOptions)
      const { interrupt } = options
      const onEvent = (event: RunEvent): void => {
        session.sink(event)
        const moments = interrupt?.during === true ? ['step.progress', 'step.log'] : ['step.succeeded']
        if ('step' in event && moments.includes(event.type) && event.step === interrupt?.after)
          signals.send(interrupt.signal)
      }
      return { ...session, sink: onEvent }
    },
    usageOf: () => Promise.resolve({ files: 2, bytes: 3 * 2 ** 20 }),
    view: screen.view,
    stdout: (text) => stdout.push(text),
    stderr: (text) => stderr.push(text),
    hasRun: sessions.hasRun,
    hasTold: sessions.hasTold,
    describeError: screen.describeError,
    interrupted: interrupts.exitCode,
    whenAbandoned: () => ({ signal: new AbortController().signal, close: () => undefined }),
    async close() {
      interrupts.close()
      await sessions.close()
    },
    ...options.app,
  }
}

/** A stream that is no terminal and keeps what is written. */
function stream(chunks: string[]): NodeJS.WriteStream {
  const write = (text: string): boolean => {
    chunks.push(text)
    return true
  }
  return { isTTY: false, columns: 0, write } as unknown as NodeJS.WriteStream
}

/** Signals that a test sends. */
class FakeSignals implements SignalSource {
  private readonly listeners = new Map<string, Set<(signal: 'SIGINT' | 'SIGTERM') => void>>()

  on(signal: 'SIGINT' | 'SIGTERM', listener: (signal: 'SIGINT' | 'SIGTERM') => void): void {
    this.listeners.set(signal, (this.listeners.get(signal) ?? new Set()).add(listener))
  }

  off(signal: 'SIGINT' | 'SIGTERM', listener: (signal: 'SIGINT' | 'SIGTERM') => void): void {
    this.listeners.get(signal)?.delete(listener)
  }

  send(signal: 'SIGINT' | 'SIGTERM'): void {
    for (const listener of this.listeners.get(signal) ?? []) listener(signal)
  }
}
