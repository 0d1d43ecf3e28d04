// One GET over https: redirects, proxy, stall; and what each failure means for trying again.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** Why a transfer ended early, and whether another try can help. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly retryable: boolean
  /** What the server asked for with Retry-After. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    options: { readonly retryable: boolean; readonly retryAfterMs?: number; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.retryable = options.retryable
    this.retryAfterMs = options.retryAfterMs
  }
}

/** Proxy variables as people set them; the lower-case ones win. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>

/** Settings of a source. */
export interface HttpSourceOptions {
  readonly userAgent: string
  /** Milliseconds without a byte after which a connection is given up. */
  readonly stallMs: number
  readonly maxRedirects: number
  /**
   * HTTPS_PROXY, HTTP_PROXY and NO_PROXY, which Node's agents read from this object since 22.21 and 24.5
   * (nodejs.org "Built-in Proxy Support"); older ones ignore it and connect directly.
   */
  readonly proxyEnv?: ProxyEnvironment
}

/** Opens files on web servers. */
export interface HttpSource {
  /** The answer behind all redirects, its body not yet read. Throws TransferError, or an AbortError. */
  get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage>
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** https anywhere; http only on this machine, for tests, and never once the way has been secure. */
function isAllowed(url: URL, secureBefore: boolean): boolean {
  if (url.protocol === 'https:') return true
  return url.protocol === 'http:' && !secureBefore && LOOPBACK.test(url.hostname)
}

function parse(url: string, base?: string): URL {
  const parsed = URL.parse(url, base)
  if (parsed === null) throw new TransferError('that is no address', { retryable: false })
  return parsed
}

const CERTIFICATE = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/
/** A local disk that is full or not ours. */
const LOCAL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EFBIG', 'EIO'])

/** Any error of a transfer as one that says whether to try again. Addresses lose their credentials. */
export function toTransferError(error: unknown): TransferError {
  if (error instanceof TransferError) return error
  const { code } = error as NodeJS.ErrnoException
  const text = error instanceof Error ? error.message : String(error)
  const message = (text === '' ? (code ?? 'it failed') : text).replaceAll(/\/\/[^/@\s]+@/g, '//')
  const retryable = code !== undefined && !LOCAL.has(code) && !CERTIFICATE.test(code)
  return new TransferError(message, { retryable, cause: error })
}

/** True for a Node that reads proxyEnv. */
export function supportsProxies(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)
}

/** What a person can do about a failure that the network between us and the server explains better than the server. */
export function adviceFor(
  error: TransferError,
  proxyEnv: ProxyEnvironment = {},
): readonly string[] | undefined {
  if (CERTIFICATE.test((error.cause as NodeJS.ErrnoException | undefined)?.code ?? ''))
    return ['Behind a proxy that opens https: set NODE_EXTRA_CA_CERTS to its certificate (PEM)']
  const wantsProxy = Object.keys(proxyEnv).some((name) => /^https?_proxy$/i.test(name) && proxyEnv[name])
  if (error.retryable && wantsProxy && !supportsProxies(process.versions.node))
    return [
      'This Node.js cannot use a proxy: install 22.21, 24.5 or newer',
      'Work without the network: play bundle list',
    ]
  return undefined
}

/** Makes a source; its idle connections do not keep the process alive. */
export function createHttpSource(options: HttpSourceOptions): HttpSource {
  const settings = { keepAlive: true, maxSockets: 8, proxyEnv: options.proxyEnv as NodeJS.ProcessEnv }
  const agents = { 'https:': new HttpsAgent(settings), 'http:': new HttpAgent(settings) }

  const requestOnce = (
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:'
      const settings = {
        agent: agents[secure ? 'https:' : 'http:'],
        // Bytes are compared with a sum, so they must come as they are.
        headers: { 'user-agent': options.userAgent, 'accept-encoding': 'identity', ...headers },
        signal,
        timeout: options.stallMs,
      }
      let response: IncomingMessage | undefined
      const request = (secure ? httpsRequest : httpRequest)(url, settings, (answer) => {
        response = answer
        // Whoever reads the body sees its error; one that nobody reads must not end the process.
        answer.on('error', () => undefined)
        resolve(answer)
      })
      request.on('timeout', () => {
        const seconds = String(options.stallMs / 1000)
        const stall = new TransferError(`nothing came for ${seconds} s`, { retryable: true })
        response?.destroy(stall)
        request.destroy(stall)
      })
      request.on('error', reject)
      request.end()
    })

  return {
    async get(address, headers, signal) {
      let url = parse(address)
      let secure = false
      for (let redirects = 0; redirects <= options.maxRedirects; redirects += 1) {
        if (!isAllowed(url, secure))
          throw new TransferError(`it leads to ${url.protocol}//${url.host}, which is not https`, {
            retryable: false,
          })
        secure = url.protocol === 'https:'
        const answer = await requestOnce(url, headers, signal)
        const { location } = answer.headers
        if (!REDIRECTS.has(answer.statusCode ?? 0) || location === undefined) return answer
        answer.resume()
        url = parse(location, url.href)
      }
      const limit = String(options.maxRedirects)
      throw new TransferError(`it redirects more than ${limit} times`, { retryable: false })
    },
  }
}
