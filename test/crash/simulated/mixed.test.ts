/** Different verbs for one name by many processes at once, and the same again and again: one order explains what is there, and nothing grows. */
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { look, tearDown, tell, witnessed } from './crash-case.ts'
import { pick, rounds, type Dice } from './dice.ts'
import { realFiles } from './file-points.ts'
import { expectNone, longTimeout } from './kill-suite.ts'
import { drive } from './sim-clock.ts'
import { SimMachine } from './sim-machine.ts'
import { play, start, type Ended, type Verb } from './simulation.ts'
import { describe as told, warmUp } from './stories.ts'
import { extentOf, Tally } from './tally.ts'
import { addVerb, bare, downVerb, upVerb } from './verbs.ts'

beforeAll(warmUp, 60_000)

const extent = extentOf(process.env)
const component = 'argo-workflows'
const verbs = { up: upVerb(bare), down: downVerb(), add: addVerb(component) } as const
type Name = keyof typeof verbs

/** A process of the crowd, and how it went. */
interface Member {
  readonly name: Name
  readonly startedAt: number
  readonly endedAt: number
  readonly ended: Ended<unknown>
}

/** What a process may say that came at a bad time. */
const clear = ['STATE_LOCKED', 'PLAYGROUND_NOT_FOUND', 'PLAYGROUND_NOT_READY', 'SPEC_CHANGED']

/** Starts one after a while, and kills some of them, with or without what they had started. */
async function member(machine: SimMachine, name: Name, roll: Dice, count: () => number): Promise<Member> {
  const [wait, isKilled, at, stops] = [roll(25_000), roll(4) === 1, roll(200), roll(2) === 1]
  await machine.clock.sleep(wait, new AbortController().signal)
  const startedAt = count()
  const { end } = start<unknown>(machine, verbs[name], {
    apart: true,
    ...(isKilled ? { at } : {}),
    act: (run) => {
      run.die()
      for (const stack of machine.stacks) if (stops && stack.run === run) stack.stop('engine')
    },
  })
  const ended = await end
  return { name, startedAt, endedAt: count(), ended }
}

/** Those who had the lock worked one after the other, so the last of them says what must be there. */
function against(machine: SimMachine, crowd: readonly Member[]): readonly string[] {
  const wrong = crowd.flatMap(({ name, ended }) =>
    ended.is === 'failed' && !clear.some((id) => told(ended).startsWith(id))
      ? [`${name}: ${told(ended)}`]
      : [],
  )
  const done = crowd.filter(({ ended }) => ended.is === 'succeeded')
  const last = done.sort((one, other) => one.endedAt - other.endedAt).at(-1)
  // Nobody knows how far one came that was killed after that one had begun.
  if (last === undefined) return wrong
  if (crowd.some(({ ended, endedAt }) => ended.is === 'dead' && endedAt > last.startedAt)) return wrong
  if (last.name !== 'down') return [...wrong, ...standing(machine, last.name)]
  const left = witnessed(machine)
  return left.length === 0 ? wrong : [...wrong, `the last was a down, and there is: ${left.join('; ')}`]
}

function standing(machine: SimMachine, name: Name): readonly string[] {
  const broken = machine.brokenness('play-dev', 1)
  const path = join(machine.stateDir, 'playgrounds/dev/state.json')
  const state = JSON.parse(realFiles.readFileSync(path, 'utf8')) as {
    readonly phase: string
    readonly spec: { readonly components: readonly string[] }
  }
  return [
    ...(broken === undefined ? [] : [`the last was ${name}, and the cluster is not whole: ${broken}`]),
    ...(state.phase === 'ready' ? [] : [`the last was ${name}, and the state says ${state.phase}`]),
    ...(name === 'add' && !state.spec.components.includes(component) ? ['the component is not there'] : []),
  ]
}

test(
  '[row 22] up, down and component add of one name at once, some of them killed: one order explains what is there',
  { timeout: longTimeout },
  async () => {
    const tally = new Tally()
    let refused = 0
    for (const { name, roll } of rounds('mixed', extent, 10, 300)) {
      const machine = new SimMachine()
      if (roll(2) === 1) await play(machine, verbs.up)
      let events = 0
      const count = (): number => (events += 1)
      const names = Array.from({ length: 2 + roll(8) }, () =>
        pick<Name>(roll, ['up', 'up', 'down', 'down', 'add']),
      )
      const crowd = await drive(
        machine.clock,
        Promise.all(names.map((each) => member(machine, each, roll, count))),
      )
      const ends = crowd.map((each) => `${each.name}: ${told(each.ended).split(' ')[0] ?? ''}`)
      tally.runs += crowd.length
      refused += crowd.filter(({ ended }) => told(ended).startsWith('STATE_LOCKED')).length
      const wrong = against(machine, crowd)
      tell(tally, name, ends.join(', '), [...wrong, ...(await tearDown(machine, tally))])
      machine.close()
    }
    tally.report([22, 26], 'up, down and component add at once', process.env['CRASH_REPORT'])
    expectNone(tally)
    if (extent.only === undefined) expect(refused).toBeGreaterThan(0)
  },
)

/** Everything that could pile up. */
function size(machine: SimMachine): Readonly<Record<string, number>> {
  const files = realFiles.readdirSync(machine.root, { recursive: true }).map(String)
  const certificates = files.filter((file) => file.startsWith('state/certificates/'))
  return {
    files: files.length - certificates.length,
    descriptors: realFiles.readdirSync('/proc/self/fd').length,
    processes: machine.processes.size,
    stacks: machine.stacks.size,
    sleepers: machine.clock.sleeping,
    certificates: certificates.length,
  }
}

const cyclic: Verb<unknown>[] = [upVerb(bare), downVerb()]

test('[row 23] nothing grows with playgrounds that come and go', { timeout: longTimeout }, async () => {
  const tally = new Tally()
  const machine = new SimMachine()
  const sizes: Readonly<Record<string, number>>[] = []
  for (const { name } of rounds('cycle', extent, 20, 300)) {
    const wrong: string[] = []
    for (const verb of cyclic) {
      const { run, ended } = await play(machine, verb)
      if (ended.is !== 'succeeded') wrong.push(told(ended))
      if (run.leftOpen > 0) wrong.push(`${String(run.leftOpen)} files are left open`)
    }
    tally.runs += 1
    tell(tally, name, 'end', [...wrong, ...look(machine, tally)])
    sizes.push(size(machine))
  }
  machine.close()
  const [once] = sizes
  for (const { certificates = 0, ...others } of sizes) {
    expect(certificates).toBeLessThanOrEqual(20)
    expect({ ...others, certificates: once?.['certificates'] }).toEqual(once)
  }
  tally.report([23, 26], 'playgrounds that come and go', process.env['CRASH_REPORT'])
  expectNone(tally)
})
