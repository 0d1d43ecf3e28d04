/** One line of the journal: a record with the checksum of its own bytes. Pure. */
import { createHash } from 'node:crypto'
import type { NotedProcess } from '../domain/running-process.ts'

/** What a record tells. A newer version may add kinds and fields: readers skip the records whose kind they do not know. */
export type Note =
  | { readonly kind: 'root'; readonly tool: string }
  | { readonly kind: 'intent'; readonly step: string }
  | {
      readonly kind: 'settle'
      readonly step: string
      readonly outcome: 'succeeded' | 'failed' | 'cancelled'
    }
  | ({ readonly kind: 'spawn' } & NotedProcess)
  | { readonly kind: 'reaped'; readonly pid: number; readonly startTime: string }
  | { readonly kind: 'closure'; readonly volumes: readonly string[] }

/** A note with what every record carries. */
export type JournalRecord = Note & {
  readonly v: typeof journalVersion
  /** Counts from 1 without gaps over the life of the file. */
  readonly seq: number
  /** ISO 8601 instant. */
  readonly t: string
  /** Id of the run that wrote it. */
  readonly epoch: string
}

/** Version of the records; raised when a reader could break. */
export const journalVersion = 1

/** What a journal's bytes hold. */
export interface Replay {
  readonly records: readonly JournalRecord[]
  /** Bytes from the start that are sound; what follows is not. */
  readonly soundBytes: number
  /** `torn`: only the last line is bad, as after a crash while writing. `damaged`: a line before it is. */
  readonly condition: 'sound' | 'torn' | 'damaged'
}

/** The line of a record, with its line end. */
export function encodeRecord(record: JournalRecord): string {
  const json = JSON.stringify(record)
  return `${checksum(json)} ${json}\n`
}

/** Reads a journal up to the first line that is not right: checksum, JSON, and a sequence without gaps. */
export function replay(bytes: Buffer): Replay {
  const records: JournalRecord[] = []
  let start = 0
  while (start < bytes.length) {
    const end = bytes.indexOf(0x0a, start)
    const record = end < 0 ? undefined : decode(bytes.subarray(start, end), records.length + 1)
    if (record === undefined) {
      const isLast = end < 0 || end === bytes.length - 1
      return { records, soundBytes: start, condition: isLast ? 'torn' : 'damaged' }
    }
    records.push(record)
    start = end + 1
  }
  return { records, soundBytes: start, condition: 'sound' }
}

/** Steps that were about to change the world and of which nobody knows how they ended. */
export function openIntents(records: readonly JournalRecord[]): readonly string[] {
  const open = new Set<string>()
  for (const record of records) {
    if (record.kind === 'intent') open.add(record.step)
    if (record.kind === 'settle') open.delete(record.step)
  }
  return [...open]
}

/** The volumes of all closures, each once. */
export function closureVolumes(records: readonly JournalRecord[]): readonly string[] {
  return [...new Set(records.flatMap((record) => (record.kind === 'closure' ? record.volumes : [])))]
}

/**
 * The processes of a segment that nobody noted the end of. Every line whose checksum holds counts, also behind a torn or
 * damaged one: a process is named by itself alone, and overlooking one is the worse mistake.
 */
export function unreapedProcesses(bytes: Buffer): readonly NotedProcess[] {
  const running = new Map<string, NotedProcess>()
  for (const line of bytes.toString('utf8').split('\n')) {
    const record = parse(line)
    if (record?.kind === 'spawn') {
      const { pid, startTime, bootId, purpose } = record
      running.set(`${String(pid)} ${startTime}`, { pid, startTime, bootId, purpose })
    }
    if (record?.kind === 'reaped') running.delete(`${String(record.pid)} ${record.startTime}`)
  }
  return [...running.values()]
}

function decode(line: Buffer, seq: number): JournalRecord | undefined {
  const record = parse(line.toString('utf8'))
  return record?.seq === seq ? record : undefined
}

function parse(text: string): JournalRecord | undefined {
  const json = text.slice(17)
  if (text[16] !== ' ' || text.slice(0, 16) !== checksum(json)) return undefined
  // The checksum holds, so this is what a play wrote.
  return JSON.parse(json) as JournalRecord
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 16)
}
