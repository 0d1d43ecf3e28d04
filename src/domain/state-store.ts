/** The port of what play keeps on disk: states, journals, locks and certificates of all playgrounds. */
import type { Ledger } from '../engine/ledger.ts'
import type { Certificate } from './certificate.ts'
import type { PlaygroundState } from './playground.ts'

/** A journal that is open for writing. */
export interface Journal extends Ledger {
  /** Volumes that nothing but this note leads to once their containers are gone; on disk when it resolves. */
  closure(volumes: readonly string[]): Promise<void>
  /** The volumes of all closures that were in the journal when it was opened. */
  readonly knownVolumes: readonly string[]
  /** Steps of former runs that began and never told how they ended, as it was when the journal was opened. */
  readonly open?: readonly string[]
  close(): Promise<void>
}

/** A lock that this process holds: whoever works for it compares the epoch in the file before it changes anything. */
export interface HeldLock {
  readonly path: string
  /** Different for every holder. */
  readonly epoch: string
}

/** A file that a run which no longer exists left in the state folder, or an old event log. */
export interface Stray {
  readonly path: string
  readonly kind: 'lock' | 'temporary file' | 'log'
  /** Name of the playground it belongs to; that of the folder where it belongs to none. */
  readonly name: string
}

/** What a folder holds, with all folders below it. */
export interface FolderUsage {
  readonly files: number
  readonly bytes: number
}

/** The state of all playgrounds on disk. */
export interface StateStore {
  /** Folder of the playground, absolute. */
  folder(name: string): string
  list(): Promise<readonly string[]>
  /** Undefined when there is none; throws STATE_DAMAGED. */
  read(name: string): Promise<PlaygroundState | undefined>
  /** Atomic and durable. Throws STATE_UNWRITABLE. */
  write(state: PlaygroundState): Promise<void>
  /** A file that writePrivate wrote; undefined when there is none. Throws STATE_DAMAGED. */
  readPrivate(name: string, file: string): Promise<string | undefined>
  /** Writes a file of the playground's folder, atomic and durable, 0600; returns its path. */
  writePrivate(name: string, file: string, text: string): Promise<string>
  /** Removes the playground's folder; none is no error. */
  remove(name: string): Promise<void>
  /** True when anything is at the playground's folder. */
  exists(name: string): Promise<boolean>
  /**
   * True unless nothing is at that folder, of this state folder or another: what cannot be looked at may be there, and
   * a cluster whose folder may be there is no orphan.
   */
  isThere(folder: string): Promise<boolean>
  /** What the playground's folder holds; undefined without one. Throws STATE_DAMAGED where it cannot be looked at. */
  usage(name: string): Promise<FolderUsage | undefined>
  /** One writer at a time; throws STATE_LOCKED naming a live owner, takes over from a dead one. */
  lock(name: string, command: string): Promise<{ release(): Promise<void> }>
  /** The lock of the playground while this store holds it. */
  held(name: string): HeldLock | undefined
  /** The write-ahead journal of the playground; made when it is not there. */
  journal(name: string): Promise<Journal>
  /** Writes a certificate beside the playgrounds, 0600, and keeps the newest 20; returns its path. */
  certify(certificate: Certificate): Promise<string>
  /**
   * Files that crashed runs left (locks and guards of dead owners, temporary files), and event logs older than 30 days.
   * Removes nothing. Throws STATE_DAMAGED where it cannot look.
   */
  strays(): Promise<readonly Stray[]>
  /** Removes a stray if it still is one; false where it was none any more. Throws STATE_UNWRITABLE. */
  removeStray(stray: Stray): Promise<boolean>
}
