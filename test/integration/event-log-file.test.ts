import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openEventLogFile } from '../../src/adapters/event-log-file.ts'
import type { RunEvent } from '../../src/engine/events.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-log-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

function event(seq: number): RunEvent {
  const envelope = { schema: 1, seq, time: '2026-01-01T00:00:00.000Z', run: 'r', subject: 'dev' } as const
  return { ...envelope, type: 'step.log', step: 'cluster.stack', line: `line "${String(seq)}"\nof text` }
}

describe('the log of a run', () => {
  it('holds every event on a line of its own, in a private file', async () => {
    const log = await openEventLogFile(folder, '01a')
    for (let seq = 1; seq <= 2000; seq += 1) log.sink(event(seq))
    expect(await log.close()).toBeUndefined()
    const lines = (await readFile(join(folder, 'events', '01a.ndjson'), 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as RunEvent)).toEqual(
      Array.from({ length: 2000 }, (_, index) => event(index + 1)),
    )
    expect((await stat(log.path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'events'))).mode & 0o777).toBe(0o700)
  })

  it('is one of the newest twenty', async () => {
    for (let run = 10; run < 35; run += 1) await (await openEventLogFile(folder, `01a${String(run)}`)).close()
    const names = (await readdir(join(folder, 'events'))).sort()
    expect(names).toHaveLength(20)
    expect(names.at(0)).toBe('01a15.ndjson')
    expect(names.at(-1)).toBe('01a34.ndjson')
  })

  it('does not come back when the folder is removed in the middle of the run', async () => {
    const log = await openEventLogFile(folder, '01a')
    log.sink(event(1))
    await rm(folder, { recursive: true })
    log.sink(event(2))
    expect(await log.close()).toBeUndefined()
    await expect(stat(folder)).rejects.toThrow('ENOENT')
  })

  it('takes what comes too late without harm', async () => {
    const log = await openEventLogFile(folder, '01a')
    await log.close()
    log.sink(event(1))
    expect(await log.close()).toBeUndefined()
    expect(await readFile(log.path, 'utf8')).toBe('')
  })

  it('never mixes two runs', async () => {
    await (await openEventLogFile(folder, '01a')).close()
    await expect(openEventLogFile(folder, '01a')).rejects.toThrow('EEXIST')
  })
})
