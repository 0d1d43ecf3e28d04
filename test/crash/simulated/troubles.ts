/** What may fail while `down` is at work. */
import { PlayError } from '../../../src/domain/errors.ts'
import { alter, altered } from './altered-ports.ts'
import { pick, type Dice } from './dice.ts'
import type { SimMachine } from './sim-machine.ts'
import type { FileFault } from './simulated-run.ts'
import type { RunSettings, Verb } from './simulation.ts'

/** A run in trouble. */
export interface Troubled {
  readonly verb: Verb<unknown>
  readonly settings: RunSettings
}

/** Makes trouble for `verb`; some of it stays on the machine until `calm`. */
export type Trouble = (machine: SimMachine, verb: Verb<unknown>, roll: Dice) => Troubled

const refused = (what: string): PlayError => PlayError.of('ENGINE_FAILED', { engine: 'podman', what })

/** The engine does not answer before that time. */
function silence(machine: SimMachine, until: number): void {
  const down = PlayError.of('ENGINE_DOWN', { engine: machine.engine.name })
  machine.engine.failWith = () => (machine.clock.now() < until ? down : undefined)
}

/** All of them, by name. */
export const troubles = {
  'the engine is restarted': (machine, verb, roll) => {
    silence(machine, machine.clock.now() + roll(40_000))
    return { verb, settings: {} }
  },
  'the engine is down for good': (machine, verb) => {
    silence(machine, Infinity)
    return { verb, settings: {} }
  },
  'the engine goes down on the way': (machine, verb, roll) => {
    const from = machine.clock.now() + roll(6000)
    const down = PlayError.of('ENGINE_DOWN', { engine: machine.engine.name })
    machine.engine.failWith = () => (machine.clock.now() < from ? undefined : down)
    return { verb, settings: {} }
  },
  'Pulumi hangs': (_, verb) => ({
    verb: altered(
      verb,
      alter('stack', () => ({ destroy: ({ signal }) => untilAborted(signal) })),
    ),
    settings: {},
  }),
  'containers do not go': (_, verb) => ({
    verb: altered(
      verb,
      alter('stack', () => ({ destroy: () => Promise.reject(refused('destroy')) })),
      alter('engine', () => ({ removeContainer: () => Promise.reject(refused('remove a container')) })),
    ),
    settings: {},
  }),
  'every request takes long': (machine, verb, roll) => {
    const ms = roll(15_000)
    const slow = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
      await machine.clock.sleep(ms, signal)
      return work()
    }
    const change = alter('engine', (real) => ({
      clusterContainers: (cluster, signal) => slow(signal, () => real.clusterContainers(cluster, signal)),
      clusterVolumes: (cluster, signal) => slow(signal, () => real.clusterVolumes(cluster, signal)),
      removeContainer: (id, signal) => slow(signal, () => real.removeContainer(id, signal)),
      removeVolume: (name, signal) => slow(signal, () => real.removeVolume(name, signal)),
      networkExists: (name, signal) => slow(signal, () => real.networkExists(name, signal)),
    }))
    return { verb: altered(verb, change), settings: {} }
  },
  'its containers come back': (machine, verb) => ({
    verb: altered(
      verb,
      alter('engine', (real) => ({
        async removeContainer(id, signal) {
          const found = machine.engine.containers.get(id)
          await real.removeContainer(id, signal)
          const back = machine.clock.sleep(800, new AbortController().signal)
          if (found !== undefined) void back.then(() => machine.engine.containers.set(id, found))
        },
      })),
      alter('stack', () => ({ destroy: () => Promise.reject(refused('destroy')) })),
    ),
    settings: {},
  }),
  'the disk fails': (_, verb, roll) => {
    const code = pick<FileFault['code']>(roll, ['ENOSPC', 'EIO', 'EACCES', 'EROFS', 'EMFILE'])
    return { verb, settings: { fault: { code, at: roll(250), lasting: roll(2) === 1 } } }
  },
} as const satisfies Record<string, Trouble>

/** The trouble is over. */
export function calm({ engine }: SimMachine): void {
  engine.failWith = undefined
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error)
    })
  })
}
