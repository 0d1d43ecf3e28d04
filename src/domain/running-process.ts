/** The port of the system's process table: what runs on behalf of a playground, and how it is ended. */
import type { Ledger } from '../engine/ledger.ts'

/** Variable in the environment of everything that play starts for a playground; its value is the playground's folder. */
export const playgroundVariable = 'PLAY_PLAYGROUND'

/** One process, told apart from a later one of the same number by its start time. */
export interface RunningProcess {
  readonly pid: number
  /** In the system's own words; only compared. */
  readonly startTime: string
  /** Program and first arguments, for a person. */
  readonly command: string
  /** Folder of the playground that it works for. */
  readonly folder: string
  /** Milliseconds since the epoch; undefined where the system does not say. */
  readonly startedAt?: number
  /** True for a port-forward that a person opened: it changes nothing and goes only with its playground. */
  readonly forwards?: boolean
}

/** What runs, and its end. */
export interface ProcessTable {
  /**
   * Engines, plug-ins, kind, engine clients and forwards of this user that work for the playground in `folder`, or for
   * any without one; never this process itself. Throws when the table cannot be read: that is never "nothing".
   */
  find(folder?: string): Promise<readonly RunningProcess[]>
  /**
   * Ends exactly these: one SIGINT to each engine and forward, their orderly end awaited for `graceMs`, then SIGKILL for
   * whatever of them is left. A process whose start time differs is somebody else and is left alone. Returns when none
   * runs; throws TimeoutError when one cannot be killed.
   */
  end(
    processes: readonly RunningProcess[],
    options: { readonly graceMs: number; readonly signal: AbortSignal },
  ): Promise<void>
  /** Notes in `folder` that this process forwards a port for the playground there, until `end`. Throws STATE_UNWRITABLE. */
  announce(folder: string, command: string): Promise<{ end(): Promise<void> }>
}

/** Write-ahead notes about child processes; each is on disk when its promise resolves. */
export interface ProcessLog extends Ledger {
  spawned(pid: number, purpose: string): Promise<void>
  /** After it ended; only for one that was noted. */
  reaped(pid: number): Promise<void>
}

/** A process as such notes name it. */
export interface NotedProcess {
  readonly pid: number
  readonly startTime: string
  /** Which start of the machine the start time counts from; '' where the system does not say. */
  readonly bootId: string
  readonly purpose: string
}
