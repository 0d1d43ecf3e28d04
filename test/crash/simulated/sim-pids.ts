/** Process numbers of simulated runs that are at work at the same time: each can tell whether another still lives. */
import type { SimulatedRun } from './simulated-run.ts'
import { currentRun } from './simulated-run.ts'

/** Above every number that Linux gives (PID_MAX_LIMIT is 2^22). */
const first = 4_500_000

const living = new Map<number, SimulatedRun>()
let installed = false

/** Gives a run a number of its own; answers how to take it back once the run is over. */
export function givePid(run: SimulatedRun, number: number): () => void {
  instrument()
  const pid = first + number
  run.pid = pid
  living.set(pid, run)
  return () => {
    living.delete(pid)
  }
}

/** What /proc/PID/stat says of such a process (proc_pid_stat(5)); undefined for the path of anything else. */
export function statOf(path: unknown): string | undefined {
  const pid = Number(/^\/proc\/(\d+)\/stat$/.exec(String(path))?.[1] ?? '0')
  if (pid < first) return undefined
  const run = living.get(pid)
  if (run?.dead === false) return `${String(pid)} (play) S ${'0 '.repeat(18)}${run.startTime ?? ''} 0\n`
  throw Object.assign(new Error(`ENOENT: no such file or directory, open '${String(path)}'`), {
    code: 'ENOENT',
  })
}

function instrument(): void {
  if (installed) return
  installed = true
  const own = process.pid
  const kill = process.kill.bind(process)
  Object.defineProperty(process, 'pid', {
    get: () => currentRun.getStore()?.pid ?? own,
    configurable: true,
  })
  process.kill = (pid, signal) => {
    if (pid < first) return kill(pid, signal)
    if (living.get(pid)?.dead === false) return true
    throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' })
  }
}
