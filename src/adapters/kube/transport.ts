/** HTTPS to one API server: few connections that stay open, a deadline for each request, answers as JSON or text. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { ApiStatusError, ConnectionError, connectionErrorOf, statusErrorOf } from './api-errors.ts'
import type { Credentials } from './credentials.ts'

/** One request; `path` starts with a slash and carries its query. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: { readonly type: string; readonly text: string }
  /** Media type of the answer; JSON if left out. */
  readonly accept?: string
  readonly signal: AbortSignal
  /** From the moment the request has a connection to the end of the answer (of its head, for a stream). */
  readonly timeoutMs: number
}

/**
 * Connections for requests. 16 let the API server work on as many objects at once as it can on a small machine, and cost
 * 16 TLS handshakes at most.
 */
const maxConnections = 16

/** Shorter than the API server's 90 s, so that a request rarely meets a connection that is just being closed. */
const idleConnectionMs = 30_000

/** Sends requests to one server until it is closed. Throws ApiStatusError, ConnectionError or the abort reason. */
export class Transport {
  readonly #server: URL
  readonly #headers: Readonly<Record<string, string>>
  readonly #requests: Agent
  /** Long-lived answers get connections of their own: a watch must not take one of the few from requests. */
  readonly #streams: Agent
  readonly #closed = new AbortController()

  constructor(credentials: Credentials) {
    this.#server = new URL(credentials.server)
    this.#headers = headersOf(credentials)
    const { tls } = credentials
    this.#requests = new Agent({
      ...tls,
      keepAlive: true,
      maxSockets: maxConnections,
      timeout: idleConnectionMs,
    })
    this.#streams = new Agent({ ...tls, maxSockets: Infinity })
  }

  /** Sends a request and parses the whole answer. */
  async json(request: ApiRequest): Promise<unknown> {
    return parseJson(await this.text(request))
  }

  /** Sends a request and reads the whole answer. */
  async text(request: ApiRequest): Promise<string> {
    const exchange = this.#open(request, this.#requests)
    try {
      return await readAll(await exchange.response)
    } catch (error) {
      throw exchange.explain(error)
    } finally {
      exchange.end()
    }
  }

  /**
   * Sends a request and yields the answer's text as it comes. With `silenceMs`, an answer that is silent for longer counts
   * as a broken connection. The caller must iterate, or call `return`, to free the connection.
   */
  async stream(request: ApiRequest, silenceMs?: number): Promise<AsyncGenerator<string, void, undefined>> {
    const exchange = this.#open(request, this.#streams)
    try {
      const response = await exchange.response
      exchange.allow(silenceMs)
      return chunksOf(response, exchange, silenceMs)
    } catch (error) {
      exchange.end()
      throw exchange.explain(error)
    }
  }

  /** Ends everything under way and closes all connections. */
  close(): void {
    // First the requests, then the sockets: an agent that is destroyed would open new sockets for those in its queue.
    this.#closed.abort(new ConnectionError('closed', 'the client was closed'))
    this.#requests.destroy()
    this.#streams.destroy()
  }

  #open(request: ApiRequest, agent: Agent): Exchange {
    return new Exchange(request, this.#closed.signal, (signal) =>
      httpsRequest({
        agent,
        signal,
        method: request.method,
        host: this.#server.hostname.replace(/^\[|\]$/g, ''),
        port: this.#server.port === '' ? 443 : Number(this.#server.port),
        path: pathBelow(this.#server, request.path),
        headers: {
          ...this.#headers,
          accept: request.accept ?? 'application/json',
          ...(request.body === undefined ? {} : bodyHeaders(request.body)),
        },
      }),
    )
  }
}

/** Headers of every request. */
export function headersOf({ token }: Credentials): Record<string, string> {
  return { 'user-agent': 'play', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
}

/** A path of the API below the address of the server, which may have a path of its own. */
export function pathBelow(server: URL, path: string): string {
  return server.pathname.replace(/\/$/, '') + path
}

function bodyHeaders({
  type,
  text,
}: {
  readonly type: string
  readonly text: string
}): Record<string, string> {
  // Node leaves the length out of a DELETE, and the server then takes the body for a second request.
  return { 'content-type': type, 'content-length': String(Buffer.byteLength(text)) }
}

/** One request on its way, with its timer. */
class Exchange {
  /** The head of a good answer; rejects with ApiStatusError when the server refuses. */
  readonly response: Promise<IncomingMessage>
  readonly #signal: AbortSignal
  readonly #closed: AbortSignal
  readonly #late = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(request: ApiRequest, closed: AbortSignal, send: (signal: AbortSignal) => ClientRequest) {
    this.#signal = request.signal
    this.#closed = closed
    this.response = this.#answer(request, send)
  }

  async #answer(request: ApiRequest, send: (signal: AbortSignal) => ClientRequest): Promise<IncomingMessage> {
    // AbortSignal.any, because a listener for each of many parallel requests on one signal makes Node warn of a leak.
    const any = AbortSignal.any([this.#signal, this.#closed, this.#late.signal])
    any.throwIfAborted()
    // Whoever reads the answer may have stopped doing so without a word; a timer must not keep the process alive for it.
    any.addEventListener('abort', () => {
      this.end()
    })
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = send(any)
      // A connection may have to be waited for; that time is not the server's.
      sent.once('socket', () => {
        this.allow(request.timeoutMs)
      })
      sent.once('response', resolve)
      // Stays attached: an abort after the head of the answer is emitted here as well.
      sent.on('error', reject)
      sent.end(request.body?.text)
    })
    response.setEncoding('utf8')
    const { statusCode = 0, statusMessage = '', headers } = response
    if (statusCode < 400) return response
    throw statusErrorOf(statusCode, statusMessage, headers['retry-after'], await readAll(response))
  }

  /** Sets the timer anew; without `ms` the exchange may take as long as it likes. */
  allow(ms: number | undefined): void {
    clearTimeout(this.#timer)
    if (ms === undefined || this.#late.signal.aborted) return
    this.#timer = setTimeout(() => {
      this.#late.abort(new ConnectionError('silent', `no answer within ${String(ms / 1000)} s`))
    }, ms)
  }

  /** Puts back the timer to its full time. */
  heard(): void {
    this.#timer?.refresh()
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  /** Why it failed: the abort's reason if it was aborted, else the error in words. */
  explain(error: unknown): unknown {
    if (this.#signal.aborted) return this.#signal.reason
    if (this.#closed.aborted) return this.#closed.reason
    if (this.#late.signal.aborted) return this.#late.signal.reason
    return error instanceof ApiStatusError ? error : connectionErrorOf(error)
  }
}

async function* chunksOf(
  response: IncomingMessage,
  exchange: Exchange,
  silenceMs: number | undefined,
): AsyncGenerator<string, void, undefined> {
  try {
    for await (const chunk of response) {
      if (silenceMs !== undefined) exchange.heard()
      yield chunk as string
    }
  } catch (error) {
    throw exchange.explain(error)
  } finally {
    exchange.end()
    response.destroy()
  }
}

/** The whole text of an answer. */
export async function readAll(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response) text += chunk as string
  return text
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ConnectionError('wrong', 'what answers there is no Kubernetes API', error)
  }
}
