/** What a crash, a disk or a person took away between two runs, and clocks that are set anew. */
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { kindSource } from '../../../src/sources/kind/index.ts'
import { tearDown, tell, witnessed } from './crash-case.ts'
import { realFiles } from './file-points.ts'
import { casesOf, expectNone, longTimeout } from './kill-suite.ts'
import { SimMachine } from './sim-machine.ts'
import { play, type Verb } from './simulation.ts'
import { describe as told, stories, warmUp, type Story } from './stories.ts'
import { extentOf, sampled, Tally } from './tally.ts'
import { bare, downVerb, upVerb } from './verbs.ts'

beforeAll(warmUp, 60_000)

const extent = extentOf(process.env)
const folder = (machine: SimMachine): string => join(machine.stateDir, 'playgrounds', 'dev')
const state = (machine: SimMachine): string =>
  join(folder(machine), 'pulumi/backend/.pulumi/stacks/play/dev.json')
const gone = (path: string): void => {
  realFiles.rmSync(path, { recursive: true, force: true })
}
const cut = (path: string): void => {
  if (realFiles.existsSync(path)) realFiles.truncateSync(path, Math.floor(realFiles.statSync(path).size / 2))
}

/** What is lost, by name; each is no reason for a leak. */
const losses: Readonly<Record<string, (machine: SimMachine) => void>> = {
  'the Pulumi state is gone': (machine) => {
    gone(state(machine))
  },
  'the Pulumi state is cut short': (machine) => {
    cut(state(machine))
  },
  'everything of Pulumi is gone': (machine) => {
    gone(join(folder(machine), 'pulumi'))
  },
  'the passphrase is gone': (machine) => {
    gone(join(folder(machine), 'pulumi', 'passphrase'))
  },
  'the journal is gone': (machine) => {
    gone(join(folder(machine), 'journal.jsonl'))
  },
  'the journal is cut short': (machine) => {
    cut(join(folder(machine), 'journal.jsonl'))
  },
  'the clock went back a year': (machine) => {
    machine.clock.jump(-365 * 86_400_000)
  },
  'the clock went ahead a year': (machine) => {
    machine.clock.jump(365 * 86_400_000)
  },
}

/** Without these only `--force` goes on. */
const heavy: Readonly<Record<string, (machine: SimMachine) => void>> = {
  'state.json is gone': (machine) => {
    gone(join(folder(machine), 'state.json'))
  },
  'state.json is cut short': (machine) => {
    cut(join(folder(machine), 'state.json'))
  },
}

async function afterKills(
  story: Story,
  name: string,
  loss: (machine: SimMachine) => void,
  verb: Verb<unknown>,
  step: number,
): Promise<Tally> {
  const tally = new Tally()
  const all = (await casesOf(story, 'cli')).filter(({ recovery }) => recovery === 'down')
  const id = name.replaceAll(' ', '-')
  const meant = extent.only === undefined ? sampled(all, extent, 40) : all
  for (const { at, aftermath } of extent.full ? all.filter((_, index) => index % step === 0) : meant) {
    const rerun = `loss:${story.name}:${id}:${String(at)}:${aftermath.replace(' ', '-')}`
    if (extent.only !== undefined && !rerun.startsWith(extent.only)) continue
    const machine = new SimMachine(story.engine)
    await story.prepare(machine)
    let point = ''
    await play(machine, story.verb, {
      at,
      act: (run) => {
        point = run.points.at(-1) ?? ''
        run.die()
        if (aftermath === 'stops') for (const stack of machine.stacks) stack.stop('engine')
      },
    })
    loss(machine)
    if (name in heavy) machine.unprovable = 'network kind'
    tally.runs += 1
    const start = performance.now()
    tell(tally, rerun, point, await tearDown(machine, tally, verb as never))
    tally.took(performance.now() - start)
    machine.close()
  }
  tally.points = all.length
  return tally
}

const rowsOf = (name: string): readonly number[] =>
  name.includes('clock') ? [24] : name.includes('ulumi') || name.includes('passphrase') ? [15] : [6]

for (const [name, loss] of Object.entries(losses)) {
  for (const story of [stories['up-two'], stories.down]) {
    const rows = rowsOf(name)
    test(
      `[row ${String(rows[0])}] ${name} after a kill of ${story.name}: down leaves nothing`,
      { timeout: longTimeout },
      async () => {
        const tally = await afterKills(story, name, loss, downVerb(), 4)
        tally.report([...rows, 26], `${name}, ${story.name}`, process.env['CRASH_REPORT'])
        expectNone(tally)
      },
    )
  }
}

for (const [name, loss] of Object.entries(heavy)) {
  test(
    `[row 15] ${name} after a kill of up: down --force leaves nothing`,
    { timeout: longTimeout },
    async () => {
      const tally = await afterKills(stories['up-two'], name, loss, downVerb({ force: true }), 4)
      tally.report([15, 26], name, process.env['CRASH_REPORT'])
      expectNone(tally)
    },
  )
}

describe('a lost state folder', () => {
  test('[row 25] the cluster is found as an orphan, and goes only when that is asked for', async () => {
    const tally = new Tally()
    const machine = new SimMachine()
    await play(machine, upVerb(bare))
    gone(machine.stateDir)
    const orphans: Verb<string[]> = async (ports, { signal }) => {
      const states = await ports.states()
      const found = await kindSource.orphans(ports, (each) => states.isThere(each), signal)
      return found.map(({ name }) => name)
    }
    const { ended } = await play(machine, orphans)
    expect(ended).toEqual({ is: 'succeeded', value: ['dev'] })
    expect(machine.engine.containers.size).toBe(1)
    tally.runs += 1
    // By its name it goes as well, all but the network, of which only the state told whose it is.
    machine.unprovable = 'network kind'
    tell(tally, 'lost-state-folder', 'end', await tearDown(machine, tally))
    expectNone(tally)
    tally.report([25, 26], 'a lost state folder', process.env['CRASH_REPORT'])
    machine.close()
  })
})

test('[row 20] down is idempotent, also for a name that never was', async () => {
  const tally = new Tally()
  const machine = new SimMachine()
  const first = await play(machine, downVerb())
  expect(told(first.ended)).toBe('succeeded')
  expect(witnessed(machine)).toEqual([])
  expect(realFiles.existsSync(join(machine.stateDir, 'certificates'))).toBe(false)
  await play(machine, upVerb(bare))
  for (let round = 0; round < 5; round += 1) {
    tally.runs += 1
    tell(tally, `idempotent:${String(round)}`, 'end', await tearDown(machine, tally))
  }
  expect(realFiles.readdirSync(join(machine.stateDir, 'certificates'))).toHaveLength(1)
  machine.close()
  tally.report([20, 26], 'down five times', process.env['CRASH_REPORT'])
  expectNone(tally)
})
