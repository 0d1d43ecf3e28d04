/** Segments of the journal: what a process that holds no lock notes of itself and its children, in a file of its own. */
import { constants, openSync, readdirSync, readFileSync, closeSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { NotedProcess, ProcessLog } from '../domain/running-process.ts'
import { hasCode } from '../domain/system-error.ts'
import { openWith, type JournalSettings, type OpenJournal } from './journal.ts'
import { unreapedProcesses } from './record.ts'

/** What a segment is opened with. */
export interface SegmentSettings extends JournalSettings {
  /** Start time and start of the machine of a process; undefined for one that has ended. */
  readonly identify: (pid: number) => Promise<Pick<NotedProcess, 'startTime' | 'bootId'> | undefined>
  /** Number of the process that writes, and what it is for. */
  readonly pid: number
  readonly purpose: string
}

/** An open segment. Like the journal, it takes no more notes after one has failed. */
export interface Segment extends ProcessLog {
  /** Children that were noted and have not ended. */
  readonly running: number
  /** Removes the file: the writer ends in order, with nothing running behind it. */
  remove(): void
}

/**
 * Opens the segment at `path`, 0600, in a folder that is there; its writer is in it, on disk, when this resolves.
 * Throws STATE_UNWRITABLE; a symbolic link is refused.
 */
export async function openSegment(path: string, settings: SegmentSettings): Promise<Segment> {
  const { identify, pid, purpose } = settings
  const own = await identify(pid)
  if (own === undefined) throw new Error(`the process ${String(pid)} cannot be seen`)
  const file = await openWith(path, settings, () => ({ kind: 'spawn', pid, purpose, ...own }))
  return new FileSegment(file, path, identify)
}

class FileSegment implements Segment {
  private readonly file: OpenJournal
  private readonly path: string
  private readonly identify: SegmentSettings['identify']
  private readonly startTimes = new Map<number, string>()

  constructor(file: OpenJournal, path: string, identify: SegmentSettings['identify']) {
    this.file = file
    this.path = path
    this.identify = identify
  }

  get running(): number {
    return this.startTimes.size
  }

  intend(step: string): Promise<void> {
    return this.file.intend(step)
  }

  settle(step: string, outcome: 'succeeded' | 'failed' | 'cancelled'): Promise<void> {
    return this.file.settle(step, outcome)
  }

  async spawned(pid: number, purpose: string): Promise<void> {
    const identity = await this.identify(pid)
    // It has ended before it could be looked at.
    if (identity === undefined) return
    this.startTimes.set(pid, identity.startTime)
    this.file.append({ kind: 'spawn', pid, purpose, ...identity })
  }

  reaped(pid: number): Promise<void> {
    return Promise.resolve().then(() => {
      const startTime = this.startTimes.get(pid)
      if (startTime === undefined) return
      this.startTimes.delete(pid)
      this.file.append({ kind: 'reaped', pid, startTime })
    })
  }

  remove(): void {
    unlinkSync(this.path)
  }
}

/** A noted process, and the name of the file that notes it. */
export interface SegmentProcess extends NotedProcess {
  readonly segment: string
}

/**
 * The processes that the segments in `folder` name and that nobody noted the end of; they may have ended all the same.
 * Nothing is written. None where there is no folder; throws what the file system throws for one that cannot be read.
 */
export function readSegments(folder: string): readonly SegmentProcess[] {
  return segmentsIn(folder).flatMap((segment) => {
    const bytes = readWithoutLinks(join(folder, segment))
    return unreapedProcesses(bytes).map((noted) => ({ ...noted, segment }))
  })
}

function segmentsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^(plugin|open)-[0-9a-z]+\.jsonl$/.test(name))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

/** Empty for one that its writer removed in the meantime. */
function readWithoutLinks(path: string): Buffer {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return Buffer.alloc(0)
    throw error
  }
  try {
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
