/** What is killed: each verb on a machine that was prepared for it, and the command that goes on afterwards. */
import { SimClock } from './sim-clock.ts'
import { SimMachine } from './sim-machine.ts'
import { play, type Ended, type Verb } from './simulation.ts'
import { addVerb, bare, demoVerb, downVerb, upVerb } from './verbs.ts'

/** One verb in its setting; the playground is `dev`. */
export interface Story {
  readonly name: string
  readonly engine: 'docker' | 'podman'
  readonly nodes: number
  readonly prepare: (machine: SimMachine) => Promise<void>
  readonly verb: Verb<unknown>
  /** Goes on after a crash. */
  readonly again: Verb<unknown>
  /** The `up` that must find nothing to do once all is there. */
  readonly up: Verb<unknown>
}

async function succeed(machine: SimMachine, verb: Verb<unknown>): Promise<void> {
  const { ended } = await play(machine, verb)
  if (ended.is !== 'succeeded') throw new Error(`the stage could not be set: ${describe(ended)}`)
}

/** An end in words. */
export function describe(ended: Ended<unknown>): string {
  if (ended.is !== 'failed') return ended.is
  const { id, details } = ended.error as Error & { id?: string; details?: readonly string[] }
  return [id ?? ended.error.stack ?? '', ended.error.message, ...(details ?? [])].join(' | ').slice(0, 600)
}

const up = upVerb()
/** Few components show as much as many, in a tenth of the time. */
const small = upVerb({ without: bare.without?.filter((id) => id !== 'argo-workflows') ?? [] })
const plain = upVerb(bare)
const two = upVerb({ ...bare, nodes: 2 })
const base = { engine: 'podman', nodes: 1, up: plain } as const
const nothing = (): Promise<void> => Promise.resolve()

async function withWorkflows(machine: SimMachine): Promise<void> {
  await succeed(machine, plain)
  await succeed(machine, addVerb('argo-workflows'))
  machine.playHello('play-dev')
}

/** All of them. */
export const stories = {
  up: { ...base, name: 'up', prepare: nothing, verb: small, again: small, up: small },
  platform: { ...base, name: 'platform', prepare: nothing, verb: up, again: up, up },
  'up-two': {
    ...base,
    name: 'up-two',
    engine: 'docker',
    nodes: 2,
    prepare: nothing,
    verb: two,
    again: two,
    up: two,
  },
  down: {
    ...base,
    name: 'down',
    prepare: (machine) => succeed(machine, plain),
    verb: downVerb(),
    again: plain,
  },
  force: {
    ...{ ...base, name: 'force', prepare: (machine) => succeed(machine, plain), again: plain },
    verb: downVerb({ force: true }),
  },
  component: {
    ...{ ...base, name: 'component', prepare: (machine) => succeed(machine, plain) },
    // What a killed one leaves is an `up` that did not end: that one goes on, with the component.
    ...{ verb: addVerb('argo-workflows'), again: up, up },
  },
  demo: { ...base, name: 'demo', prepare: withWorkflows, verb: demoVerb, again: demoVerb, up },
} as const satisfies Record<string, Story>

/** Loads everything that is loaded on first use, so that points come in the same order each time. */
export async function warmUp(): Promise<void> {
  const patience = SimClock.patienceMs
  await import('@pulumi/pulumi')
  SimClock.patienceMs = 30
  for (let round = 0; round < 2; round += 1) {
    const machine = new SimMachine()
    await withWorkflows(machine)
    for (const verb of [demoVerb, downVerb(), up, downVerb()]) await succeed(machine, verb)
    machine.close()
  }
  SimClock.patienceMs = patience
}
