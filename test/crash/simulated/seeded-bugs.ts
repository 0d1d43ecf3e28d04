/** Mistakes that play could have: each is made from outside, in the ports or the parts that its processes work with. */
import { dirname, join } from 'node:path'
import { PlayError } from '../../../src/domain/errors.ts'
import type { PlaygroundState } from '../../../src/domain/playground.ts'
import type { Journal, StateStore } from '../../../src/domain/ports.ts'
import type { Verified } from '../../../src/domain/verification.ts'
import type { DownParts } from '../../../src/workflows/down.ts'
import { alter, type Alteration } from './altered-ports.ts'
import { realFiles } from './file-points.ts'
import type { CaseName } from './seeded-cases.ts'
import { parts } from './verbs.ts'

/** One mistake, and the cases that must show it. */
export interface SeededBug {
  readonly cases: readonly CaseName[]
  readonly ports?: Alteration
  readonly parts?: DownParts
}

const { source, inventory } = parts
const nothing = (): Promise<void> => Promise.resolve()
const orNone = <T>(read: Promise<readonly T[]>): Promise<readonly T[]> => read.catch(() => [])

function verifying(change: (verified: Verified) => Verified, settleMs?: number): DownParts {
  return {
    source,
    inventory: {
      ...inventory,
      verify: async (options) =>
        change(await inventory.verify({ ...options, settleMs: settleMs ?? options.settleMs })),
    },
  }
}

/** One read is all, and counts twice. */
const firstRead: DownParts = {
  source,
  inventory: {
    ...inventory,
    async verify({ queries, signal, clock, settleMs }) {
      const findings = await inventory.take(queries, signal)
      const at = new Date(clock.now()).toISOString()
      const isEmpty = findings.every(({ result }) => result === 'absent')
      return { findings, reads: [at, at], settleMs, sweeps: 0, verdict: isEmpty ? 'empty' : 'leftovers' }
    },
  },
}

function lookingOnlyFor(layer: string): DownParts {
  const queries: typeof source.queries = async (context, signal) =>
    (await source.queries(context, signal)).filter((query) => query.layer === layer)
  return { inventory, source: { ...source, queries } }
}

/** States are kept in memory until the run ends in order. */
const lateWrites: Alteration = (ports) => {
  let pending: PlaygroundState | undefined
  return alter('states', (real) => ({
    write: (state) => {
      pending = state
      return nothing()
    },
    read: async (name) => pending ?? (await real.read(name)),
    async remove(name) {
      pending = undefined
      await real.remove(name)
    },
    async lock(name, command) {
      const lock = await real.lock(name, command)
      return {
        async release() {
          if (pending !== undefined) await real.write(pending)
          await lock.release()
        },
      }
    },
  }))(ports)
}

/** The certificate is written first, and says that the folder is gone. */
const earlyCertificate: Alteration = (ports) => {
  let going: string | undefined
  return alter('states', (real) => ({
    remove: (name) => {
      going = name
      return nothing()
    },
    exists: async (name) => going !== name && (await real.exists(name)),
    async certify(certificate) {
      const path = await real.certify(certificate)
      if (going !== undefined) await real.remove(going)
      return path
    },
  }))(ports)
}

const neverTakenOver = alter('states', (real) => ({
  lock(name, command) {
    const path = join(dirname(real.folder(name)), `.${name}.lock`)
    if (!realFiles.existsSync(path)) return real.lock(name, command)
    return Promise.reject(PlayError.of('STATE_LOCKED', { name, pid: 1, command, age: '1 s' }))
  },
}))

