/** What a command is given: ports, registries, a way to speak and a way to be stopped. */
import type { Bundles } from '../artifacts/bundles.ts'
import type { ImageEngine } from '../artifacts/pull.ts'
import type { PlayError } from '../domain/errors.ts'
import type { ComponentRegistry } from '../domain/component-registry.ts'
import type { DemoMaker } from '../domain/demo.ts'
import type { DemoFolders } from '../domain/demo-definition.ts'
import type { Expiry } from '../domain/expiry.ts'
import type { GcTimer } from '../domain/gc-timer.ts'
import type { Source } from '../domain/source.ts'
import type { Inventory } from '../workflows/down.ts'
import type { Browser, FolderUsage, Ports, ProcessRunner, Prompter } from '../domain/ports.ts'
import type { ErrorData } from '../engine/events.ts'
import type { Doctor } from '../workflows/run-doctor.ts'
import type { Session } from '../workflows/session.ts'
import type { SessionOptions, View } from './screen.ts'
import type { Abandonment } from './abandoned.ts'
import type { OutputMode } from './output-mode.ts'

/** The values of the flags on every command. */
export interface GlobalFlags {
  readonly output: OutputMode | undefined
  readonly json: boolean
  readonly yes?: boolean
  readonly offline: boolean
}

/** Facts about the process that a command may need to say. */
export interface AppFacts {
  readonly version: string
  readonly nodeVersion: string
  readonly platform: string
  readonly arch: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** A person reads stdout. */
  readonly isTerminal: boolean
}

/** The plug-ins that workflows choose from. */
export interface Registries {
  readonly source: Source
  readonly components: ComponentRegistry
  readonly demos: DemoMaker
  readonly inventory: Inventory
}

/** Made once per command by compose.ts; the tests make their own. */
export interface App {
  readonly ports: Ports
  /** For doctor, which asks programs for their versions. */
  readonly processes: () => Promise<ProcessRunner>
  /** The bundles of this machine, and the engine that can save images into one. */
  readonly bundles: () => Promise<Bundles>
  readonly imageEngine: (signal: AbortSignal) => Promise<ImageEngine>
  /** A doctor that looks anew, at what may have changed since the last one. */
  readonly doctor: () => Promise<Doctor>
  readonly browser: () => Promise<Browser>
  /** Playgrounds that have an expiry; what cannot be read is left out. */
  readonly expiries: () => Promise<readonly Expiry[]>
  readonly gcTimer: () => Promise<GcTimer>
  readonly demoFolders: () => Promise<DemoFolders>
  /** A file that is written when there is something to put into it. Throws REPORT_UNWRITABLE at once where it cannot. */
  readonly reportFile: (path: string) => Promise<(text: string) => Promise<void>>
  readonly registries: Registries
  readonly prompter: Prompter
  readonly signal: AbortSignal
  readonly mode: OutputMode
  readonly offline: boolean
  readonly facts: AppFacts
  /** Folders of this user, absolute. */
  readonly folders: { readonly state: string; readonly cache: string; readonly config: string }
  /** What a folder holds; undefined without one. */
  usageOf(folder: string): Promise<FolderUsage | undefined>
  /** A session for one run of a verb on the playground `subject`. */
  session(subject: string, command: string, dryRun?: boolean, options?: SessionOptions): Session
  /** Styles for what goes to stdout. */
  readonly view: View
  /** Writes to stdout or stderr; whole texts with their line ends. */
  stdout(text: string): void
  stderr(text: string): void
  /** True once a session has told its story, its result included. */
  hasRun(): boolean
  /** True when a session's last event has told this error. */
  hasTold(error: PlayError): boolean
  /** An error as lines for stderr. */
  describeError(error: ErrorData): Promise<readonly string[]>
  /** Resolves when everything is drawn, logged and closed. */
  close(): Promise<void>
  /** For a command that stays only as long as whoever started it. */
  whenAbandoned(): Abandonment
  /** 130 or 143 once interrupted. */
  interrupted(): number | undefined
}
