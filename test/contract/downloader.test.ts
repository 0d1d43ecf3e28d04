/** What every downloader promises to src/artifacts, the real one and the fake. */
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { createDownloader } from '../../src/adapters/verified-downloader.ts'
import type { Downloader } from '../../src/domain/downloader.ts'
import { FileServer } from '../fakes/file-server.ts'
import { MemoryDownloader } from '../fakes/memory-downloader.ts'
import { RecordingReporter } from '../fakes/recording-reporter.ts'

interface Stage {
  readonly downloader: Downloader
  /** Puts a file on the internet and returns its address. */
  put(path: string, content: string): string
  /** An address with nothing behind it. */
  missing(): string
  close(): Promise<void>
}

async function realStage(): Promise<Stage> {
  const server = await FileServer.start()
  return {
    downloader: createDownloader({ clock: systemClock, random: () => 0, userAgent: 'play/test' }),
    put: (path, content) => server.put(path, content),
    missing: () => `${server.origin}/missing`,
    close: () => server.close(),
  }
}

function fakeStage(): Promise<Stage> {
  const downloader = new MemoryDownloader()
  const put = (path: string, content: string): string => {
    downloader.internet.set(`https://host${path}`, Buffer.from(content))
    return `https://host${path}`
  }
  const close = (): Promise<void> => Promise.resolve()
  return Promise.resolve({ downloader, put, missing: () => 'https://host/missing', close })
}

const sum = (content: string): string => createHash('sha256').update(content).digest('hex')

describe.each([
  ['the real downloader', realStage],
  ['the downloader in memory', fakeStage],
])('%s', (_name, makeStage) => {
  let folder: string
  let stage: Stage
  const signal = new AbortController().signal
  const request = (url: string) => ({
    url,
    what: 'the file',
    to: join(folder, 'file'),
    maxBytes: 1000,
    signal,
  })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'play-downloader-'))
    stage = await makeStage()
  })
  afterEach(async () => {
    await stage.close()
    await rm(folder, { recursive: true })
  })

  test('a file arrives whole, and its sum and size are told', async () => {
    const url = stage.put('/file', 'content')
    const got = await stage.downloader.download({ ...request(url), sha256: sum('content') })
    expect(got).toEqual({ sha256: sum('content'), size: 7 })
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('content')
    expect(await readdir(folder)).toEqual(['file'])
  })

  test('without a sum nothing is compared, and the sum is told', async () => {
    const url = stage.put('/file', 'whatever')
    expect((await stage.downloader.download(request(url))).sha256).toBe(sum('whatever'))
  })

  test('[row 40] other content than the sum says is refused, and nothing is left', async () => {
    const url = stage.put('/file', 'tampered')
    const wanted = { ...request(url), sha256: sum('content') }
    await expect(stage.downloader.download(wanted)).rejects.toMatchObject({
      id: 'CHECKSUM_MISMATCH',
      exitCode: 8,
    })
    expect(await readdir(folder)).toEqual([])
  })

  test('a file that is not there is a failed download, and nothing is left', async () => {
    const failed = stage.downloader.download(request(stage.missing()))
    await expect(failed).rejects.toMatchObject({ id: 'DOWNLOAD_FAILED', exitCode: 8 })
    expect(await readdir(folder)).toEqual([])
  })

  test('a file larger than allowed is refused, and nothing is left', async () => {
    const url = stage.put('/file', 'x'.repeat(1001))
    await expect(stage.downloader.download(request(url))).rejects.toMatchObject({ id: 'DOWNLOAD_FAILED' })
    expect(await readdir(folder)).toEqual([])
  })

  test('an abort rejects with its own reason', async () => {
    const reason = new Error('the person has had enough')
    const aborted = { ...request(stage.put('/file', 'content')), signal: AbortSignal.abort(reason) }
    await expect(stage.downloader.download(aborted)).rejects.toBe(reason)
    expect(await readdir(folder)).toEqual([])
  })

  test('progress ends at the whole', async () => {
    const report = new RecordingReporter()
    await stage.downloader.download({ ...request(stage.put('/file', 'content')), report })
    expect(report.progressed.at(-1)?.fraction).toBe(1)
  })
})
