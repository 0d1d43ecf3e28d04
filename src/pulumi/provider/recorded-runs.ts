/** A process runner that notes what it starts before anything can come of it. */
import { basename } from 'node:path'
import type { ProcessOptions, ProcessResult, ProcessRunner } from '../../domain/ports.ts'
import type { ProcessLog } from '../../domain/running-process.ts'

/**
 * Runs programs as `processes` does. What is about to run is on disk before it starts, its number right after, its end
 * afterwards. Throws what the log throws: before the start nothing is started, after it the child is ended.
 */
export function recordRuns(processes: ProcessRunner, log: ProcessLog): ProcessRunner {
  return {
    async run(file, args, options) {
      const step = [basename(file), ...args.slice(0, 2)].join(' ')
      await log.intend(step)
      let result: ProcessResult
      try {
        result = await runNoted(processes, log, { file, args, options, step })
      } catch (error) {
        await log.settle(step, options.signal.aborted ? 'cancelled' : 'failed')
        throw error
      }
      await log.settle(step, result.exitCode === 0 ? 'succeeded' : 'failed')
      return result
    },
  }
}

interface Run {
  readonly file: string
  readonly args: readonly string[]
  readonly options: ProcessOptions
  readonly step: string
}

async function runNoted(
  processes: ProcessRunner,
  log: ProcessLog,
  { file, args, options, step }: Run,
): Promise<ProcessResult> {
  const unnoted = new AbortController()
  const started: { readonly pid: number; readonly noted: Promise<void> }[] = []
  const onStart = (pid: number): void => {
    const noted = log.spawned(pid, step)
    started.push({ pid, noted })
    noted.catch((error: unknown) => {
      unnoted.abort(error)
    })
  }
  const signal = AbortSignal.any([options.signal, unnoted.signal])
  try {
    return await processes.run(file, args, { ...options, signal, onStart })
  } finally {
    for (const { pid, noted } of started) {
      await noted
      await log.reaped(pid)
    }
  }
}
