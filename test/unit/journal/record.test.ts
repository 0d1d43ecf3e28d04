import { describe, expect, it } from 'vitest'
import {
  encodeRecord,
  openIntents,
  replay,
  type JournalRecord,
  type Note,
} from '../../../src/journal/record.ts'

function record(seq: number, note: Note): JournalRecord {
  return { v: 1, seq, t: '2026-01-01T00:00:00.000Z', epoch: 'e', ...note }
}

const records = [
  record(1, { kind: 'root', tool: 'play 0.1.0' }),
  record(2, { kind: 'intent', step: 'cluster.stack' }),
  record(3, { kind: 'settle', step: 'cluster.stack', outcome: 'succeeded' }),
]
const lines = records.map(encodeRecord)
const bytes = Buffer.from(lines.join(''))

describe('a line of the journal', () => {
  it('is the checksum of the JSON, a space, the JSON and a line end', () => {
    expect(lines[1]).toMatch(/^[0-9a-f]{16} \{"v":1,"seq":2,.*"kind":"intent","step":"cluster.stack"\}\n$/)
  })

  it('carries the sum that sha256sum computes of its JSON', () => {
    expect(encodeRecord(record(1, { kind: 'intent', step: 'a' })).slice(0, 16)).toBe('2ce08a7090e6e069')
  })
})

describe('reading a journal', () => {
  it('gives back what was written', () => {
    expect(replay(bytes)).toEqual({ records, soundBytes: bytes.length, condition: 'sound' })
  })

  it('finds an empty one sound', () => {
    expect(replay(Buffer.alloc(0))).toEqual({ records: [], soundBytes: 0, condition: 'sound' })
  })

  it('keeps all whole lines wherever the file is cut', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      const { records: kept, soundBytes, condition } = replay(bytes.subarray(0, length))
      const whole = lines.filter((_, index) => lines.slice(0, index + 1).join('').length <= length)
      expect(kept).toEqual(records.slice(0, whole.length))
      expect(soundBytes).toBe(whole.join('').length)
      expect(condition).toBe(soundBytes === length ? 'sound' : 'torn')
    }
  })

  it('never takes a flipped bit for the truth', () => {
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      const { records: kept, condition } = replay(flipped)
      expect(condition).not.toBe('sound')
      expect(kept).toEqual(records.slice(0, kept.length))
    }
  })

  it('calls it damaged when a line before the last is bad', () => {
    const text = bytes.toString().replace('intent', 'intend')
    expect(replay(Buffer.from(text))).toMatchObject({ condition: 'damaged', records: records.slice(0, 1) })
  })

  it('stops at a gap in the sequence', () => {
    const gap = Buffer.from([lines[0], lines[2], lines[1]].join(''))
    expect(replay(gap)).toMatchObject({ condition: 'damaged', records: records.slice(0, 1) })
  })
})

describe('open intents', () => {
  it('are those whose end nobody noted', () => {
    const more = [
      ...records,
      record(4, { kind: 'intent', step: 'gitops.apply' }),
      record(5, { kind: 'intent', step: 'pipelines.apply' }),
      record(6, { kind: 'settle', step: 'pipelines.apply', outcome: 'failed' }),
    ]
    expect(openIntents(more)).toEqual(['gitops.apply'])
  })
})
