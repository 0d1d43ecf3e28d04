/** One line of the journal: a record with the checksum of its own bytes. Pure. */
import { createHash } from 'node:crypto'

/** What a record tells. */
export type Note =
  | { readonly kind: 'root'; readonly tool: string }
  | { readonly kind: 'intent'; readonly step: string }
  | {
      readonly kind: 'settle'
      readonly step: string
      readonly outcome: 'succeeded' | 'failed' | 'cancelled'
    }

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

function decode(line: Buffer, seq: number): JournalRecord | undefined {
  const text = line.toString('utf8')
  const json = text.slice(17)
  if (text[16] !== ' ' || text.slice(0, 16) !== checksum(json)) return undefined
  // The checksum holds, so this is what a play wrote.
  const record = JSON.parse(json) as JournalRecord
  return record.seq === seq ? record : undefined
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 16)
}
