/** The composition root of the CLI: one app per command, with nothing loaded that the command does not need. */
import { homedir } from 'node:os'
import type { RunEvent } from '../engine/events.ts'
import type { StateStore } from '../domain/ports.ts'
import type { Session } from '../workflows/session.ts'
import type { App, GlobalFlags, Registries } from './app.ts'
import { userFolders } from './folders.ts'
import { listenForInterrupts, type Interrupts } from './interrupts.ts'
import { outputMode } from './output-mode.ts'
import { openScreen, type Screen } from './screen.ts'
import { wireBundles, wirePorts, type Wiring } from './wire-ports.ts'

/** What collects events and is closed at the end. */
interface Listener {
  onEvent(event: RunEvent): void
  close(): Promise<unknown>
}

/** Makes the app of one command. Reads the environment; starts nothing. */
export async function compose(flags: GlobalFlags, root: string, version: string): Promise<App> {
  const { env, stdin, stdout, stderr, platform } = process
  const home = homedir()
  const folders = userFolders(env, home)
  const mode = outputMode({ asked: flags.output, json: flags.json, stderrIsTTY: stderr.isTTY, env })
  const machine = { os: platform, arch: process.arch, node: process.execPath }
  const wiring: Wiring = { env, folders, home, root, version, offline: flags.offline, ...machine }
  const [{ ports, processes }, screen, registries] = await Promise.all([
    wirePorts(wiring),
    openScreen(mode, { stdin, stdout, stderr, env, platform, yes: flags.yes ?? false }),
    loadRegistries(),
  ])
  const interrupts = interruptible()
  const sessions = sessionMaker({
    states: ports.states,
    screen,
    interrupts,
    env,
    newId: ports.newId,
    clock: ports.clock,
  })
  return {
    ports,
    processes,
    bundles: () => wireBundles(wiring, processes),
    async imageEngine(signal) {
      const { createImageEngine } = await import('../adapters/image-engine.ts')
      return createImageEngine(await ports.engine(signal), await processes())
    },
    async doctor() {
      const { wireDoctor } = await import('./wire-doctor.ts')
      // New ports each time: what is found once is remembered by them.
      const fresh = await wirePorts({ ...wiring, offline: true })
      return wireDoctor({
        ports: fresh.ports,
        processes: fresh.processes,
        localArtifacts: fresh.ports.artifacts,
        bundleFolder: async () => (await (await wireBundles(wiring, processes)).open())?.folder,
        folders,
        env,
        nodeVersion: process.version,
      })
    },
    registries,
    prompter: screen.prompter,
    signal: interrupts.signal,
    mode,
    offline: flags.offline,
    facts: { version, nodeVersion: process.version, platform, arch: process.arch, env },
    folders,
    view: screen.view,
    stdout: (text) => stdout.write(text),
    stderr: (text) => stderr.write(text),
    hasRun: sessions.hasRun,
    hasTold: sessions.hasTold,
    describeError: screen.describeError,
    interrupted: interrupts.exitCode,
    session: sessions.make,
    async close() {
      interrupts.close()
      await sessions.close()
    },
  }
}

function interruptible(): Interrupts {
  return listenForInterrupts(process, {
    first: () => {
      process.stderr.write('\nStopping in order; press Ctrl-C again to stop at once.\n')
    },
    // Whoever presses twice does not want to wait. Children end with us: the process runner sees to it.
    second: (exitCode) => {
      // eslint-disable-next-line no-restricted-properties -- the one place where waiting for an orderly end is over
      process.exit(exitCode)
    },
  })
}

async function loadRegistries(): Promise<Registries> {
  const [{ kindSource }, { componentRegistry }, { demoRegistry }, inventory] = await Promise.all([
    import('../sources/kind/index.ts'),
    import('../components/index.ts'),
    import('../demos/index.ts'),
    import('../inventory/inventory.ts'),
  ])
  return {
    source: kindSource,
    components: componentRegistry,
    demos: demoRegistry,
    inventory: { take: inventory.takeInventory, requireEmpty: inventory.requireEmpty },
  }
}

interface SessionParts {
  readonly states: () => Promise<StateStore>
  readonly screen: Screen
  readonly interrupts: Interrupts
  readonly env: NodeJS.ProcessEnv
  readonly newId: () => string
  readonly clock: Session['clock']
}

/** Sessions draw on the screen and, where the playground has a folder, write their events there. */
function sessionMaker({ states, screen, interrupts, env, newId, clock }: SessionParts): {
  make: App['session']
  hasRun: () => boolean
  hasTold: App['hasTold']
  close: () => Promise<void>
} {
  const listeners: Listener[] = []
  const told = new Set<string>()
  let runs = 0
  return {
    hasRun: () => runs > 0,
    hasTold: ({ id, message }) => told.has(`${id} ${message}`),
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()))
    },
    make(subject, command, dryRun = false) {
      const run = newId()
      const own: Listener[] = [screen.newRenderer(), ...(dryRun ? [] : [eventLog(states, subject, run)])]
      listeners.push(...own)
      const fault = injectedFault(env)
      return {
        sink(event) {
          if (event.type === 'run.started') runs += 1
          if (event.type === 'run.failed') told.add(`${event.error.id} ${event.error.message}`)
          if (event.type === 'run.cancelled') told.add('CANCELLED Interrupted')
          for (const listener of own) listener.onEvent(event)
        },
        signal: interrupts.signal,
        clock,
        run,
        command,
        dryRun,
        ...(fault ? { afterStep: fault } : {}),
      }
    },
  }
}

/** Opens the log with the first event; a playground that has no folder gets none just for a log. */
function eventLog(states: () => Promise<StateStore>, subject: string, run: string): Listener {
  let opening: Promise<{ sink(event: RunEvent): void; close(): Promise<unknown> } | undefined> | undefined
  const open = async (): ReturnType<() => NonNullable<typeof opening>> => {
    const store = await states()
    if (!(await store.exists(subject))) return undefined
    const { openEventLogFile } = await import('../adapters/event-log-file.ts')
    return openEventLogFile(store.folder(subject), run)
  }
  return {
    onEvent(event) {
      // A log that cannot be written must not fail the run it tells of.
      opening ??= open().catch(() => undefined)
      void opening.then((log) => log?.sink(event))
    },
    close: async () => (await opening)?.close(),
  }
}

/** Only for tests: PLAY_TEST_FAIL_AFTER names a step after which the run fails. */
function injectedFault(env: NodeJS.ProcessEnv): Session['afterStep'] {
  const step = env['PLAY_TEST_FAIL_AFTER']
  if (step === undefined) return undefined
  return (id) => (id === step ? Promise.reject(new Error(`injected fault after ${id}`)) : Promise.resolve())
}
