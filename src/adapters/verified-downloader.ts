// Fetches files so that they are whole, right and durable, or not there: retries, resumes, bounds, sums, progress.
import { createHash, randomUUID, type Hash } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname } from 'node:path'
import { PlayError } from '../domain/errors.ts'
import type { Clock } from '../engine/clock.ts'
import { syncFolder } from './durable-file.ts'
import type { Downloader, DownloadRequest } from '../domain/downloader.ts'
import { adviceFor, createHttpSource, toTransferError, TransferError } from './http-source.ts'
import type { HttpSource, ProxyEnvironment } from './http-source.ts'

/** Bounds of one download. */
export interface DownloadLimits {
  /** Milliseconds without a byte after which a connection is given up. */
  readonly stallMs: number
  /** Milliseconds for everything: all tries and the waits between them. */
  readonly deadlineMs: number
  /** Tries in a row that brought not one new byte. */
  readonly fruitlessTries: number
  /** Tries in all, also when each of them brings a little. */
  readonly tries: number
  /** The first wait between tries; each next one is twice as long, up to the longest. Milliseconds. */
  readonly firstWaitMs: number
  readonly longestWaitMs: number
  /** A server that asks for a longer wait than this with Retry-After is not waited for. */
  readonly longestRetryAfterMs: number
  readonly maxRedirects: number
}

/** Patience that suits a laptop on a train and a CI machine behind a proxy. */
const defaultDownloadLimits: DownloadLimits = {
  stallMs: 30_000,
  deadlineMs: 20 * 60_000,
  fruitlessTries: 4,
  tries: 20,
  firstWaitMs: 500,
  longestWaitMs: 15_000,
  longestRetryAfterMs: 60_000,
  maxRedirects: 5,
}

/** How a downloader is made. */
export interface DownloaderOptions {
  readonly clock: Clock
  /** 0 to 1, for the jitter of the waits. */
  readonly random: () => number
  /** Sent to servers: "play/0.1.0". */
  readonly userAgent: string
  readonly limits?: Partial<DownloadLimits>
  /** HTTPS_PROXY, HTTP_PROXY, NO_PROXY. Used by Node 22.21, 24.5 and newer. */
  readonly proxyEnv?: ProxyEnvironment
  /** Leads an address to another server that has the same file: a company's mirror, or a test's. */
  readonly rewrite?: (url: string) => string
}

const PROGRESS_INTERVAL_MS = 200
const TRY_AGAIN = new Set([206, 408, 416, 425, 429, 500, 502, 503, 504])

/** Retry-After is a number of seconds or a date (RFC 9110, 10.2.3). */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)

/** What has arrived so far. */
interface Arrived {
  readonly handle: FileHandle
  hash: Hash
  size: number
  /** Whole size as the server tells it. */
  total: number | undefined
  /** Names this version of the file, so that a rest of another version is never joined to it (RFC 9110, 13.1.5). */
  validator: string | undefined
  /** True once a rest was joined. */
  joined: boolean
}

async function startOver(arrived: Arrived): Promise<void> {
  await arrived.handle.truncate(0)
  Object.assign(arrived, { hash: createHash('sha256'), size: 0, total: undefined, joined: false })
}

function rangeHeaders(arrived: Arrived): Record<string, string> {
  if (arrived.size === 0) return {}
  const condition = arrived.validator === undefined ? {} : { 'if-range': arrived.validator }
  return { range: `bytes=${String(arrived.size)}-`, ...condition }
}

/** The error for an answer that brings no usable body; the part of the file that is there is kept if it still can be. */
async function refusal(answer: IncomingMessage, arrived: Arrived, now: number): Promise<TransferError> {
  const status = answer.statusCode ?? 0
  answer.destroy()
  // Another range than the one asked for, or none: only the whole file is left to ask for.
  if (status === 416 || status === 206) await startOver(arrived)
  const wait = retryAfterMs(answer.headers['retry-after'], now)
  return new TransferError(`the server answered ${String(status)} ${answer.statusMessage ?? ''}`.trimEnd(), {
    retryable: TRY_AGAIN.has(status),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  })
}

/** Readies `arrived` for the body of this answer. Throws a TransferError for an answer without a usable one. */
async function accept(answer: IncomingMessage, arrived: Arrived, now: number): Promise<void> {
  const { etag, 'last-modified': modified, 'content-length': length, 'content-range': range } = answer.headers
  const from = Number(/^bytes (\d+)-/.exec(range ?? '')?.[1])
  if (answer.statusCode === 206 && from === arrived.size) arrived.joined = from > 0
  else if (answer.statusCode === 200) await startOver(arrived)
  else throw await refusal(answer, arrived, now)
  arrived.validator = etag?.startsWith('W/') === false ? etag : modified
  arrived.total = length === undefined ? undefined : arrived.size + Number(length)
}

/** Tells progress at most five times a second. */
function progressOf(request: DownloadRequest, clock: Clock): (arrived: Arrived) => void {
  let last = Number.NEGATIVE_INFINITY
  return ({ size, total }) => {
    if (request.report === undefined || (clock.now() - last < PROGRESS_INTERVAL_MS && size !== total)) return
    last = clock.now()
    const of = total === undefined ? '' : ` of ${megabytes(total)}`
    const fraction = total === undefined || total === 0 ? undefined : size / total
    request.report.progress(`${request.what}: ${megabytes(size)}${of} MB`, fraction)
  }
}

