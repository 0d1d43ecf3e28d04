/** One crash: who dies at which point, what goes on afterwards, and what is true in the end. */
import { join } from 'node:path'
import { leftovers, verdicts } from '../witness.ts'
import { drive } from './sim-clock.ts'
import { formerKubeconfig, SimMachine } from './sim-machine.ts'
import type { Actor, Aftermath } from './sim-stack.ts'
import type { SimulatedRun } from './simulated-run.ts'
import { play } from './simulation.ts'
import { describe, type Story } from './stories.ts'
import type { Tally } from './tally.ts'
import { downVerb } from './verbs.ts'

/** What is done after the crash. */
export type Recovery = 'down' | 'resume'

/** Everything that tells one case from another. */
export interface CrashCase {
  readonly story: Story
  readonly actor: Actor
  /** Number of the point, from 1. */
  readonly at: number
  readonly aftermath: Aftermath
  readonly recovery: Recovery
}

/** How `CRASH_ONLY` names it. */
function nameOf({ story, actor, at, aftermath, recovery }: CrashCase): string {
  return [story.name, actor, String(at), aftermath.replace(' ', '-'), recovery].join(':')
}

/** Lets `actor` die, as one that does not come back from kill -9. */
export function kill(machine: SimMachine, run: SimulatedRun, actor: Actor, aftermath: Aftermath): void {
  if (actor === 'cli') run.die()
  if (actor === 'cli' && aftermath === 'goes on') return
  const spare = actor !== 'cli' && aftermath === 'goes on' ? 1 : 0
  for (const stack of machine.stacks) stack.stop(actor === 'plug-in' ? 'plug-in' : 'engine', spare)
}

/** Runs the case; violations go into the tally. */
export async function runCase(crash: CrashCase, tally: Tally): Promise<void> {
  const { story, actor, at, aftermath, recovery } = crash
  const machine = new SimMachine(story.engine)
  let name = ''
  try {
    await story.prepare(machine)
    const act = (run: SimulatedRun): void => {
      name = run.points.at(-1) ?? ''
      kill(machine, run, actor, aftermath)
    }
    const { ended } = await play(machine, story.verb, { at, act })
    tally.runs += 1
    const wrong: string[] = []
    if (ended.is === 'succeeded' && story.name === 'down') wrong.push(...look(machine, tally))
    wrong.push(...(await mend(machine, story, recovery, tally)))
    tell(tally, nameOf(crash), name, wrong)
  } catch (error) {
    tell(tally, nameOf(crash), name, [`the harness: ${(error as Error).stack ?? ''}`])
  } finally {
    machine.close()
  }
}

/** What a person does after a crash, down to the machine as it was before; answers what went wrong. */
export async function mend(
  machine: SimMachine,
  story: Story,
  recovery: Recovery,
  tally: Tally,
): Promise<readonly string[]> {
  const start = performance.now()
  const first = recovery === 'resume' ? await resume(machine, story, tally) : await tearDown(machine, tally)
  tally.took(performance.now() - start)
  return recovery === 'resume' ? [...first, ...(await tearDown(machine, tally))] : first
}

/** Keeps what went wrong, with the line that runs it again. */
export function tell(tally: Tally, name: string, point: string, wrong: readonly string[]): void {
  for (const words of wrong)
    tally.violations.push(`${words}\n    at "${point}"; again: CRASH_ONLY=${name} vitest run --project crash`)
}

/** `down` in a process of its own must end well, and nothing may be there or come later. */
export async function tearDown(
  machine: SimMachine,
  tally: Tally,
  verb = downVerb(),
): Promise<readonly string[]> {
  const { ended } = await play(machine, verb)
  if (ended.is !== 'succeeded') {
    tally.leftovers += 1
    return [`down: ${describe(ended)}; truth: ${witnessed(machine).join('; ')}`]
  }
  const found = look(machine, tally)
  if (found.length > 0) return found
  // Whatever still works somewhere gets the time to leave something behind.
  if (machine.stacks.size + machine.processes.size === 0) return []
  await drive(machine.clock, machine.clock.sleep(120_000, new AbortController().signal))
  return look(machine, tally).map((words) => `later: ${words}`)
}

/** What the independent look finds after a `down` with exit code 0. */
export function look(machine: SimMachine, tally: Tally): readonly string[] {
  const found = witnessed(machine)
  tally.compared += 1
  tally.leftovers += found.length
  if (found.length === 0) return []
  tally.falseEmpty += 1
  return [`down ended with exit code 0, and there is: ${found.join('; ')}`]
}

/** Everything that is left of play on that machine. */
export function witnessed(machine: SimMachine): readonly string[] {
  const { engine, processes, stateDir, home, unprovable } = machine
  const found = leftovers({
    containers: [...engine.containers.values()].map(({ name }) => name),
    volumes: engine.volumes.keys(),
    networks: engine.networks,
    processes: [...processes.values()].map(({ command }) => command),
    ...{ stateDir, kubeFolder: join(home, '.kube'), kubeconfig: formerKubeconfig },
  })
  return found.filter((words) => words !== unprovable)
}

/** A certificate that says `empty` although something is there. */
export function falseCertificates(machine: SimMachine): readonly string[] {
  const found = witnessed(machine)
  return found.length > 0 && verdicts(machine.stateDir).at(-1) === 'empty' ? found : []
}

/** The same verb again must get there, and `up` must then find nothing to do. */
async function resume(machine: SimMachine, story: Story, tally: Tally): Promise<readonly string[]> {
  tally.resumed += 1
  const again = await play(machine, story.again)
  if (again.ended.is !== 'succeeded') return [`resuming: ${describe(again.ended)}`]
  const broken = machine.brokenness('play-dev', story.nodes)
  if (broken !== undefined) return [`resuming: the cluster is not whole: ${broken}`]
  const { ended } = await play(machine, story.up)
  if (ended.is !== 'succeeded') return [`up after resuming: ${describe(ended)}`]
  const { changed } = ended.value as { changed?: readonly string[] }
  if (changed?.length !== 0) return [`up after resuming still changes ${String(changed)}`]
  tally.converged += 1
  return []
}