/** By what they are. */
export const seededBugs: Readonly<Record<string, SeededBug>> = {
  'an error of the engine is read as absence': {
    cases: ['the engine fails to list'],
    ports: alter('engine', (real) => ({
      clusterContainers: (cluster, signal) => orNone(real.clusterContainers(cluster, signal)),
      clusterVolumes: (cluster, signal) => orNone(real.clusterVolumes(cluster, signal)),
      volumeExists: (name, signal) => real.volumeExists(name, signal).catch(() => false),
      networkExists: (name, signal) => real.networkExists(name, signal).catch(() => false),
      clusterNames: (signal) => orNone(real.clusterNames(signal)),
    })),
  },
  'a process table that cannot be read is read as empty': {
    cases: ['the process table fails'],
    ports: alter('processTable', (real) => ({ find: (folder) => orNone(real.find(folder)) })),
  },
  'another engine is believed': {
    cases: ['another engine answers'],
    ports: alter('engine', () => ({ identity: () => Promise.resolve('engine-1') })),
  },
  'a damaged state is read as none': {
    cases: ['the state is damaged'],
    ports: alter('states', (real) => ({ read: (name) => real.read(name).catch(() => undefined) })),
  },
  'verify trusts its first read': { cases: ['late arrivals'], parts: firstRead },
  'verify does not wait between its reads': { cases: ['late arrivals'], parts: verifying((seen) => seen, 0) },
  'verify waits as long after a crash as at any other time': {
    cases: ['late arrivals'],
    parts: verifying((seen) => seen, 2000),
  },
  'verify says empty whatever it saw': {
    cases: ['containers do not go'],
    parts: verifying((seen) => ({ ...seen, verdict: 'empty', findings: [] })),
  },
  'verify looks for containers alone': { cases: ['volumes do not go'], parts: lookingOnlyFor('containers') },
  'sweep does nothing': {
    cases: ['late arrivals'],
    parts: { inventory, source: { ...source, sweep: nothing } },
  },
  'processes of a dead run are not found': {
    cases: ['a slow engine of a dead run'],
    ports: alter('processTable', () => ({ find: () => Promise.resolve([]) })),
  },
  'processes of a dead run are not ended': {
    cases: ['killed while making'],
    ports: alter('processTable', () => ({ end: nothing })),
  },
  'the lock is always granted': {
    cases: ['two at once'],
    ports: alter('states', () => ({ lock: () => Promise.resolve({ release: nothing }) })),
  },
  'the lock of a dead run is never taken over': { cases: ['killed while making'], ports: neverTakenOver },
  'the lock is never released': {
    cases: ['nothing happens'],
    ports: alter('states', (real) => ({
      lock: async (name, command) => {
        await real.lock(name, command)
        return { release: nothing }
      },
    })),
  },
  'the state is written after the effect': { cases: ['killed while making'], ports: lateWrites },
  'volumes are not noted before their containers go': {
    cases: ['killed while removing, volumes without labels'],
    ports: alter('states', (real) => ({
      journal: async (name) => ({ ...(await openJournalOf(real, name)), closure: nothing }),
    })),
  },
  'the journal stays open': {
    cases: ['nothing happens'],
    ports: alter('states', (real) => ({
      journal: async (name) => ({ ...(await openJournalOf(real, name)), close: nothing }),
    })),
  },
  'the certificate is written before the folder goes': {
    cases: ['killed while removing'],
    ports: earlyCertificate,
  },
  'no certificate is written': {
    cases: ['nothing happens'],
    ports: alter('states', () => ({ certify: () => Promise.resolve('nowhere') })),
  },
  'the folder never goes': {
    cases: ['nothing happens'],
    ports: alter('states', () => ({ remove: nothing })),
  },
  'the context stays in the kubeconfig': {
    cases: ['nothing happens'],
    ports: alter('kubeconfigs', () => ({ remove: () => Promise.resolve({ removed: true }) })),
  },
  'the context stays, and is not looked for': {
    cases: ['nothing happens'],
    ports: alter('kubeconfigs', () => ({
      remove: () => Promise.resolve({ removed: true }),
      contains: () => Promise.resolve(false),
    })),
  },
  'strays beside the kubeconfig are never found': {
    cases: ['killed while writing the kubeconfig'],
    ports: alter('kubeconfigs', () => ({ strays: () => Promise.resolve([]) })),
  },
  'containers are never removed by name': {
    cases: ['without Pulumi'],
    ports: alter('engine', () => ({ removeContainer: nothing })),
  },
  'volumes are known by their containers alone': {
    cases: ['killed between a volume and its container'],
    ports: alter('engine', () => ({ clusterVolumes: () => Promise.resolve([]) })),
  },
  'volumes are never removed': {
    cases: ['without Pulumi'],
    ports: alter('engine', () => ({ removeVolume: nothing })),
  },
  'the network is never removed': {
    cases: ['nothing happens'],
    ports: alter('engine', () => ({ removeNetwork: () => Promise.resolve(false) })),
  },
  'the network is not looked for': {
    cases: ['nothing happens'],
    ports: alter('engine', () => ({ networkExists: () => Promise.resolve(false) })),
  },
  'the end of up is not written down': {
    cases: ['nothing happens'],
    ports: alter('states', (real) => ({
      write: (state) => (state.phase === 'ready' ? nothing() : real.write(state)),
    })),
  },
}

/** Its methods as own properties, so that some can be left out. */
async function openJournalOf(real: StateStore, name: string): Promise<Journal> {
  const journal = await real.journal(name)
  return {
    ...{ knownVolumes: journal.knownVolumes, ...(journal.open === undefined ? {} : { open: journal.open }) },
    intend: (step) => journal.intend(step),
    settle: (step, outcome) => journal.settle(step, outcome),
    closure: (volumes) => journal.closure(volumes),
    close: () => journal.close(),
  }
}
