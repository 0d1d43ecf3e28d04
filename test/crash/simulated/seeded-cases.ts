/** A small number of cases that show whether a play, sound or with a mistake in it, keeps its promises. */
import { join } from 'node:path'
import { PlayError } from '../../../src/domain/errors.ts'
import { verdicts } from '../witness.ts'
import { alter, altered, type Alteration } from './altered-ports.ts'
import { falseCertificates, witnessed } from './crash-case.ts'
import { realFiles } from './file-points.ts'
import { drive } from './sim-clock.ts'
import { SimEngine } from './sim-engine.ts'
import { SimMachine } from './sim-machine.ts'
import { play, start, type Verb } from './simulation.ts'
import { describe as told } from './stories.ts'
import type { SeededBug } from './seeded-bugs.ts'
import { bare, downVerb, upVerb } from './verbs.ts'

/** The play that is tried. */
interface Product {
  readonly up: (nodes: number) => Verb<unknown>
  /** `world` is what goes wrong around it. */
  readonly down: (force: boolean, ...world: readonly Alteration[]) => Verb<unknown>
}

type Case = (play: Product, wrong: string[]) => Promise<void>

/** Answers what the case shows to be wrong. */
export async function tryOut(name: CaseName, { ports, parts }: Partial<SeededBug> = {}): Promise<string[]> {
  const own = ports === undefined ? [] : [ports]
  const product: Product = {
    up: (nodes) => altered(upVerb({ ...bare, nodes }), ...own),
    down: (force, ...world) => altered(downVerb({ force }, parts), ...world, ...own),
  }
  const wrong: string[] = []
  await cases[name](product, wrong)
  return wrong
}

const failing = (what: string) => (): Promise<never> =>
  Promise.reject(PlayError.of('ENGINE_FAILED', { engine: 'podman', what }))

async function on(engine: 'docker' | 'podman', work: (machine: SimMachine) => Promise<void>): Promise<void> {
  const machine = new SimMachine(engine)
  try {
    await work(machine)
  } finally {
    machine.close()
  }
}

function later(machine: SimMachine, ms: number): Promise<void> {
  return machine.clock.sleep(ms, new AbortController().signal)
}

async function run(machine: SimMachine, verb: Verb<unknown>, wrong: string[]): Promise<void> {
  const { run: its, ended } = await play(machine, verb)
  if (ended.is !== 'succeeded') wrong.push(told(ended))
  if (its.leftOpen > 0) wrong.push(`${String(its.leftOpen)} files are left open`)
}

/** `down` must end in order, and nothing may be there or come later. */
async function goes(machine: SimMachine, verb: Verb<unknown>, wrong: string[]): Promise<void> {
  await run(machine, verb, wrong)
  wrong.push(...witnessed(machine))
  await drive(machine.clock, later(machine, 120_000))
  wrong.push(...witnessed(machine))
}

/** `down` may fail here, but must not say that nothing is left while something is. */
async function isHonest(machine: SimMachine, verb: Verb<unknown>, wrong: string[]): Promise<void> {
  const { ended } = await play(machine, verb)
  if (ended.is === 'succeeded') wrong.push(...witnessed(machine))
  wrong.push(...lies(machine))
}

function lies(machine: SimMachine): readonly string[] {
  return falseCertificates(machine).filter((words) => !words.includes('/.dev.lock'))
}

/** Numbers of some points of a run that nobody disturbs. */
async function pointsOf(
  prepare: (machine: SimMachine) => Promise<unknown>,
  verb: Verb<unknown>,
  pattern: RegExp,
  engine: 'docker' | 'podman' = 'podman',
): Promise<readonly number[]> {
  let found: number[] = []
  await on(engine, async (machine) => {
    await prepare(machine)
    const { points } = (await play(machine, verb)).run
    found = points.flatMap((point, index) => (pattern.test(point) ? [index + 1] : []))
  })
  return found
}

