/** Chance that is the same for the same seed, and the rounds of a test that is made of it. */
import type { Extent } from './tally.ts'

/** Whole numbers from 1 to `below`. */
export type Dice = (below: number) => number

/** The same numbers for the same seed (mulberry32). */
export function dice(seed: number): Dice {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (((mixed ^ (mixed >>> 14)) >>> 0) % below) + 1
  }
}

/** One of them. */
export function pick<T>(roll: Dice, all: readonly [T, ...T[]]): T {
  return all[roll(all.length) - 1] ?? all[0]
}

/** One round; `name` is what `CRASH_ONLY` runs it again by. */
export interface Round {
  readonly name: string
  readonly roll: Dice
}

function round(kind: string, seed: number, number: number): Round {
  return { name: `${kind}:${String(seed)}.${String(number)}`, roll: dice(seed * 1_000_003 + number) }
}

/** So many rounds, or the one that was asked for; `kind` is what their names begin with. */
export function rounds(kind: string, { full, only, seed }: Extent, sample: number, all: number): Round[] {
  if (only === undefined)
    return Array.from({ length: full ? all : sample }, (_, index) => round(kind, seed, index))
  const [wanted, its = '', number = ''] = only.split(/[:.]/)
  return wanted === kind ? [round(kind, Number(its), Number(number))] : []
}
