/** Reads what the programs of a run write: all at the same time, each to its end, across connections that break. */
import type { PipelinePod, PipelineProgram } from '../domain/pipelines.ts'
import type { Clock } from '../engine/clock.ts'

/** A program by its place. */
export interface ProgramPlace {
  readonly pod: string
  readonly container: string
}

/** What reading needs. */
export interface ProgramLogsOptions {
  /** The lines of a program from its first, to its end. */
  readonly read: (program: ProgramPlace) => AsyncIterable<string>
  readonly onLine: (step: string, line: string) => void
  /** Told of a log that could not be read to its end. */
  readonly onTrouble: (error: unknown) => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** How long to stay away after each try that broke; milliseconds. */
const waitsMs = [250, 500, 1000, 2000, 4000]

/** How soon after the end of a log its program has to have ended, too; milliseconds. A kubelet tells within a second or two. */
const lagMs = 3000

/** The programs of one run. */
export class ProgramLogs {
  readonly #options: ProgramLogsOptions
  readonly #streams = new Map<string, Promise<void>>()
  /** Aborted once the program is known to have ended. */
  readonly #ends = new Map<string, AbortController>()
  readonly #failures = new Map<string, unknown>()

  constructor(options: ProgramLogsOptions) {
    this.#options = options
  }

  /** Begins with programs that have started, and notes which have ended. To be called with all pods that are there. */
  follow(pods: readonly PipelinePod[]): void {
    const alive = new Set<string>()
    for (const pod of pods)
      for (const program of pod.programs.filter(({ hasStarted }) => hasStarted)) {
        const key = `${pod.name}/${program.container}`
        if (!this.#streams.has(key)) this.#begin(key, pod.name, program)
        if (program.finishedAt === undefined) alive.add(key)
      }
    for (const [key, end] of this.#ends) if (!alive.has(key)) end.abort()
  }

  /** Resolves once all logs are read to their end, but after `patienceMs` at the latest, and tells of those that are not. */
  async end(patienceMs: number): Promise<void> {
    const { clock, signal, onTrouble } = this.#options
    for (const end of this.#ends.values()) end.abort()
    const enough = new AbortController()
    const patience = clock.sleep(patienceMs, AbortSignal.any([signal, enough.signal])).catch(() => undefined)
    await Promise.race([this.closed(), patience])
    enough.abort()
    for (const error of this.#failures.values()) onTrouble(error)
  }

  /** Resolves once nothing is read any more; the signal brings that about. */
  async closed(): Promise<void> {
    await Promise.all(this.#streams.values())
  }

  #begin(key: string, pod: string, { container, step }: PipelineProgram): void {
    const end = new AbortController()
    this.#ends.set(key, end)
    this.#streams.set(key, this.#read(key, { pod, container }, step, end.signal))
  }

  async #read(key: string, place: ProgramPlace, step: string, end: AbortSignal): Promise<void> {
    const { clock, signal, read, onLine } = this.#options
    let seen = 0
    for (const waitMs of waitsMs) {
      let count = 0
      try {
        // A log always begins with the first line: those that came before the connection broke are passed over.
        for await (const line of read(place)) {
          count += 1
          if (count <= seen) continue
          seen = count
          onLine(step, line)
        }
        this.#failures.delete(key)
        // Also the server may end a log in order that goes on.
        if (end.aborted || (await hasAborted(end, clock.sleep(lagMs, AbortSignal.any([signal, end]))))) return
      } catch (error) {
        if (signal.aborted) return
        this.#failures.set(key, error)
        await clock.sleep(waitMs, signal).catch(() => undefined)
      }
      if (signal.aborted) return
    }
  }
}

/** True when the wait ended because of the signal. */
async function hasAborted(signal: AbortSignal, wait: Promise<void>): Promise<boolean> {
  await wait.catch(() => undefined)
  return signal.aborted
}