async function kill(machine: SimMachine, verb: Verb<unknown>, at: number, stops: boolean): Promise<void> {
  const act: NonNullable<Parameters<typeof play>[2]>['act'] = (its) => {
    its.die()
    if (stops) for (const stack of machine.stacks) stack.stop('engine')
  }
  await play(machine, verb, { at, act })
}

/** Does it for one point after the other until something is wrong. */
async function each(
  points: readonly number[],
  wrong: readonly string[],
  work: (at: number) => Promise<void>,
): Promise<void> {
  for (const at of points) if (wrong.length === 0) await work(at)
}

/** A playground that stands, of which `down` is killed at some points; then another tries. */
async function killedRemoving(
  { up, down }: Product,
  pattern: RegExp,
  wrong: string[],
  force: boolean,
  change: (machine: SimMachine) => void = () => undefined,
): Promise<void> {
  const prepare = async (machine: SimMachine): Promise<void> => {
    await play(machine, up(1))
    change(machine)
  }
  await each(await pointsOf(prepare, down(force), pattern), wrong, (at) =>
    on('podman', async (machine) => {
      await prepare(machine)
      await kill(machine, down(force), at, true)
      wrong.push(...lies(machine))
      await goes(machine, down(force), wrong)
    }),
  )
}

/** A playground that stands, and trouble that `down` must be honest about. */
function honestUnder(force: boolean, ...world: readonly Alteration[]): Case {
  return ({ up, down }, wrong) =>
    on('podman', async (machine) => {
      await play(machine, up(1))
      await isHonest(machine, down(force, ...world), wrong)
    })
}

