/** Moves a fake clock while something works that waits for more than the clock. */
import type { FakeClock } from './fake-clock.ts'

/** Lets 50 ms pass in each millisecond of the wall's, until `work` has ended; answers what it answers. */
export async function letTimePass<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  const state = { done: false }
  const finished = work.finally(() => {
    state.done = true
  })
  finished.catch(() => undefined)
  while (!state.done) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    await clock.advance(50)
  }
  return finished
}
