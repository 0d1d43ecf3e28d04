/** The write-ahead journal of one playground: an append-only file that is on disk before an effect may happen. */
import {
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { PlayError } from '../domain/errors.ts'
import type { Journal } from '../domain/ports.ts'
import { systemReason } from '../domain/system-error.ts'
import {
  closureVolumes,
  encodeRecord,
  journalVersion,
  openIntents,
  replay,
  type JournalRecord,
  type Note,
} from './record.ts'

/** What a journal is opened with. */
export interface JournalSettings {
  /** Id of this run; told in every record it writes. */
  readonly epoch: string
  /** The tool and its version, such as play 0.1.0. */
  readonly tool: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Told when the file did not end as it should; what was cut off is kept at `keptAt`. */
  readonly onRecovery?: (recovery: Recovery) => void
}

/** How a journal was found that was not whole. */
export interface Recovery {
  readonly condition: 'torn' | 'damaged'
  /** Copy of the whole file as it was found. */
  readonly keptAt: string
  readonly soundRecords: number
}

/** An open journal. A failed write or sync poisons it: every later note throws the same error. */
export interface OpenJournal extends Journal {
  /** What was on disk when it was opened; sound records only. */
  readonly records: readonly JournalRecord[]
  /** Steps of former runs that began to change the world and never told how they ended. */
  readonly open: readonly string[]
  /** Appends any note; on disk when it returns. */
  append(note: Note): void
}

/**
 * Opens the journal at `path`, 0600, in a folder that is there; makes it with its root record when there is
 * none. A torn or damaged file is copied aside and cut back to its sound records, and that is reported
 * before anything is written: what the lost records told is found by looking at the world. Calls are
 * synchronous, so that a note is on disk when its promise resolves and tests can fail each of them. Throws
 * STATE_UNWRITABLE; a symbolic link is refused.
 */
export function openJournal(path: string, settings: JournalSettings): Promise<OpenJournal> {
  return openWith(path, settings, ({ length }) =>
    length === 0 ? { kind: 'root', tool: settings.tool } : undefined,
  )
}

/** Opens a file in the format of the journal and appends what `first` makes of the records in it, if anything. */
export function openWith(
  path: string,
  settings: JournalSettings,
  first: (records: readonly JournalRecord[]) => Note | undefined,
): Promise<OpenJournal> {
  return Promise.resolve().then(() => {
    try {
      return openFile(path, settings, first)
    } catch (error) {
      throw unwritable(path, error)
    }
  })
}

function openFile(
  path: string,
  settings: JournalSettings,
  first: (records: readonly JournalRecord[]) => Note | undefined,
): FileJournal {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW
  const descriptor = openSync(path, flags, 0o600)
  try {
    const journal = new FileJournal(descriptor, path, recover(descriptor, path, settings), settings)
    const note = first(journal.records)
    if (note !== undefined) {
      journal.append(note)
      syncFolder(dirname(path))
    }
    return journal
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

function unwritable(path: string, error: unknown): PlayError {
  if (error instanceof PlayError) return error
  return PlayError.of('STATE_UNWRITABLE', { path, reason: systemReason(error) }, { cause: error })
}

function recover(descriptor: number, path: string, settings: JournalSettings): readonly JournalRecord[] {
  const bytes = readFileSync(descriptor)
  const { records, soundBytes, condition } = replay(bytes)
  if (condition === 'sound') return records
  const keptAt = `${path}.${condition}-${settings.epoch}`
  writeFileSync(keptAt, bytes, { mode: 0o600, flush: true })
  settings.onRecovery?.({ condition, keptAt, soundRecords: records.length })
  ftruncateSync(descriptor, soundBytes)
  fsyncSync(descriptor)
  return records
}

function syncFolder(path: string): void {
  // Windows, which has no user numbers either, cannot open a folder and writes names through by itself.
  if (process.getuid === undefined) return
  const folder = openSync(path, constants.O_RDONLY)
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

class FileJournal implements OpenJournal {
  readonly records: readonly JournalRecord[]
  readonly open: readonly string[]
  readonly knownVolumes: readonly string[]
  private readonly descriptor: number
  private readonly path: string
  private readonly settings: JournalSettings
  private seq: number
  private poison: PlayError | undefined
  private closed = false

  constructor(
    descriptor: number,
    path: string,
    records: readonly JournalRecord[],
    settings: JournalSettings,
  ) {
    this.descriptor = descriptor
    this.path = path
    this.records = records
    this.open = openIntents(records)
    this.knownVolumes = closureVolumes(records)
    this.settings = settings
    this.seq = records.length
  }

  intend(step: string): Promise<void> {
    return Promise.resolve().then(() => {
      this.append({ kind: 'intent', step })
    })
  }

  settle(step: string, outcome: 'succeeded' | 'failed' | 'cancelled'): Promise<void> {
    return Promise.resolve().then(() => {
      this.append({ kind: 'settle', step, outcome })
    })
  }

  closure(volumes: readonly string[]): Promise<void> {
    return Promise.resolve().then(() => {
      this.append({ kind: 'closure', volumes })
    })
  }

  close(): Promise<void> {
    if (!this.closed) closeSync(this.descriptor)
    this.closed = true
    return Promise.resolve()
  }

  append(note: Note): void {
    if (this.poison !== undefined) throw this.poison
    if (this.closed) throw new Error(`the journal ${this.path} is closed`)
    const { epoch, now } = this.settings
    const stamp = { v: journalVersion, seq: this.seq + 1, t: new Date(now()).toISOString(), epoch } as const
    const line = Buffer.from(encodeRecord({ ...stamp, ...note }))
    try {
      // One write, so that a crash leaves at most the last line torn; a short one is not tried again.
      const written = writeSync(this.descriptor, line)
      if (written !== line.length) throw new Error('the disk took only a part of a journal record')
      fsyncSync(this.descriptor)
    } catch (error) {
      this.poison = unwritable(this.path, error)
      throw this.poison
    }
    this.seq += 1
  }
}
