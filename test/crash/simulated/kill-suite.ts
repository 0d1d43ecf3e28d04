/** Kills at every point of one verb, or at a sample of them. */
import { beforeAll, expect, test } from 'vitest'
import { runCase, type CrashCase } from './crash-case.ts'
import { SimMachine } from './sim-machine.ts'
import type { Actor } from './sim-stack.ts'
import { play } from './simulation.ts'
import { describe as told, warmUp, type Story } from './stories.ts'
import { extentOf, sampled, Tally } from './tally.ts'

const extent = extentOf(process.env)

/** How long all points of a verb may take. */
export const longTimeout = 600_000

/** The points of a run that nobody disturbs. */
export async function pointsOf(
  story: Story,
): Promise<{ readonly points: readonly string[]; readonly withStack: readonly boolean[] }> {
  const machine = new SimMachine(story.engine)
  await story.prepare(machine)
  const { run, ended } = await play(machine, story.verb)
  machine.close()
  if (ended.is !== 'succeeded') throw new Error(`${story.name} fails by itself: ${told(ended)}`)
  return run
}

/** Every case of the actor: a plug-in or an engine can only be killed where there is one. */
export async function casesOf(story: Story, actor: Actor): Promise<readonly CrashCase[]> {
  const { withStack } = await pointsOf(story)
  return withStack.flatMap((works, index): CrashCase[] => {
    if (actor !== 'cli' && !works) return []
    const aftermaths = works ? (['goes on', 'stops'] as const) : (['stops'] as const)
    const at = index + 1
    return aftermaths.flatMap((aftermath) =>
      (['down', 'resume'] as const).map((recovery) => ({ story, actor, at, aftermath, recovery })),
    )
  })
}

function isMeant({ story, actor, at, aftermath, recovery }: CrashCase): boolean {
  const wanted = extent.only?.split(':') ?? []
  const own = [story.name, actor, String(at), aftermath.replace(' ', '-'), recovery]
  return wanted.every((part, index) => part === own[index])
}

/** The tests of one verb; of a long one only every `thin`-th case is run. */
export function killSuite(story: Story, actors: readonly Actor[], rows: readonly number[], thin = 1): void {
  beforeAll(warmUp, 60_000)
  const marks = rows.map((row) => `[row ${String(row)}]`).join(' ')
  for (const actor of actors) {
    const name = `${marks} a kill of the ${actor} at any point of ${story.name} leaves nothing that down or a second try cannot mend`
    test(name, { timeout: longTimeout }, async () => {
      const all = await casesOf(story, actor)
      const tally = new Tally()
      const chosen = extent.only === undefined ? sampled(thinned(all, thin), extent) : all.filter(isMeant)
      for (const crash of chosen) await runCase(crash, tally)
      tally.points = new Set(chosen.map(({ at }) => at)).size
      tally.report(rows, `${story.name}, ${actor}`, process.env['CRASH_REPORT'])
      expectNone(tally)
    })
  }
}

/** Neighbours differ in what is done afterwards, so an even step would leave some of that out for good. */
function thinned<T>(cases: readonly T[], step: number): readonly T[] {
  return cases.filter((_, index) => index % step === 0)
}

/** Fails with the first violation of each kind, and how many there were. */
export function expectNone({ violations }: Tally): void {
  const kinds = new Map<string, string[]>()
  for (const words of violations) {
    const kind = words.slice(0, 200).replaceAll(/[0-9a-f]{12,16}|\d+/g, '#')
    kinds.set(kind, [...(kinds.get(kind) ?? []), words])
  }
  const shown = [...kinds.values()].map((same) => `${String(same.length)} x ${same[0] ?? ''}`)
  expect(shown.slice(0, 20)).toEqual([])
}
