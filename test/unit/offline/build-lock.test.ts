// One builder works at a time, and a lock does not outlive its process.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseHolder, startTimeOf, takeBuildLock } from '../../../offline/build-lock.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-lock-'))
  path = join(folder, 'build.lock')
})
afterEach(() => rm(folder, { recursive: true }))

describe('the build lock', () => {
  it('names this process while held, and is gone when given back', async () => {
    const release = await takeBuildLock(path)
    expect(parseHolder(await readFile(path, 'utf8'))?.pid).toBe(process.pid)
    await release()
    await expect(readFile(path)).rejects.toThrow()
  })

  it('is refused while its holder lives', async () => {
    const release = await takeBuildLock(path)
    await expect(takeBuildLock(path)).rejects.toThrow(
      `another bundle build is running (process ${String(process.pid)})`,
    )
    await release()
  })

  it('is taken over from a process that is gone', async () => {
    await writeFile(path, JSON.stringify({ pid: 4_000_000, startTime: '1' }))
    await (
      await takeBuildLock(path)
    )()
  })

  it('is taken over when another process has the id now', async () => {
    await writeFile(path, JSON.stringify({ pid: process.pid, startTime: '1' }))
    await (
      await takeBuildLock(path)
    )()
  })

  it('is taken over when its file is damaged', async () => {
    await writeFile(path, '{"pid"')
    await (
      await takeBuildLock(path)
    )()
  })

  it('knows the start of this process and of none that is missing', async () => {
    expect(await startTimeOf(process.pid)).toMatch(/^\d+$/)
    expect(await startTimeOf(4_000_000)).toBeUndefined()
  })
})
