/** Times and memory of whole processes, and their medians. */
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'

/** Milliseconds that `work` took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = NaN, high = NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]]
  return (low + high) / 2
}

/** What one run of a program cost. */
export interface Cost {
  readonly ms: number
  /** Peak resident memory of the process itself, children apart, in MB; NaN where /proc is not there. */
  readonly peakMB: number
  /** What it printed on stdout. */
  readonly output: string
}

/** Runs a program and watches its own memory; throws what the program printed if it fails. */
export async function cost(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Cost> {
  const start = performance.now()
  const child = execa(file, args, { env, stdin: 'ignore' })
  let peakMB = NaN
  const watching = new AbortController()
  const watch = (async () => {
    while (!watching.signal.aborted) {
      const status = await readFile(`/proc/${String(child.pid)}/status`, 'utf8').catch(() => '')
      const peak = /VmHWM:\s+(\d+) kB/.exec(status)?.[1]
      if (peak !== undefined) peakMB = Number(peak) / 1000
      await delay(100, undefined, { signal: watching.signal }).catch(() => undefined)
    }
  })()
  let output: string
  try {
    output = (await child).stdout
  } finally {
    watching.abort()
    await watch
  }
  return { ms: performance.now() - start, peakMB, output }
}
