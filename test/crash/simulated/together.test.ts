/** Several processes at once: one name has one writer, and different names do not know of each other. */
import { beforeAll, expect, test } from 'vitest'
import { tearDown, tell, witnessed } from './crash-case.ts'
import { expectNone, longTimeout } from './kill-suite.ts'
import { drive } from './sim-clock.ts'
import { SimMachine } from './sim-machine.ts'
import { play, start } from './simulation.ts'
import { describe as told, warmUp } from './stories.ts'
import { extentOf, Tally } from './tally.ts'
import { bare, downVerb, upVerb } from './verbs.ts'

beforeAll(warmUp, 60_000)

const extent = extentOf(process.env)
const rounds = extent.full ? 100 : 4

test(
  '[row 21] of two ups of one name one makes the cluster and the other says who does',
  { timeout: longTimeout },
  async () => {
    const tally = new Tally()
    for (let round = 0; round < rounds; round += 1) {
      const machine = new SimMachine()
      const both = [upVerb(bare), upVerb(bare)].map((verb) => start(machine, verb, { lives: true }).end)
      const ends = (await drive(machine.clock, Promise.all(both))).map(told).sort()
      const wrong = [...(ends[1] === 'succeeded' && ends[0]?.startsWith('STATE_LOCKED') === true ? [] : ends)]
      const broken = machine.brokenness('play-dev', 1)
      if (broken !== undefined) wrong.push(broken)
      tally.runs += 2
      tell(tally, `two:${String(round)}`, '', [...wrong, ...(await tearDown(machine, tally))])
      machine.close()
    }
    tally.report([21, 26], 'two ups of one name', process.env['CRASH_REPORT'])
    expectNone(tally)
  },
)

test(
  '[row 21] whoever comes while one works is refused, and after it was killed the next goes on',
  { timeout: longTimeout },
  async () => {
    const tally = new Tally()
    const step = extent.full ? 2 : 40
    for (let at = 12; at < 160; at += step) {
      const machine = new SimMachine()
      const first = start(machine, upVerb(bare), {
        lives: true,
        at,
        act: (run) => {
          run.die()
        },
      })
      await drive(machine.clock, first.end)
      const refused = await play(machine, upVerb(bare), { lives: true })
      const wrong = told(refused.ended).startsWith('STATE_LOCKED')
        ? []
        : [`not refused: ${told(refused.ended)}`]
      const next = await play(machine, upVerb(bare))
      tally.runs += 3
      tally.resumed += 1
      if (next.ended.is === 'succeeded' && machine.brokenness('play-dev', 1) === undefined)
        tally.converged += 1
      else wrong.push(`the next: ${told(next.ended)}, ${machine.brokenness('play-dev', 1) ?? ''}`)
      tell(tally, `taken:${String(at)}`, first.run.points.at(-1) ?? '', [
        ...wrong,
        ...(await tearDown(machine, tally)),
      ])
      machine.close()
    }
    tally.report([21, 26], 'a lock that lives, then its take-over', process.env['CRASH_REPORT'])
    expectNone(tally)
  },
)

test('[row 21] ten names at once all come up, and all go at once', { timeout: longTimeout }, async () => {
  const tally = new Tally()
  const names = Array.from({ length: 10 }, (_, index) => `lab-${String(index)}`)
  for (let round = 0; round < Math.ceil(rounds / 10); round += 1) {
    const machine = new SimMachine()
    const ups = names.map((name) => start(machine, upVerb({ ...bare, name }), { lives: true }).end)
    const ends = (await drive(machine.clock, Promise.all(ups))).map(told)
    expect(ends).toEqual(names.map(() => 'succeeded'))
    for (const name of names) expect(machine.brokenness(`play-${name}`, 1)).toBeUndefined()
    const downs = names.map((name) => start(machine, downVerb({ name }), { lives: true }).end)
    const gone = (await drive(machine.clock, Promise.all(downs))).map(told)
    expect(gone).toEqual(names.map(() => 'succeeded'))
    // The first of them made the shared network; with others beside it, it is none of their business.
    expect(witnessed(machine).filter((words) => words !== 'network kind')).toEqual([])
    tally.runs += 20
    tally.compared += 10
    machine.close()
  }
  tally.report([21, 26], 'ten names at once', process.env['CRASH_REPORT'])
})