/** One download in the making: its request, what has arrived, and the means. */
interface Transfer {
  readonly request: DownloadRequest
  readonly url: string
  readonly arrived: Arrived
  readonly source: HttpSource
  readonly limits: DownloadLimits
  readonly clock: Clock
  readonly random: () => number
  /** Aborts with the request or at the deadline. */
  readonly signal: AbortSignal
  readonly progress: (arrived: Arrived) => void
  readonly proxyEnv: ProxyEnvironment | undefined
}

async function receive(transfer: Transfer): Promise<void> {
  const { request, arrived, signal } = transfer
  const resumable = arrived.validator !== undefined || request.sha256 !== undefined
  if (!resumable) await startOver(arrived)
  const answer = await transfer.source.get(transfer.url, rangeHeaders(arrived), signal)
  await accept(answer, arrived, transfer.clock.now())
  const tooLarge = new TransferError(`it is larger than ${megabytes(request.maxBytes)} MB`, {
    retryable: false,
  })
  if ((arrived.total ?? 0) > request.maxBytes) {
    answer.destroy()
    throw tooLarge
  }
  for await (const piece of answer as AsyncIterable<Buffer>) {
    if (arrived.size + piece.length > request.maxBytes) throw tooLarge
    await arrived.handle.appendFile(piece)
    arrived.hash.update(piece)
    arrived.size += piece.length
    transfer.progress(arrived)
  }
}

/** Compares the sum; false when only the joining of parts explains the difference and it is worth starting over. */
async function isRight(transfer: Transfer): Promise<boolean> {
  const { request, arrived } = transfer
  const actual = arrived.hash.copy().digest('hex')
  if (request.sha256 === undefined || actual === request.sha256) return true
  if (!arrived.joined) {
    const params = { what: `${request.what} from ${request.url}`, expected: request.sha256, actual }
    throw PlayError.of('CHECKSUM_MISMATCH', params)
  }
  await startOver(arrived)
  return false
}

async function pause(transfer: Transfer, failure: TransferError, fruitless: number): Promise<void> {
  const { request, limits, clock, signal } = transfer
  const longest = Math.min(limits.longestWaitMs, limits.firstWaitMs * 2 ** Math.max(0, fruitless - 1))
  const wait = failure.retryAfterMs ?? longest * (0.5 + transfer.random() / 2)
  const seconds = (wait / 1000).toFixed(1)
  if (wait > limits.longestRetryAfterMs)
    throw new TransferError(`${failure.message} and asks to wait ${seconds} s`, { retryable: false })
  request.report?.progress(`${request.what}: ${failure.message}; trying again in ${seconds} s`)
  await clock.sleep(wait, signal)
}

async function receiveAll(transfer: Transfer): Promise<void> {
  const { arrived, limits, signal } = transfer
  let fruitless = 0
  for (let tries = 1; ; tries += 1) {
    const before = arrived.size
    try {
      await receive(transfer)
      if (await isRight(transfer)) return
      throw new TransferError('its parts do not fit together', { retryable: true })
    } catch (error) {
      if (error instanceof PlayError) throw error
      signal.throwIfAborted()
      const failure = toTransferError(error)
      fruitless = arrived.size > before ? 1 : fruitless + 1
      if (!failure.retryable || fruitless >= limits.fruitlessTries || tries >= limits.tries) throw failure
      await pause(transfer, failure, fruitless)
    }
  }
}

function explain(error: unknown, transfer: Transfer): unknown {
  const { request, signal, limits } = transfer
  if (request.signal.aborted) return request.signal.reason
  if (error instanceof PlayError) return error
  const { url } = request
  if (signal.aborted) {
    const reason = `it was not done after ${String(Math.round(limits.deadlineMs / 1000))} s`
    return PlayError.of('DOWNLOAD_FAILED', { url, reason })
  }
  const failure = toTransferError(error)
  const suggestions = adviceFor(failure, transfer.proxyEnv)
  return PlayError.of(
    'DOWNLOAD_FAILED',
    { url, reason: failure.message },
    { cause: failure, ...(suggestions ? { suggestions } : {}) },
  )
}

async function finish(transfer: Transfer, part: string): Promise<void> {
  try {
    await receiveAll(transfer)
    await transfer.arrived.handle.sync()
  } finally {
    await transfer.arrived.handle.close()
  }
  await rename(part, transfer.request.to)
  await syncFolder(dirname(part))
}

/** Makes the downloader. One may serve any number of downloads at once; they share connections. */
export function createDownloader(options: DownloaderOptions): Downloader {
  const limits = { ...defaultDownloadLimits, ...options.limits }
  const { clock, random, proxyEnv } = options
  const { stallMs, maxRedirects } = limits
  const { userAgent } = options
  const source = createHttpSource({ userAgent, stallMs, maxRedirects, ...(proxyEnv ? { proxyEnv } : {}) })
  return {
    async download(request) {
      request.signal.throwIfAborted()
      const part = `${request.to}.${randomUUID()}.part`
      const handle = await open(part, 'ax')
      const transfer: Transfer = {
        request,
        url: options.rewrite?.(request.url) ?? request.url,
        arrived: {
          handle,
          hash: createHash('sha256'),
          size: 0,
          total: undefined,
          validator: undefined,
          joined: false,
        },
        ...{ source, limits, clock, random, proxyEnv },
        signal: AbortSignal.any([request.signal, AbortSignal.timeout(limits.deadlineMs)]),
        progress: progressOf(request, clock),
      }
      try {
        await finish(transfer, part)
        return { sha256: transfer.arrived.hash.digest('hex'), size: transfer.arrived.size }
      } catch (error) {
        await rm(part, { force: true })
        throw explain(error, transfer)
      }
    },
  }
}
