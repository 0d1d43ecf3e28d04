/** Random values that a seed repeats: for tests that try many. */

/** Makes a generator of numbers from 0 up to but not including 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One of the values. */
export function pick<T>(random: () => number, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T
}

/** How often a test tries: the usual number in `make test`, more with PLAY_TEST_TRIES=100 (a factor). */
export function tries(usual: number): number {
  return usual * Number(process.env['PLAY_TEST_TRIES'] ?? '1')
}
