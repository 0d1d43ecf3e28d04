/** Tells one process from another that later got the same number, and a dead one from one that cannot be seen. */
import { readFile, readlink } from 'node:fs/promises'
import { hostname, platform } from 'node:os'
import type { ProcessRunner } from '../domain/ports.ts'
import { hasCode } from '../domain/system-error.ts'

/** Who a process is, as it is written into a lock. Fields that the system does not offer are ''. */
export interface ProcessIdentity {
  readonly pid: number
  /** In the system's own words; differs when a number is used again. */
  readonly startTime: string
  readonly pidNamespace: string
  readonly bootId: string
  readonly host: string
  readonly machineId: string
}

/** `unknown`: it runs, or ran, where this process cannot look. */
export type Liveness = 'alive' | 'dead' | 'unknown'

/** The running process. `processes` is used on systems without /proc, where `ps` knows the start time. */
export async function ownIdentity(processes: ProcessRunner): Promise<ProcessIdentity> {
  return {
    pid: process.pid,
    startTime: (await startTimeOf(process.pid, processes)) ?? '',
    pidNamespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    bootId: await bootId(),
    host: hostname(),
    machineId: await firstLine('/etc/machine-id'),
  }
}

/** Whether `other` still runs, as far as `own` can prove it. */
export async function livenessOf(
  other: ProcessIdentity,
  own: ProcessIdentity,
  processes: ProcessRunner,
): Promise<Liveness> {
  if (other.host !== own.host || other.machineId !== own.machineId) return 'unknown'
  if (other.bootId !== own.bootId) return 'dead'
  if (other.pidNamespace !== own.pidNamespace) return 'unknown'
  if (!exists(other.pid)) return 'dead'
  const startTime = await startTimeOf(other.pid, processes)
  // The number is in use, but by whom cannot be seen: some systems hide the processes of other users.
  if (startTime === undefined) return 'unknown'
  return startTime === other.startTime ? 'alive' : 'dead'
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** True while the process of that number and start time runs, a zombie excluded. */
export async function isRunning(
  { pid, startTime }: { readonly pid: number; readonly startTime: string },
  processes: ProcessRunner,
): Promise<boolean> {
  return exists(pid) && (await startTimeOf(pid, processes)) === startTime
}

/** Id of this start of the machine; '' where the system has none. */
export function bootId(): Promise<string> {
  return firstLine('/proc/sys/kernel/random/boot_id')
}

/** What tells a process from a later one of its number; undefined for one that has ended. */
export async function identify(
  pid: number,
  processes: ProcessRunner,
): Promise<{ readonly startTime: string; readonly bootId: string } | undefined> {
  const startTime = await startTimeOf(pid, processes)
  return startTime === undefined || startTime === ended ? undefined : { startTime, bootId: await bootId() }
}

/** Milliseconds since the epoch at which a process of that start time began; undefined where the system does not say. */
export async function startedAt(startTime: string): Promise<number | undefined> {
  if (platform() !== 'linux') return undefined
  const text = await readFile('/proc/stat', 'utf8').catch(() => '')
  const boot = /^btime (\d+)$/m.exec(text)?.[1]
  // Every Linux counts a hundred ticks in a second for programs.
  return boot === undefined ? undefined : Number(boot) * 1000 + Number(startTime) * 10
}

async function startTimeOf(pid: number, processes: ProcessRunner): Promise<string | undefined> {
  if (platform() === 'linux') return linuxStartTime(pid)
  // Without a start time the number alone has to do.
  if (platform() === 'win32') return ''
  const env = { LC_ALL: 'C' }
  const args = ['-o', 'lstart=', '-p', String(pid)]
  const result = await processes.run('ps', args, { signal: AbortSignal.timeout(5000), env })
  return result.exitCode === 0 ? result.stdout.trim() : undefined
}

const ended = 'ended'

/** Field 22 of /proc/PID/stat, ticks since boot (proc_pid_stat(5)); a zombie has ended, so it has none. */
async function linuxStartTime(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined
    throw error
  })
  if (text === undefined) return undefined
  // The second field is the program's name in brackets and may itself hold brackets and spaces.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? ended : fields[19]
}

async function firstLine(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n')[0] ?? ''
}
