/** The composition root of the CLI: one app per command, with nothing loaded that the command does not need. */
import { fstatSync } from 'node:fs'
import { homedir } from 'node:os'
import type { StateStore } from '../domain/ports.ts'
import { whenAbandoned, type Abandonment } from './abandoned.ts'
import type { App, GlobalFlags, Registries } from './app.ts'
import { userFolders } from './folders.ts'
import { listenForInterrupts, type Interrupts } from './interrupts.ts'
import { outputMode } from './output-mode.ts'
import { openScreen } from './screen.ts'
import { createSessions, type EventLog } from './sessions.ts'
import { wireBundles, wirePorts, type Wiring } from './wire-ports.ts'

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
    loadRegistries(version),
  ])
  // Who read the story may be gone; the work goes on. Unheard, this error would reach Pulumi's handler of uncaught
  // exceptions, which writes to the story, and so on: a process that takes all of a processor and its memory.
  stderr.on('error', () => undefined)
  const interrupts = interruptible((text) => sessions.notice(text))
  const sessions = createSessions({
    newRenderer: screen.newRenderer,
    openLog: (subject, run) => openEventLog(ports.states, subject, run),
    signal: interrupts.signal,
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
    doctor: () => freshDoctor(wiring, processes),
    browser: () => wireBrowser(processes),
    ...wireExpiry(wiring, processes),
    demoFolders: () => wireDemoFolders(root),
    reportFile: async (path) => (await import('../adapters/report-file.ts')).openReportFile(path),
    registries,
    prompter: screen.prompter,
    signal: interrupts.signal,
    mode,
    offline: flags.offline,
    facts: factsOf(version),
    folders,
    usageOf: async (folder) => (await import('../adapters/folder-usage.ts')).folderUsage(folder),
    view: screen.view,
    stdout: (text) => stdout.write(text),
    stderr: (text) => stderr.write(text),
    hasRun: sessions.hasRun,
    hasTold: sessions.hasTold,
    describeError: screen.describeError,
    interrupted: interrupts.exitCode,
    whenAbandoned: abandonment,
    session: sessions.make,
    async close() {
      interrupts.close()
      await sessions.close()
    },
  }
}

/** A doctor with ports of its own: what is found once is remembered by them. */
async function freshDoctor(wiring: Wiring, processes: App['processes']): ReturnType<App['doctor']> {
  const { wireDoctor } = await import('./wire-doctor.ts')
  const { ports, processes: ownProcesses } = await wirePorts({ ...wiring, offline: true })
  return wireDoctor({
    ports,
    processes: ownProcesses,
    localArtifacts: ports.artifacts,
    bundleFolder: async () => (await (await wireBundles(wiring, processes)).open())?.folder,
    folders: wiring.folders,
    env: wiring.env,
    nodeVersion: process.version,
  })
}

function interruptible(isShown: (text: string) => boolean): Interrupts {
  const text = 'Stopping in order; press Ctrl-C again to stop at once.'
  return listenForInterrupts(process, {
    first: () => {
      // Printed into a picture, it would leave the picture's top behind.
      if (!isShown(text)) process.stderr.write(`\n${text}\n`)
    },
    // Whoever presses twice does not want to wait. Children end with us: the process runner sees to it.
    second: (exitCode) => {
      // eslint-disable-next-line no-restricted-properties -- the one place where waiting for an orderly end is over
      process.exit(exitCode)
    },
  })
}

function factsOf(version: string): App['facts'] {
  const { version: nodeVersion, platform, arch, env, stdout } = process
  return { version, nodeVersion, platform, arch, env, isTerminal: stdout.isTTY }
}

async function wireBrowser(processes: App['processes']): ReturnType<App['browser']> {
  const { createBrowser } = await import('../adapters/browser.ts')
  const { env, platform, stdout } = process
  return createBrowser({ processes: await processes(), env, platform, isTerminal: stdout.isTTY })
}

function wireExpiry(wiring: Wiring, processes: App['processes']): Pick<App, 'expiries' | 'gcTimer'> {
  return {
    expiries: async () => (await import('../adapters/expiries.ts')).readExpiries(wiring.folders.state),
    async gcTimer() {
      const { createGcTimer } = await import('../adapters/gc-timer.ts')
      return createGcTimer({ ...wiring, processes: await processes() })
    },
  }
}

async function wireDemoFolders(packageRoot: string): ReturnType<App['demoFolders']> {
  const { createDemoFolders } = await import('../adapters/demo-folders.ts')
  return createDemoFolders({ packageRoot, cwd: process.cwd() })
}

function abandonment(): Abandonment {
  const { stdin } = process
  const standing = fstatSync(stdin.fd)
  const isPipe = standing.isFIFO() || standing.isSocket()
  return whenAbandoned({ stdin, isPipe, parent: () => process.ppid, everyMs: 1000 })
}

async function loadRegistries(version: string): Promise<Registries> {
  const [{ kindSource }, { componentRegistry }, { demoMaker }, taking, verifying, certifying] =
    await Promise.all([
      import('../sources/kind/index.ts'),
      import('../components/index.ts'),
      import('../demos/index.ts'),
      import('../inventory/inventory.ts'),
      import('../inventory/verify.ts'),
      import('../inventory/certificate.ts'),
    ])
  return {
    source: kindSource,
    components: componentRegistry,
    demos: demoMaker,
    inventory: {
      take: taking.takeInventory,
      requireEmpty: taking.requireEmpty,
      verify: verifying.verifyEmpty,
      certificate: (facts) => certifying.certificateOf({ ...facts, tool: `play ${version}` }),
    },
  }
}

/** The event log of one run; a playground that has no folder gets none just for a log. */
async function openEventLog(
  states: () => Promise<StateStore>,
  subject: string,
  run: string,
): Promise<EventLog | undefined> {
  const store = await states()
  if (!(await store.exists(subject))) return undefined
  const { openEventLogFile } = await import('../adapters/event-log-file.ts')
  return openEventLogFile(store.folder(subject), run)
}
