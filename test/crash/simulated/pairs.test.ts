/** Two kills of `down`, one after the other: the second run dies as well. */
import { beforeAll, test } from 'vitest'
import { tearDown, tell } from './crash-case.ts'
import { dice } from './dice.ts'
import { expectNone, longTimeout, pointsOf } from './kill-suite.ts'
import { SimMachine } from './sim-machine.ts'
import type { SimulatedRun } from './simulated-run.ts'
import { play } from './simulation.ts'
import { stories, warmUp } from './stories.ts'
import { extentOf, Tally } from './tally.ts'
import { downVerb } from './verbs.ts'

beforeAll(warmUp, 60_000)

const extent = extentOf(process.env)

async function killed(machine: SimMachine, at: number): Promise<string> {
  let name = 'not reached'
  const act = (run: SimulatedRun): void => {
    name = run.points.at(-1) ?? ''
    run.die()
  }
  await play(machine, downVerb(), { at, act })
  return name
}

test('[row 2] two or three kills of down at any points leave nothing', { timeout: longTimeout }, async () => {
  const tally = new Tally()
  const { points } = await pointsOf(stories.down)
  const roll = dice(extent.seed)
  const chosen =
    extent.only === undefined
      ? Array.from({ length: extent.full ? 1000 : 15 }, (_, index) =>
          Array.from({ length: index % 5 === 0 ? 3 : 2 }, () => roll(points.length)),
        )
      : extent.only.startsWith('pair:')
        ? [extent.only.slice('pair:'.length).split('+').map(Number)]
        : []
  for (const pair of chosen) {
    const machine = new SimMachine()
    await stories.down.prepare(machine)
    const names: string[] = []
    for (const at of pair) names.push(await killed(machine, at))
    tally.runs += pair.length
    const start = performance.now()
    const wrong = await tearDown(machine, tally)
    tally.took(performance.now() - start)
    tell(tally, `pair:${pair.join('+')}`, names.join('" and "'), wrong)
    machine.close()
  }
  tally.points = points.length
  tally.report([2, 26], 'pairs and triples of kills of down', process.env['CRASH_REPORT'])
  expectNone(tally)
})

test(
  '[row 1] a kill of up and then of the down that follows leave nothing',
  { timeout: longTimeout },
  async () => {
    const tally = new Tally()
    const { points } = await pointsOf(stories['up-two'])
    const roll = dice(extent.seed + 1)
    const count = extent.only !== undefined ? 0 : extent.full ? 400 : 8
    for (let round = 0; round < count; round += 1) {
      const machine = new SimMachine('docker')
      const [first, second] = [roll(points.length), roll(120)]
      const name = { up: '' }
      await play(machine, stories['up-two'].verb, {
        at: first,
        act: (run) => {
          name.up = run.points.at(-1) ?? ''
          run.die()
        },
      })
      const then = await killed(machine, second)
      tally.runs += 2
      tell(
        tally,
        `updown:${String(first)}+${String(second)}`,
        `${name.up}" and "${then}`,
        await tearDown(machine, tally),
      )
      machine.close()
    }
    tally.report([1, 26], 'a kill of up, then of down', process.env['CRASH_REPORT'])
    expectNone(tally)
  },
)
