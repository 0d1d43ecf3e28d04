/** WebSockets to one API server, with numbered channels inside: what exec and port forwards speak. The only user of ws. */
import type { IncomingMessage } from 'node:http'
import { WebSocket, type RawData } from 'ws'
import { ApiStatusError, ConnectionError, connectionErrorOf, statusErrorOf } from './api-errors.ts'
import type { Credentials } from './credentials.ts'
import { headersOf, pathBelow, readAll } from './transport.ts'

/** What to open. */
export interface ChannelsRequest {
  /** Starts with a slash and carries its query. */
  readonly path: string
  /** Subprotocol, such as `v5.channel.k8s.io`; a server that does not speak it counts as wrong. */
  readonly protocol: string
  /** Called for each message, in order. It may come before the promise of the channels resolves. */
  readonly onFrame: (channel: number, payload: Buffer) => void
  /** Cuts the connection whenever it aborts. */
  readonly signal: AbortSignal
  /** For the handshake. */
  readonly timeoutMs: number
}

/** An open WebSocket. Each message is one byte, the channel, and the payload. */
export interface Channels {
  /** Resolves once the payload has left for the network, which is how a sender keeps to the pace of the receiver. */
  readonly send: (channel: number, payload: Uint8Array) => Promise<void>
  /** Stops reading, so that the server must wait. Messages that are here already still come. */
  readonly pause: () => void
  readonly resume: () => void
  /** Ends in order, after what was sent. */
  readonly close: () => void
  /** Cuts the connection. */
  readonly cut: () => void
  /** Resolves when the connection is gone: undefined after an orderly end, else what happened. Never rejects. */
  readonly closed: Promise<ConnectionError | undefined>
}

/** What a close without a close message is reported as (RFC 6455, 7.1.5). */
const abnormalClosure = 1006

/** For the server's part of an orderly end; it has nothing left to say by then. */
const closeTimeout = 2_000

/** Opens a WebSocket. Throws ApiStatusError when the server refuses it, ConnectionError, or the abort reason. */
export async function openChannels(credentials: Credentials, request: ChannelsRequest): Promise<Channels> {
  const { signal, onFrame } = request
  signal.throwIfAborted()
  const socket = connect(credentials, request)
  socket.on('message', (data: RawData) => {
    // With the default binary type, ws gives a Buffer for every message.
    const frame = data as Buffer
    const [channel] = frame
    if (channel !== undefined) onFrame(channel, frame.subarray(1))
  })
  const closed = endOf(socket)
  const cut = (): void => {
    socket.terminate()
  }
  // A signal of its own, because many listeners on one signal make Node warn of a leak.
  const stop = AbortSignal.any([signal])
  stop.addEventListener('abort', cut)
  void closed.then(() => {
    stop.removeEventListener('abort', cut)
  })
  await handshake(socket, request)
  return {
    send: (channel, payload) => sendFrame(socket, channel, payload),
    pause: () => {
      socket.pause()
    },
    resume: () => {
      socket.resume()
    },
    close: () => {
      socket.close()
    },
    cut,
    closed,
  }
}

function connect(credentials: Credentials, { path, protocol }: ChannelsRequest): WebSocket {
  const server = new URL(credentials.server)
  const options = {
    ...credentials.tls,
    headers: headersOf(credentials),
    // The other end is as near as the cluster: packing would cost more than it saves, and the API server offers none.
    perMessageDeflate: false,
    closeTimeout,
  }
  return new WebSocket(new URL(pathBelow(server, path), server), protocol, options)
}

function endOf(socket: WebSocket): Promise<ConnectionError | undefined> {
  let cause: unknown
  socket.on('error', (error) => (cause = error))
  return new Promise((resolve) => {
    socket.once('close', (code) => {
      if (cause !== undefined) resolve(connectionErrorOf(cause))
      else if (code !== abnormalClosure) resolve(undefined)
      else resolve(new ConnectionError('broken', 'the connection was cut'))
    })
  })
}

/** Waits until the socket is open; cuts it where that fails. */
async function handshake(socket: WebSocket, { signal, timeoutMs }: ChannelsRequest): Promise<void> {
  const late = AbortSignal.timeout(timeoutMs)
  const cut = (): void => {
    socket.terminate()
  }
  late.addEventListener('abort', cut)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve).on('error', reject)
      socket.once('unexpected-response', (_request, response) => {
        refusalOf(response).then(reject, reject)
      })
    })
  } catch (error) {
    cut()
    signal.throwIfAborted()
    if (late.aborted) throw new ConnectionError('silent', `no answer within ${String(timeoutMs / 1000)} s`)
    throw error instanceof ApiStatusError ? error : connectionErrorOf(error)
  } finally {
    late.removeEventListener('abort', cut)
  }
}

async function refusalOf(response: IncomingMessage): Promise<Error> {
  response.setEncoding('utf8')
  const { statusCode = 0, statusMessage = '', headers } = response
  const text = await readAll(response)
  if (statusCode >= 400) return statusErrorOf(statusCode, statusMessage, headers['retry-after'], text)
  return new ConnectionError('wrong', `what answers there has no WebSockets (${String(statusCode)})`)
}

function sendFrame(socket: WebSocket, channel: number, payload: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(Buffer.concat([Uint8Array.of(channel), payload]), (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
