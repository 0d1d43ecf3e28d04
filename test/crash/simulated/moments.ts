/** Kills at a time instead of at a point: after so many turns of the event loop, or so many virtual milliseconds. */
import type { Dice } from './dice.ts'
import { drive, turn } from './sim-clock.ts'
import type { SimMachine } from './sim-machine.ts'
import type { SimulatedRun } from './simulated-run.ts'
import { start, type Ended, type RunSettings, type Verb } from './simulation.ts'
import type { Story } from './stories.ts'

/** Since the start. Turns in which nothing happens do not count, so that the same number is the same moment each time. */
export interface Moment {
  readonly unit: 'turns' | 'ms'
  readonly count: number
}

/** How long a run takes that nobody disturbs. */
export interface Length {
  readonly turns: number
  readonly ms: number
}

/** A moment within it. */
export function momentIn(length: Length, roll: Dice): Moment {
  const unit = roll(2) === 1 ? 'turns' : 'ms'
  return { unit, count: roll(Math.max(1, length[unit])) }
}

/** Runs `verb` to its end; `act` happens at that moment, if it is still at work then. */
export async function playUntil<T>(
  machine: SimMachine,
  verb: Verb<T>,
  moment: Moment,
  act: (run: SimulatedRun) => void,
  settings: RunSettings = {},
): Promise<{ readonly run: SimulatedRun; readonly ended: Ended<T>; readonly turns: number }> {
  const { run, end } = start(machine, verb, settings)
  const over = new AbortController()
  const ended = end.finally(() => {
    over.abort()
  })
  const struck = reach(machine, moment, over.signal).then((turns) => {
    if (!over.signal.aborted) act(run)
    return turns
  })
  return { run, ended: await drive(machine.clock, ended), turns: await struck }
}

/** Answers the turns so far, at that moment or when `over` aborts. */
async function reach({ clock }: SimMachine, { unit, count }: Moment, over: AbortSignal): Promise<number> {
  if (unit === 'ms') await clock.sleep(count, over).catch(() => undefined)
  let turns = 0
  for (let seen = clock.activity; unit === 'turns' && turns < count && !over.aborted; seen = clock.activity) {
    await turn()
    if (clock.activity !== seen) turns += 1
  }
  return turns
}

/** Measures it once. */
export async function lengthOf(machine: SimMachine, { verb, prepare }: Story): Promise<Length> {
  await prepare(machine)
  const from = machine.clock.now()
  const { turns } = await playUntil(machine, verb, { unit: 'turns', count: Infinity }, () => undefined)
  return { turns, ms: machine.clock.now() - from }
}
