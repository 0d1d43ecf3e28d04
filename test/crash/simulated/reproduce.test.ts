/** A failure is seen again: the seed chooses the same crashes, and the line that a violation prints runs into the same one. */
import { beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../../fakes/seeded.ts'
import { againLine } from '../real/campaign.ts'
import { drawTrials, formatTrial, parseTrial, type Counts } from '../real/trial.ts'
import { runCase, type CrashCase } from './crash-case.ts'
import { casesOf, pointsOf } from './kill-suite.ts'
import type { SimMachine } from './sim-machine.ts'
import { stories, warmUp, type Story } from './stories.ts'
import { sampled, Tally } from './tally.ts'

describe('[row 52] simulated crashes', () => {
  beforeAll(warmUp, 60_000)

  /** A play with a bug: it takes the network for removed because the engine said so. */
  const broken: Story = {
    ...stories.up,
    prepare: (machine: SimMachine) => {
      machine.engine.removeNetwork = () => Promise.resolve(true)
      return Promise.resolve()
    },
  }

  /** Goes through what the seed chooses up to the first violation. */
  async function firstViolation(seed: number): Promise<{ readonly tried: number; readonly words: string }> {
    const tally = new Tally()
    // A second try always makes a network, so that the choice would not matter.
    const all = (await casesOf(broken, 'cli')).filter(({ recovery }) => recovery === 'down')
    for (const crash of sampled(all, { full: false, only: undefined, seed })) {
      await runCase(crash, tally)
      if (tally.violations[0] !== undefined) return { tried: tally.runs, words: stable(tally.violations[0]) }
    }
    throw new Error('the bug was not found')
  }

  /** Names of temporary files are drawn by lot. */
  function stable(words: string): string {
    return words.replaceAll(/[0-9a-f]{12,16}/g, '#')
  }

  /** The case that a violation's line names, as CRASH_ONLY chooses it. */
  async function named(words: string): Promise<readonly CrashCase[]> {
    const wanted = /CRASH_ONLY=(\S+) vitest/.exec(words)?.[1]?.split(':')
    return (await casesOf(broken, 'cli')).filter(({ story, actor, at, aftermath, recovery }) => {
      const own = [story.name, actor, String(at), aftermath.replace(' ', '-'), recovery]
      return own.join(':') === wanted?.join(':')
    })
  }

  test('pass the same points in each run', async () => {
    const [first, second] = [await pointsOf(stories.up), await pointsOf(stories.up)]
    expect(first.points.length).toBeGreaterThan(100)
    expect(second.points.map(stable)).toEqual(first.points.map(stable))
    expect(second.withStack).toEqual(first.withStack)
  })

  test('are chosen by the seed alone', async () => {
    const all = await casesOf(stories.up, 'cli')
    const chosen = (seed: number): readonly CrashCase[] =>
      sampled(all, { full: false, only: undefined, seed })
    expect(chosen(3)).toEqual(chosen(3))
    expect(chosen(3)).not.toEqual(chosen(4))
  })

  test('run into the same first violation, and its line names exactly the case that repeats it', async () => {
    const [first, second] = [await firstViolation(5), await firstViolation(5)]
    expect(first.tried).toBeGreaterThan(1)
    expect(second).toEqual(first)
    expect(first.words).toContain('network kind')
    const again = await named(first.words)
    expect(again).toHaveLength(1)
    const tally = new Tally()
    for (const crash of again) await runCase(crash, tally)
    expect(tally.violations.map(stable)).toEqual([first.words])
  })
})

describe('[row 52] crashes of the real stack', () => {
  const lives = { engine: { lastPoint: 212, ms: 31_000 }, plugin: { lastPoint: 190, ms: 28_500 } }
  const counts: Counts = {
    up: { points: 340, lives },
    add: { points: 96, lives: {} },
    down: { points: 180, lives },
  }
  const choice = (seed: number): string[] => {
    const trials = drawTrials(counts, seeded(seed))
    return Array.from({ length: 40 }, () => formatTrial(trials.next().value))
  }

  test('are drawn alike by the same seed on the same points, 100 times of 100', () => {
    const seeds = Array.from({ length: 100 }, (_, index) => 1 + index * 9973)
    for (const seed of seeds) expect(choice(seed)).toEqual(choice(seed))
    expect(new Set(seeds.map((seed) => choice(seed).join(' '))).size).toBe(100)
  })

  test('are each told by one line, which holds all that was drawn', () => {
    for (const word of choice(7)) {
      const only = /^make crash ARGS="--only (\S+)"$/.exec(againLine(parseTrial(word)))?.[1] ?? ''
      expect(parseTrial(only)).toEqual(parseTrial(word))
    }
  })
})
