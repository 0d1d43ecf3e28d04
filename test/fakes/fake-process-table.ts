/** A ProcessTable in memory: what a test puts there runs until it is ended. */
import type { ProcessTable, RunningProcess } from '../../src/domain/running-process.ts'
import { TimeoutError } from '../../src/engine/wait.ts'

/** Passes the contract suite of the table of the system. */
export class FakeProcessTable implements ProcessTable {
  readonly running: RunningProcess[] = []
  /** What was ended, in order, such as `interrupt pulumi up` and `kill kind create`. */
  readonly ended: string[] = []
  /** What reading the table throws. */
  error: Error | undefined
  /** Numbers of processes that survive every signal. */
  readonly unkillable = new Set<number>()
  private pids = 1000

  /** Starts a process for the playground in `folder`. */
  start(folder: string, command: string, options: Partial<RunningProcess> = {}): RunningProcess {
    this.pids += 1
    const started = { pid: this.pids, startTime: `start-${String(this.pids)}`, command, folder, ...options }
    this.running.push(started)
    return started
  }

  find(folder?: string): Promise<readonly RunningProcess[]> {
    if (this.error !== undefined) return Promise.reject(this.error)
    return Promise.resolve(this.running.filter((each) => folder === undefined || each.folder === folder))
  }

  async end(
    processes: readonly RunningProcess[],
    { graceMs, signal }: { readonly graceMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    signal.throwIfAborted()
    for (const { pid, startTime } of processes) {
      const found = this.running.find((each) => each.pid === pid && each.startTime === startTime)
      if (found === undefined) continue
      if (this.unkillable.has(pid))
        throw new TimeoutError('the end of what still runs', graceMs, found.command)
      const isOrderly = found.forwards === true || found.command.split(' ')[0] === 'pulumi'
      this.ended.push(`${isOrderly ? 'interrupt' : 'kill'} ${found.command}`)
      this.running.splice(this.running.indexOf(found), 1)
    }
    return Promise.resolve()
  }

  announce(folder: string, command: string): Promise<{ end(): Promise<void> }> {
    const noted = this.start(folder, command, { forwards: true })
    const end = (): Promise<void> => {
      const index = this.running.indexOf(noted)
      if (index >= 0) this.running.splice(index, 1)
      return Promise.resolve()
    }
    return Promise.resolve({ end })
  }
}
