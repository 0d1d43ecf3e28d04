/** Runs of play on a simulated machine: each is a process of its own, on the real adapters for files and fakes for the rest. */
import { createKubeconfigs } from '../../../src/adapters/kube/kubeconfig.ts'
import { createFileStateStore } from '../../../src/adapters/file-state-store.ts'
import { createPackageAssets } from '../../../src/adapters/package-assets.ts'
import type { Ports } from '../../../src/domain/ports.ts'
import type { Session } from '../../../src/workflows/session.ts'
import { FakeArtifacts } from '../../fakes/fake-artifacts.ts'
import { FakeConnection } from '../../fakes/fake-connection.ts'
import { FakeGitRemotes } from '../../fakes/fake-git-remotes.ts'
import { packageRoot } from '../../fakes/fake-ports.ts'
import { FakeProcess } from '../../fakes/fake-process.ts'
import { openJournal } from '../../../src/journal/journal.ts'
import { instrumentFiles } from './file-points.ts'
import { drive } from './sim-clock.ts'
import type { SimMachine } from './sim-machine.ts'
import { givePid } from './sim-pids.ts'
import { simProcessTable } from './sim-processes.ts'
import { SimStack } from './sim-stack.ts'
import { currentRun, seenBy, SimulatedRun, type Meddling } from './simulated-run.ts'

/** How a run ended; `dead` in the middle of it. */
export type Ended<T> =
  | { readonly is: 'succeeded'; readonly value: T }
  | { readonly is: 'failed'; readonly error: Error }
  | { readonly is: 'dead' }

/** A verb of play on the ports of one run. */
export type Verb<T> = (ports: Ports, session: Session) => Promise<T>

const realAssets = createPackageAssets(packageRoot)
const objects = new Map<string, ReturnType<typeof realAssets.objects>>()
const texts = new Map<string, ReturnType<typeof realAssets.read>>()

/** The package's own files, read once: they are no part of what may fail here. */
const assets: Ports['assets'] = {
  read: (path) => kept(texts, path, () => realAssets.read(path)),
  objects: async (path) => structuredClone(await kept(objects, path, () => realAssets.objects(path))),
}

function kept<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const value = cache.get(key) ?? make()
  cache.set(key, value)
  return value
}

/** What one process of play may be besides what it does. */
export interface RunSettings extends Meddling {
  /** Other processes find that it lives: then it must not be killed. */
  readonly lives?: boolean
  /** It has a process number of its own, so that those who work at the same time know when it is dead. */
  readonly apart?: boolean
}

/** Whoever runs a single case wants to see what each run did. */
const traced: Session['sink'] = (event) => {
  if ((process.env['CRASH_ONLY'] ?? '') === '' || /plan|progress|log|task/.test(event.type)) return
  process.stderr.write(`${JSON.stringify(event).slice(0, 400)}\n`)
}

/** Starts `verb` as a process of its own; whoever calls lets time pass. */
export function start<T>(
  machine: SimMachine,
  verb: Verb<T>,
  settings: RunSettings = {},
): { readonly run: SimulatedRun; readonly end: Promise<Ended<T>> } {
  instrumentFiles()
  const own = settings.lives === true ? {} : { startTime: String(machine.next()) }
  const run = new SimulatedRun(machine.clock, machine.root, { ...settings, ...own })
  const forget = settings.apart === true ? givePid(run, machine.next()) : undefined
  run.isStackAtWork = () => machine.stacks.size > 0
  const session: Session = {
    sink: traced,
    ...{ signal: new AbortController().signal, clock: clockOf(run), run: `run-${String(machine.next())}` },
    ...{ command: 'play test', dryRun: false },
  }
  const work = currentRun.run(run, () => verb(portsOf(machine, run), session))
  const told = work.then(
    (value): Ended<T> => ({ is: 'succeeded', value }),
    (error: unknown): Ended<T> => ({ is: 'failed', error: error as Error }),
  )
  const end = Promise.race([told, run.died.then((): Ended<T> => ({ is: 'dead' }))]).finally(() => {
    run.reap()
    forget?.()
  })
  return { run, end }
}

/** Runs `verb` to its end; time passes as far as it has to. */
export async function play<T>(
  machine: SimMachine,
  verb: Verb<T>,
  settings: RunSettings = {},
): Promise<{ readonly run: SimulatedRun; readonly ended: Ended<T> }> {
  const { run, end } = start(machine, verb, settings)
  return { run, ended: await drive(machine.clock, end) }
}

function clockOf(run: SimulatedRun): Ports['clock'] {
  return seenBy(run, run.clock, 'clock', new Set())
}

const engineCalls = new Set([
  'startContainer',
  'removeContainer',
  'removeVolume',
  'removeNetwork',
  'loadImage',
  'exec',
])
const clusterCalls = new Set(['apply', 'patch', 'create', 'delete', 'exec'])

function portsOf(machine: SimMachine, run: SimulatedRun): Ports {
  const clock = clockOf(run)
  const processes = new FakeProcess()
  const number = machine.next()
  const journal = { epoch: `run-${String(number)}`, tool: 'play test', now: () => machine.clock.now() }
  const states = createFileStateStore({
    ...{ stateDir: machine.stateDir, processes, now: () => machine.clock.now() },
    openJournal: (path) => openJournal(path, journal),
  })
  const kubeconfigs = createKubeconfigs({ env: {}, homeDir: machine.home, clock, processes })
  const artifacts = new FakeArtifacts()
  const engine = seenBy(run, machine.engine, 'engine', engineCalls)
  const table = seenBy(run, simProcessTable(machine), 'processes', new Set(['end']))
  return {
    ...{ clock, assets },
    loopback: {
      accepts: (port) => Promise.resolve(machine.listener(port) !== undefined),
      isFree: (port) => Promise.resolve(machine.listener(port) === undefined),
      get: () => Promise.resolve({ status: 404, body: '' }),
    },
    states: () => Promise.resolve(states),
    artifacts: () => Promise.resolve(artifacts),
    clusters: () =>
      Promise.resolve({
        open: ({ server }) => {
          const client = new FakeConnection(server, () => machine.listener(Number(new URL(server).port)))
          return Promise.resolve(seenBy(run, client, 'cluster', clusterCalls))
        },
      }),
    kubeconfigs: () => Promise.resolve(kubeconfigs),
    engine: async (signal) => {
      // Whoever looks for an engine asks it something, and one that is down is not found.
      await engine.disk(signal)
      return engine
    },
    processTable: () => Promise.resolve(table),
    stack: (name) =>
      Promise.resolve(
        seenBy(
          run,
          new SimStack(machine, run, name, states.folder(name)),
          'stack',
          new Set(['up', 'destroy']),
        ),
      ),
    gitRemotes: () => Promise.resolve(new FakeGitRemotes()),
    registryCredentials: () => Promise.resolve(undefined),
    newId: () => String(machine.next()).padStart(26, '0'),
  }
}