const cases = {
  'nothing happens': ({ up, down }, wrong) =>
    on('podman', async (machine) => {
      await run(machine, up(1), wrong)
      const { ended } = await play(machine, up(1))
      const { changed } = (ended.is === 'succeeded' ? ended.value : {}) as { changed?: readonly string[] }
      if (changed?.length !== 0) wrong.push(`a second up: ${told(ended)} ${String(changed)}`)
      const path = join(machine.stateDir, 'playgrounds/dev/state.json')
      if (!realFiles.readFileSync(path, 'utf8').includes('"phase": "ready"')) wrong.push('it is not ready')
      await goes(machine, down(false), wrong)
      if (verdicts(machine.stateDir).at(-1) !== 'empty') wrong.push('no certificate says so')
    }),
  'without Pulumi': ({ up, down }, wrong) =>
    on('podman', async (machine) => {
      await run(machine, up(1), wrong)
      await goes(machine, down(true), wrong)
    }),
  async 'killed while making'({ up, down }, wrong) {
    const points = await pointsOf(() => Promise.resolve(), up(2), /kind (run|network|kubeadm join)/, 'docker')
    await each(points, wrong, (at) =>
      on('docker', async (machine) => {
        await kill(machine, up(2), at, points.indexOf(at) % 2 === 0)
        await goes(machine, down(false), wrong)
      }),
    )
  },
  'a slow engine of a dead run': ({ up, down }, wrong) =>
    on('podman', async (machine) => {
      await play(machine, up(1))
      const made = [...machine.engine.containers]
      const gone = new AbortController()
      const stop = (): void => {
        end()
        gone.abort()
      }
      const folder = join(machine.stateDir, 'playgrounds/dev')
      const end = machine.start({ command: 'kind', folder, interrupt: stop, kill: stop })
      // An image takes a minute to come, and then there is a node.
      void machine.clock.sleep(60_000, gone.signal).then(
        () => made.map(([id, node]) => machine.engine.containers.set(id, node)),
        () => undefined,
      )
      await goes(machine, down(false), wrong)
    }),
  async 'killed between a volume and its container'({ up, down }, wrong) {
    await each(await pointsOf(() => Promise.resolve(), up(1), /kind volume create/), wrong, (at) =>
      on('podman', async (machine) => {
        await kill(machine, up(1), at, true)
        await goes(machine, down(false), wrong)
      }),
    )
  },
  async 'killed while writing the kubeconfig'({ up, down }, wrong) {
    await each(await pointsOf(() => Promise.resolve(), up(1), /\/home\/\.kube\//), wrong, (at) =>
      on('podman', async (machine) => {
        await kill(machine, up(1), at, true)
        await goes(machine, down(false), wrong)
      }),
    )
  },
  'killed while removing': (product, wrong) => killedRemoving(product, /certificates/, wrong, false),
  'killed while removing, volumes without labels': (product, wrong) =>
    killedRemoving(product, /engine\.remove/, wrong, true, ({ engine }) => {
      for (const name of engine.volumes.keys()) engine.volumes.set(name, {})
    }),
  async 'late arrivals'({ up, down }, wrong) {
    const [at = 0] = await pointsOf(() => Promise.resolve(), up(1), /kind kubeadm init .* after/)
    await on('podman', async (machine) => {
      const { engine } = machine
      await kill(machine, up(1), at, true)
      const [containers, volumes] = [[...engine.containers], [...engine.volumes]]
      engine.containers.clear()
      engine.volumes.clear()
      void later(machine, 8000).then(() => {
        for (const [name, labels] of volumes) engine.volumes.set(name, labels)
        for (const [id, container] of containers) engine.containers.set(id, container)
      })
      await goes(machine, down(false), wrong)
    })
  },
  'two at once': ({ up, down }, wrong) =>
    on('podman', async (machine) => {
      const both = [up(1), up(1)].map((verb) => start(machine, verb, { apart: true }).end)
      const ends = (await drive(machine.clock, Promise.all(both))).map((ended) => told(ended)).sort()
      if (ends[0]?.startsWith('STATE_LOCKED') !== true || ends[1] !== 'succeeded') wrong.push(...ends)
      await goes(machine, down(false), wrong)
    }),
  'the engine fails to list': honestUnder(
    true,
    alter('engine', () => ({
      ...{
        clusterContainers: failing('list'),
        clusterVolumes: failing('list'),
        clusterNames: failing('list'),
      },
      ...{ volumeExists: failing('look'), networkExists: failing('look') },
    })),
  ),
  'the process table fails': ({ up, down }, wrong) =>
    on('podman', async (machine) => {
      await play(machine, up(1))
      // A forward that somebody has open.
      const end = machine.start({
        ...{ command: 'play open', folder: join(machine.stateDir, 'playgrounds/dev') },
        ...{ interrupt: () => undefined, kill: () => undefined },
      })
      const deaf = alter('processTable', () => ({ find: () => Promise.reject(new Error('no /proc')) }))
      await isHonest(machine, down(false, deaf), wrong)
      end()
    }),
  'another engine answers': ({ up, down }, wrong) =>
    on('podman', async (machine) => {
      await play(machine, up(1))
      const other = new SimEngine('podman')
      other.id = 'engine-2'
      await isHonest(
        machine,
        down(true, (ports) => ({ ...ports, engine: () => Promise.resolve(other) })),
        wrong,
      )
    }),
  'the state is damaged': ({ up, down }, wrong) =>
    on('podman', async (machine) => {
      await play(machine, up(1))
      realFiles.truncateSync(join(machine.stateDir, 'playgrounds/dev/state.json'), 40)
      await isHonest(machine, down(false), wrong)
    }),
  'containers do not go': honestUnder(
    true,
    alter('engine', () => ({ removeContainer: failing('remove') })),
  ),
  'volumes do not go': honestUnder(
    true,
    alter('engine', () => ({ removeVolume: failing('remove') })),
  ),
} as const satisfies Record<string, Case>

/** What they are called. */
export type CaseName = keyof typeof cases

/** All of them. */
export const caseNames = Object.keys(cases) as readonly CaseName[]
