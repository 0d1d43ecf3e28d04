import { describe, expect, it } from 'vitest'
import type { NotedProcess } from '../../../src/domain/running-process.ts'
import {
  closureVolumes,
  encodeRecord,
  openIntents,
  replay,
  unreapedProcesses,
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

describe('a record of a newer version', () => {
  it('[row 46] is kept and skipped, whatever it is about', () => {
    const newer = { kind: 'fence', node: 'r.0', v: 2, seq: 4, t: '2027-01-01T00:00:00.000Z', epoch: 'f' }
    const more = [...records, newer as unknown as JournalRecord, record(5, { kind: 'intent', step: 'x' })]
    const whole = Buffer.from(more.map(encodeRecord).join(''))
    const { records: read, condition } = replay(whole)
    expect(condition).toBe('sound')
    expect(read[3]).toEqual(newer)
    expect(openIntents(read)).toEqual(['x'])
    expect(closureVolumes(read)).toEqual([])
    expect(unreapedProcesses(whole)).toEqual([])
  })
})

describe('closures', () => {
  it('add up, each volume once', () => {
    const more = [
      ...records,
      record(4, { kind: 'closure', volumes: ['a', 'b'] }),
      record(5, { kind: 'closure', volumes: ['b', 'c'] }),
    ]
    expect(closureVolumes(more)).toEqual(['a', 'b', 'c'])
  })
})

describe('the processes of a segment', () => {
  const process = (pid: number): NotedProcess => ({
    ...{ pid, startTime: `t${String(pid)}`, bootId: 'boot', purpose: `number ${String(pid)}` },
  })
  const segment = [
    record(1, { kind: 'spawn', ...process(1) }),
    record(2, { kind: 'spawn', ...process(2) }),
    record(3, { kind: 'reaped', pid: 2, startTime: 't2' }),
    record(4, { kind: 'spawn', ...process(3) }),
  ].map(encodeRecord)

  it('are those whose end nobody noted', () => {
    expect(unreapedProcesses(Buffer.from(segment.join('')))).toEqual([process(1), process(3)])
  })

  it('are told apart by their start time: an older one of the same number does not end the newer', () => {
    const reused = record(5, { kind: 'reaped', pid: 3, startTime: 'earlier' })
    const bytes = Buffer.from([...segment, encodeRecord(reused)].join(''))
    expect(unreapedProcesses(bytes)).toEqual([process(1), process(3)])
  })

  it('[row 6] are known wherever the file is cut: all that whole lines name', () => {
    const text = segment.join('')
    const expected = [[], [1], [1, 2], [1], [1, 3]]
    for (let length = 0; length <= text.length; length += 1) {
      // A line is whole from its last brace on: its line end may be missing.
      const whole = segment.filter((_, i) => segment.slice(0, i + 1).join('').length - 1 <= length).length
      const found = unreapedProcesses(Buffer.from(text.slice(0, length)))
      expect(found.map(({ pid }) => pid)).toEqual(expected[whole])
    }
  })

  it('[row 6] lose to a damaged line only what that line told', () => {
    const damaged = [segment[0], segment[1]?.replace('spawn', 'spawm'), segment[2], segment[3]].join('')
    expect(unreapedProcesses(Buffer.from(damaged)).map(({ pid }) => pid)).toEqual([1, 3])
    const binary = Buffer.concat([Buffer.from([0xff, 0xfe, 0x00, 0x0a]), Buffer.from(segment.join(''))])
    expect(unreapedProcesses(binary).map(({ pid }) => pid)).toEqual([1, 3])
  })
})
