/** Journals that a crash or a disk has damaged are read without a guess, and keep nothing from going. */
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { replay } from '../../../src/journal/record.ts'
import { tearDown, tell } from './crash-case.ts'
import { realFiles } from './file-points.ts'
import { expectNone, longTimeout } from './kill-suite.ts'
import { SimMachine } from './sim-machine.ts'
import { play } from './simulation.ts'
import { stories, warmUp } from './stories.ts'
import { extentOf, Tally } from './tally.ts'

beforeAll(warmUp, 60_000)

const extent = extentOf(process.env)
const journalOf = (machine: SimMachine): string =>
  join(machine.stateDir, 'playgrounds', 'dev', 'journal.jsonl')

/** A machine on which `up` was killed in the middle of a creation, with the journal that it left. */
async function crashed(): Promise<{ readonly machine: SimMachine; readonly bytes: Buffer }> {
  const machine = new SimMachine()
  await play(machine, stories['up-two'].verb, {
    at: 150,
    act: (run) => {
      run.die()
      for (const stack of machine.stacks) stack.stop('engine')
    },
  })
  return { machine, bytes: realFiles.readFileSync(journalOf(machine)) }
}

test('[row 6] a journal that is cut at any byte is read up to its last whole record', async () => {
  const tally = new Tally()
  const { machine, bytes } = await crashed()
  machine.close()
  const whole = replay(bytes).records
  expect(whole.length).toBeGreaterThan(3)
  for (let length = 0; length <= bytes.length; length += 1) {
    const { records, soundBytes, condition } = replay(bytes.subarray(0, length))
    tally.runs += 1
    expect(records).toEqual(whole.slice(0, records.length))
    expect(condition).toBe(soundBytes === length ? 'sound' : 'torn')
  }
  tally.points = bytes.length
  tally.report([6], 'cut at every byte', process.env['CRASH_REPORT'])
})

test('[row 6] a bit that flipped anywhere in a journal never makes a record that nobody wrote', async () => {
  const tally = new Tally()
  const { machine, bytes } = await crashed()
  machine.close()
  const whole = replay(bytes).records
  const step = extent.full ? 1 : 7
  for (let bit = extent.seed % step; bit < bytes.length * 8; bit += step) {
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const { records } = replay(flipped)
    tally.runs += 1
    if (JSON.stringify(records) !== JSON.stringify(whole.slice(0, records.length)))
      tell(tally, `bit:${String(bit)}`, 'replay', ['a wrong record'])
  }
  tally.report([6], 'a flipped bit', process.env['CRASH_REPORT'])
  expectNone(tally)
})

test(
  '[row 6] down leaves nothing behind a journal that was cut or damaged',
  { timeout: longTimeout },
  async () => {
    const tally = new Tally()
    const { machine: first, bytes } = await crashed()
    first.close()
    const step = extent.full ? 7 : 97
    for (let length = extent.seed % step; length < bytes.length; length += step) {
      for (const how of ['cut', 'flipped'] as const) {
        const { machine } = await crashed()
        const damaged = Buffer.from(bytes)
        damaged[length] = (damaged[length] ?? 0) ^ 1
        realFiles.writeFileSync(journalOf(machine), how === 'cut' ? bytes.subarray(0, length) : damaged)
        tally.runs += 1
        tell(tally, `journal:${how}:${String(length)}`, how, await tearDown(machine, tally))
        machine.close()
      }
    }
    tally.report([6, 26], 'down behind a damaged journal', process.env['CRASH_REPORT'])
    expectNone(tally)
  },
)
