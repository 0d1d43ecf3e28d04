/** Kills at random times, how long `down` may take at most whatever fails, and all of it mixed for a while. */
import { beforeAll, test } from 'vitest'
import { falseCertificates, kill, look, mend, tearDown, tell, type Recovery } from './crash-case.ts'
import { pick, rounds, type Dice } from './dice.ts'
import { expectNone, longTimeout } from './kill-suite.ts'
import { lengthOf, momentIn, playUntil, type Length } from './moments.ts'
import { SimMachine } from './sim-machine.ts'
import type { Actor, Aftermath } from './sim-stack.ts'
import { play } from './simulation.ts'
import { live } from './soak-life.ts'
import { describe as told, stories, warmUp, type Story } from './stories.ts'
import { extentOf, Tally } from './tally.ts'
import { calm, troubles, type Trouble } from './troubles.ts'
import { downVerb } from './verbs.ts'

const extent = extentOf(process.env)
const chosen: readonly [Story, ...Story[]] = [
  ...([stories['up-two'], stories.down, stories.force, stories.up, stories.component] as const),
]
const lengths = new Map<Story, Length>()

beforeAll(async () => {
  await warmUp()
  for (const story of chosen) {
    const machine = new SimMachine(story.engine)
    lengths.set(story, await lengthOf(machine, story))
    machine.close()
  }
}, 60_000)

/** Lets somebody die at some time in some story; answers when. */
async function killAtRandom(machine: SimMachine, story: Story, roll: Dice): Promise<string> {
  await story.prepare(machine)
  const moment = momentIn(lengths.get(story) ?? { turns: 1, ms: 1 }, roll)
  let actor = pick<Actor>(roll, ['cli', 'cli', 'engine', 'plug-in'])
  const aftermath = pick<Aftermath>(roll, ['goes on', 'stops'])
  const { run } = await playUntil(machine, story.verb, moment, (its) => {
    // Where nothing else is at work, only the CLI can be killed.
    if (machine.stacks.size === 0) actor = 'cli'
    kill(machine, its, actor, aftermath)
  })
  const when = `${String(moment.count)} ${moment.unit}, at "${run.points.at(-1) ?? ''}"`
  return `${actor} of ${story.name} (${aftermath}) after ${when}`
}

test(
  '[row 3] a kill at any time leaves nothing that down or a second try cannot mend',
  {
    timeout: longTimeout,
  },
  async () => {
    const tally = new Tally()
    for (const { name, roll } of rounds('random', extent, 50, 800)) {
      const story = pick(roll, chosen)
      const recovery = pick<Recovery>(roll, ['down', 'resume'])
      const machine = new SimMachine(story.engine)
      const when = await killAtRandom(machine, story, roll)
      tally.runs += 1
      tell(tally, name, when, await mend(machine, story, recovery, tally))
      machine.close()
    }
    tally.report([3, 26], 'kills at random times', process.env['CRASH_REPORT'])
    expectNone(tally)
  },
)

/** The default of `play down --timeout`. */
const timeoutMs = 600_000
const limitMs = 30 * 60_000

/** A `down` in trouble ends in time, in order or with an error of play, and never with a false word on emptiness. */
async function troubled(machine: SimMachine, trouble: Trouble, roll: Dice, tally: Tally): Promise<string[]> {
  const { verb, settings } = trouble(machine, downVerb({ timeoutMs }), roll)
  const from = machine.clock.now()
  const { ended } = await play(machine, verb, settings)
  const ms = machine.clock.now() - from
  const wrong = ms <= limitMs ? [] : [`down took ${String(Math.round(ms / 60_000))} minutes`]
  if (ended.is === 'failed' && !('id' in ended.error)) wrong.push(`no error of play: ${told(ended)}`)
  if (ended.is === 'succeeded') return [...wrong, ...look(machine, tally)]
  tally.compared += 1
  const lies = falseCertificates(machine).filter((words) => !words.endsWith('/.dev.lock'))
  if (lies.length === 0) return wrong
  tally.falseEmpty += 1
  return [...wrong, `a certificate says empty, and there is: ${lies.join('; ')}`]
}

test(
  '[row 29] down ends within half an hour of virtual time, whatever was killed before and whatever fails now',
  { timeout: longTimeout },
  async () => {
    const tally = new Tally()
    const names = Object.keys(troubles) as (keyof typeof troubles)[]
    let longest = 0
    for (const { name, roll } of rounds('bounded', extent, 16, 200)) {
      const story = pick<Story>(roll, [stories['up-two'], stories.down])
      const machine = new SimMachine(story.engine)
      const when = await killAtRandom(machine, story, roll)
      const which = names[roll(names.length) - 1] ?? 'Pulumi hangs'
      const from = machine.clock.now()
      const wrong = await troubled(machine, troubles[which], roll, tally)
      longest = Math.max(longest, machine.clock.now() - from)
      calm(machine)
      tally.runs += 1
      tell(tally, name, `${when}; ${which}`, [...wrong, ...(await tearDown(machine, tally))])
      machine.close()
    }
    tally.report([29, 26], `down in trouble, at most ${inMinutes(longest)}`, process.env['CRASH_REPORT'])
    expectNone(tally)
  },
)

function inMinutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} virtual minutes`
}

test(
  '[row 49] a soak of random operations, faults and kills shows nothing that should not be',
  {
    timeout: longTimeout,
  },
  async () => {
    const tally = new Tally()
    for (const { name, roll } of rounds('soak', extent, 12, 250)) {
      const { wrong, story } = await live(roll, tally)
      tell(tally, name, story.join('; '), wrong)
    }
    tally.report([49, 26], 'random operations, faults and kills', process.env['CRASH_REPORT'])
    expectNone(tally)
  },
)
