/** What whole processes cost: time, memory, processor; what they print and when; and medians of all that. */
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
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

/** The smallest value that `share` of all values do not exceed (nearest rank); NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}

/** A line and when it came; `at` in milliseconds, as `performance.now` tells them. */
export interface StampedLine {
  readonly at: number
  readonly text: string
}

/** Stamps lines as they arrive; the list grows with them. What a program leaves without a line end is left out. */
export function stampLines(stream: Readable): readonly StampedLine[] {
  const lines: StampedLine[] = []
  const decoder = new StringDecoder()
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const at = performance.now()
    const parts = (rest + decoder.write(chunk)).split('\n')
    rest = parts.pop() ?? ''
    for (const text of parts) lines.push({ at, text })
  })
  return lines
}

/** Processor time that a process had taken at a moment, user and system together; both in milliseconds. */
export interface CpuSample {
  readonly at: number
  readonly cpuMs: number
}

/** Linux tells processor time in hundredths of a second, whatever its own clock (USER_HZ). */
const tickMs = 10

/** Milliseconds in a line of /proc/PID/stat (proc(5)); undefined if it is not one. */
export function cpuOf(stat: string): number | undefined {
  // The name of the program, in parentheses, may have spaces and parentheses in it.
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return user === undefined || system === undefined ? undefined : (Number(user) + Number(system)) * tickMs
}

/** What one run of a program cost. */
export interface Cost {
  readonly ms: number
  /** Peak resident memory of the process itself, children apart, in MB; NaN where /proc is not there. */
  readonly peakMB: number
  /** What it printed on stdout. */
  readonly output: string
  /** What it printed on stderr. */
  readonly lines: readonly StampedLine[]
  /** Every 100 ms, children apart; empty where /proc is not there. */
  readonly cpu: readonly CpuSample[]
}

/** Runs a program and watches its own memory and processor time; throws what the program printed if it fails. */
export async function cost(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Cost> {
  const start = performance.now()
  const child = execa(file, args, { env, stdin: 'ignore' })
  const lines = stampLines(child.stderr)
  const cpu: CpuSample[] = []
  let peakMB = NaN
  const watching = new AbortController()
  const watch = (async () => {
    while (!watching.signal.aborted) {
      const [status = '', stat = ''] = await Promise.all(
        ['status', 'stat'].map((name) =>
          readFile(`/proc/${String(child.pid)}/${name}`, 'utf8').catch(() => ''),
        ),
      )
      const peak = /VmHWM:\s+(\d+) kB/.exec(status)?.[1]
      if (peak !== undefined) peakMB = Number(peak) / 1000
      const cpuMs = cpuOf(stat)
      if (cpuMs !== undefined) cpu.push({ at: performance.now(), cpuMs })
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
  return { ms: performance.now() - start, peakMB, output, lines, cpu }
}
