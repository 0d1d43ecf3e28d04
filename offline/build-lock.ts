// Lets one builder work at a time: a lock file that names its process, and is taken over when that process is gone.
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BuildError } from './build-error.ts'

/** Who holds a lock. Start time tells a process from a later one with the same id. */
export interface LockHolder {
  readonly pid: number
  /** Clock ticks between boot and the start of the process, as /proc tells them. */
  readonly startTime: string
}

/** The start time of a process, or undefined when there is none. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => undefined)
  // The second field is a name in parentheses that may hold spaces; the start time is the 22nd field.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}

/** Parses a lock file; undefined for anything else, which counts as nobody. */
export function parseHolder(text: string): LockHolder | undefined {
  try {
    const { pid, startTime } = JSON.parse(text) as Partial<LockHolder>
    return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined
  } catch {
    return undefined
  }
}

async function isAlive(holder: LockHolder, lookUp: typeof startTimeOf): Promise<boolean> {
  return (await lookUp(holder.pid)) === holder.startTime
}

// Between reading a dead holder's lock and removing it, another builder may have done the same and locked anew:
// so the file is first taken aside, and put back when it turns out to be a living one.
async function removeStale(path: string, lookUp: typeof startTimeOf): Promise<void> {
  const aside = `${path}.stale-${String(process.pid)}`
  await rename(path, aside).catch(() => undefined)
  const holder = parseHolder(await readFile(aside, 'utf8').catch(() => ''))
  if (holder !== undefined && (await isAlive(holder, lookUp))) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}

const linked = (from: string, to: string): Promise<boolean> =>
  link(from, to).then(
    () => true,
    () => false,
  )

/**
 * Takes the lock; one whose holder is gone is taken over.
 * @returns a function that gives it back. @throws BuildError naming the process that holds it.
 */
export async function takeBuildLock(
  path: string,
  lookUp: typeof startTimeOf = startTimeOf,
): Promise<() => Promise<void>> {
  await mkdir(dirname(path), { recursive: true })
  const own = `${path}.${String(process.pid)}`
  const startTime = (await startTimeOf(process.pid)) ?? 'unknown'
  await writeFile(own, JSON.stringify({ pid: process.pid, startTime }))
  try {
    // A link either appears with its content or fails, so no reader sees an empty lock.
    for (let attempt = 1; !(await linked(own, path)); attempt += 1) {
      const holder = parseHolder(await readFile(path, 'utf8').catch(() => ''))
      if ((holder !== undefined && (await isAlive(holder, lookUp))) || attempt > 5)
        throw new BuildError(
          `another bundle build is running (process ${String(holder?.pid ?? 'unknown')})`,
          ['Wait for it to end, or stop it.', `If no such process exists: rm ${path}`],
        )
      await removeStale(path, lookUp)
    }
  } finally {
    await rm(own, { force: true })
  }
  return () => rm(path, { force: true })
}
