import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { replay } from '../../src/journal/record.ts'
import { openSegment, readSegments, type Segment } from '../../src/journal/segment.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-segment-'))
  path = join(folder, 'plugin-01.jsonl')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

/** A number above 90 is that of a process that has ended before anybody could look. */
function open(): Promise<Segment> {
  return openSegment(path, {
    ...{ epoch: 'one', tool: 'play 0.1.0', now: () => 0, pid: 1, purpose: 'plug-in' },
    identify: (pid) =>
      Promise.resolve(pid > 90 ? undefined : { startTime: `t${String(pid)}`, bootId: 'boot' }),
  })
}

async function notes(): Promise<string[]> {
  const { records, condition } = replay(await readFile(path))
  expect(condition).toBe('sound')
  return records.map((each) => ('pid' in each ? `${each.kind} ${String(each.pid)}` : each.kind))
}

describe('a segment', () => {
  it('[row 53] begins with its writer, on disk and private, before anything else happens', async () => {
    await open()
    expect(replay(await readFile(path)).records).toMatchObject([
      { seq: 1, epoch: 'one', kind: 'spawn', pid: 1, startTime: 't1', bootId: 'boot', purpose: 'plug-in' },
    ])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('notes a child when it starts and when it has ended, and knows whether one runs', async () => {
    const segment = await open()
    await segment.spawned(7, 'kind create')
    expect(segment.running).toBe(1)
    expect(readSegments(folder)).toMatchObject([{ pid: 1 }, { pid: 7, purpose: 'kind create' }])
    await segment.reaped(7)
    expect(segment.running).toBe(0)
    expect(await notes()).toEqual(['spawn 1', 'spawn 7', 'reaped 7'])
    expect(readSegments(folder)).toMatchObject([{ pid: 1, segment: 'plugin-01.jsonl' }])
  })

  it('needs no note of a child that has ended before it could be looked at', async () => {
    const segment = await open()
    await segment.spawned(99, 'kind version')
    await segment.reaped(99)
    expect(await notes()).toEqual(['spawn 1'])
  })

  it('goes when its writer ends in order', async () => {
    const segment = await open()
    segment.remove()
    expect(readSegments(folder)).toEqual([])
  })

  it.each(['the folder is gone', 'it is a symbolic link'])('says so where %s', async (what) => {
    if (what === 'the folder is gone') path = join(folder, 'gone', 'plugin-01.jsonl')
    else await symlink('/etc/hostname', path)
    await expect(open()).rejects.toMatchObject({ id: 'STATE_UNWRITABLE' })
  })
})

describe('the segments of a folder', () => {
  it('are those of plug-ins and of port-forwards, and no other file', async () => {
    await open()
    await writeFile(join(folder, 'open-12.jsonl'), await readFile(path))
    for (const name of ['journal.jsonl', 'plugin-01.jsonl.torn-x', 'plugin-.jsonl', 'state.json'])
      await writeFile(join(folder, name), await readFile(path))
    expect(readSegments(folder).map(({ segment }) => segment)).toEqual(['open-12.jsonl', 'plugin-01.jsonl'])
  })

  it('are none in a folder that is not there', () => {
    expect(readSegments(join(folder, 'gone'))).toEqual([])
  })
})
