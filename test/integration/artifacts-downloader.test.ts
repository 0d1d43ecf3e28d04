/** The downloader against servers that misbehave. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDownloader } from '../../src/adapters/verified-downloader.ts'
import type { DownloaderOptions } from '../../src/adapters/verified-downloader.ts'
import type { DownloadRequest } from '../../src/domain/downloader.ts'
import { supportsProxies } from '../../src/adapters/http-source.ts'
import type { Clock } from '../../src/engine/clock.ts'
import {
  answerWith,
  cutAfter as cutAfterArrival,
  FileServer,
  serveInstead,
  stallAfter,
} from '../fakes/file-server.ts'
import { RecordingReporter } from '../fakes/recording-reporter.ts'

const body = randomBytes(300_000)
const sha256 = createHash('sha256').update(body).digest('hex')
const path = '/releases/kind'

let folder: string
let server: FileServer
let waits: number[]

/** Real time, except that waits between tries are noted and skipped. */
const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => {
    waits.push(ms)
    return signal.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve()
  },
}

beforeEach(async () => {
  waits = []
  folder = await mkdtemp(join(tmpdir(), 'play-downloads-'))
  server = await FileServer.start()
  server.put(path, body)
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

function fetchFile(wanted: Partial<DownloadRequest> = {}, options: Partial<DownloaderOptions> = {}) {
  const downloader = createDownloader({
    clock,
    random: () => 1,
    userAgent: 'play/test',
    ...options,
    limits: options.limits ?? {},
  })
  return downloader.download({
    url: server.origin + path,
    what: 'kind 0.32.0',
    to: join(folder, 'kind'),
    sha256,
    maxBytes: 1e6,
    signal: new AbortController().signal,
    ...wanted,
  })
}

/** Resolves once exactly `count` bytes are in the unfinished file. */
async function arrived(count: number): Promise<void> {
  const size = async (): Promise<number> => {
    const [part] = (await readdir(folder)).filter((name) => name.endsWith('.part'))
    return part === undefined ? -1 : (await stat(join(folder, part))).size
  }
  await expect.poll(size, { interval: 2 }).toBe(count)
}

const cutAfter = (count: number, other?: { body: Buffer; headers: Record<string, string> }) =>
  cutAfterArrival(count, arrived, other)

async function expectWhole(): Promise<void> {
  expect((await readFile(join(folder, 'kind'))).equals(body)).toBe(true)
  expect(await readdir(folder)).toEqual(['kind'])
}

describe('a connection that is cut', () => {
  test('goes on where it stopped', async () => {
    server.next(path, cutAfter(100_000))
    await fetchFile()
    await expectWhole()
    expect(server.requests.map(({ range }) => range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d+-$/),
    ])
  })

  test('starts over when the server does not resume', async () => {
    server.next(path, cutAfter(200_000), cutAfter(250_000))
    await fetchFile()
    await expectWhole()
  })

  test('starts over when the file has changed meanwhile', async () => {
    const former = randomBytes(300_000)
    server.next(path, cutAfter(50_000, { body: former, headers: { etag: '"former"' } }))
    await fetchFile()
    await expectWhole()
    // The server saw by itself that the rest would not fit: two requests, not three.
    expect(server.requests).toHaveLength(2)
  })

  test('starts over once when parts were joined that do not fit together', async () => {
    // This server names no version of the file, so only the sum can tell.
    server.next(path, cutAfter(50_000, { body: randomBytes(300_000), headers: {} }))
    await fetchFile()
    await expectWhole()
    expect(server.requests).toHaveLength(3)
  })

  test('starts over when the server refuses the range', async () => {
    server.next(path, cutAfter(50_000), answerWith(416))
    await fetchFile()
    await expectWhole()
  })

  test('is given up after several tries without a new byte, and nothing is left', async () => {
    server.next(path, ...Array.from({ length: 9 }, () => cutAfter(0)))
    await expect(fetchFile()).rejects.toMatchObject({ id: 'DOWNLOAD_FAILED' })
    expect(server.requests).toHaveLength(4)
    expect(waits).toEqual([500, 1000, 2000])
    expect(await readdir(folder)).toEqual([])
  })

  test('is not given up while every try brings something, up to a bound', async () => {
    server.next(path, ...Array.from({ length: 9 }, (_, index) => cutAfter(20_000 * (index + 1))))
    await fetchFile({}, { limits: { tries: 10 } })
    await expectWhole()
  })
})

describe('a slow server', () => {
  test('that falls silent is asked again for the rest', async () => {
    server.next(path, stallAfter(100_000))
    await fetchFile({}, { limits: { stallMs: 150 } })
    await expectWhole()
  })

  test('that stays silent is given up with the reason', async () => {
    server.next(path, ...Array.from({ length: 9 }, () => stallAfter(0)))
    await expect(fetchFile({}, { limits: { stallMs: 150, fruitlessTries: 2 } })).rejects.toThrow(
      'nothing came for 0.15 s',
    )
  })

  test('is given up at the deadline', async () => {
    server.next(path, stallAfter(10))
    const failed = fetchFile({}, { limits: { stallMs: 60_000, deadlineMs: 200 } })
    await expect(failed).rejects.toThrow('it was not done after 0 s')
    expect(await readdir(folder)).toEqual([])
  })

  test('is left at once when the person aborts', async () => {
    server.next(path, stallAfter(10))
    const controller = new AbortController()
    const reason = new Error('enough')
    const failed = fetchFile({ signal: controller.signal }, { limits: { stallMs: 60_000 } })
    const aborted = expect(failed).rejects.toBe(reason)
    await expect.poll(() => server.requests.length).toBe(1)
    controller.abort(reason)
    await aborted
    expect(await readdir(folder)).toEqual([])
  })
})

describe('an answer that is no file', () => {
  test.each([404, 401, 403, 410])('%i is final', async (status) => {
    server.next(path, answerWith(status))
    await expect(fetchFile()).rejects.toThrow(`the server answered ${String(status)}`)
    expect(server.requests).toHaveLength(1)
  })

  test.each([429, 503])('%i is waited for as long as it asks', async (status) => {
    server.next(path, answerWith(status, { 'retry-after': '7' }))
    const report = new RecordingReporter()
    await fetchFile({ report })
    await expectWhole()
    expect(waits).toEqual([7000])
    expect(report.progressed[0]?.text).toMatch(/answered (429|503).*; trying again in 7\.0 s/)
  })

  test('429 that asks for hours is not waited for', async () => {
    server.next(path, answerWith(429, { 'retry-after': '7200' }))
    await expect(fetchFile()).rejects.toThrow('asks to wait 7200.0 s')
    expect(waits).toEqual([])
  })

  test('500 is tried again with growing waits', async () => {
    server.next(path, answerWith(500), answerWith(502))
    await fetchFile()
    expect(waits).toEqual([500, 1000])
  })
})

describe('the content', () => {
  test('that is wrong is refused at once and told with both sums', async () => {
    server.next(path, serveInstead(Buffer.from('evil')))
    await expect(fetchFile()).rejects.toThrow(sha256)
    expect(server.requests).toHaveLength(1)
    expect(await readdir(folder)).toEqual([])
  })

  test('of unknown length is bounded all the same', async () => {
    server.next(path, (response, file) => {
      response.writeHead(200)
      response.end(file)
    })
    await expect(fetchFile({ maxBytes: 200_000 })).rejects.toThrow('larger than 0.2 MB')
  })
})

describe('redirects', () => {
  test('are followed, as GitHub and kind.sigs.k8s.io need it', async () => {
    const url = `${server.origin}/dl/kind`
    server.next('/dl/kind', answerWith(302, { location: '/second' }))
    server.next('/second', answerWith(307, { location: server.origin + path }))
    await fetchFile({ url })
    await expectWhole()
  })

  test('have a bound', async () => {
    server.next(path, ...Array.from({ length: 9 }, () => answerWith(302, { location: path })))
    await expect(fetchFile()).rejects.toThrow('redirects more than 5 times')
  })

  test('never lead away from https, and http serves this machine only', async () => {
    server.next(path, answerWith(302, { location: 'http://example.org/kind' }))
    await expect(fetchFile()).rejects.toThrow('http://example.org, which is not https')
    await expect(fetchFile({ url: 'http://example.org/kind' })).rejects.toThrow('which is not https')
    await expect(fetchFile({ url: 'file:///etc/passwd' })).rejects.toThrow('which is not https')
  })
})

test('progress says how much of how much, at most five times a second', async () => {
  const report = new RecordingReporter()
  await fetchFile({ report })
  expect(report.progressed.at(-1)).toEqual({ text: 'kind 0.32.0: 0.3 of 0.3 MB', fraction: 1 })
  expect(report.progressed.length).toBeLessThan(10)
})

test('a server that is not there is a failed download with the reason', async () => {
  const closed = await FileServer.start()
  await closed.close()
  const failed = fetchFile({ url: `${closed.origin}/kind` })
  await expect(failed).rejects.toMatchObject({ id: 'DOWNLOAD_FAILED', exitCode: 8 })
  await expect(failed).rejects.toThrow('ECONNREFUSED')
})

describe('a proxy', () => {
  test.runIf(supportsProxies(process.versions.node))(
    'is used where the environment names one, except for NO_PROXY',
    async () => {
      const asked: string[] = []
      const proxy = createServer((request, response) => {
        asked.push(request.url ?? '')
        response.end(body)
      })
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
      const HTTP_PROXY = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`
      try {
        await fetchFile({}, { proxyEnv: { HTTP_PROXY } })
        expect(asked).toEqual([server.origin + path])
        await fetchFile({}, { proxyEnv: { HTTP_PROXY, NO_PROXY: '127.0.0.1' } })
        expect(asked).toHaveLength(1)
      } finally {
        proxy.closeAllConnections()
        await new Promise((resolve) => proxy.close(resolve))
      }
    },
  )

  test.runIf(supportsProxies(process.versions.node))(
    'that fails does not give away its password',
    async () => {
      const proxyEnv = { HTTP_PROXY: 'http://user:secret@127.0.0.1:1' }
      const failure: unknown = await fetchFile({}, { proxyEnv, limits: { fruitlessTries: 1 } }).catch(
        (error: unknown) => error,
      )
      expect(failure).toMatchObject({ id: 'DOWNLOAD_FAILED' })
      expect(String(failure)).not.toContain('secret')
    },
  )
})
