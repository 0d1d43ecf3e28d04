/** The WebSockets of the API server stand-in: exec (v5.channel.k8s.io) and port forwards (v4.channel.k8s.io). */
import { STATUS_CODES, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { statusOf } from './api-answers.ts'
import { StoreRefusal, type ObjectStore } from './object-store.ts'
import { requirePod, runCommand, type CommandHandler } from './pod-commands.ts'
import { isAllowed } from './test-only-tls.ts'

interface PodTarget {
  readonly namespace: string
  readonly pod: string
  readonly verb: string
  readonly query: URLSearchParams
}

const protocols: Readonly<Record<string, string>> = {
  exec: 'v5.channel.k8s.io',
  portforward: 'v4.channel.k8s.io',
}

/** Odd and small, so that characters are cut by the borders of messages. */
const outputFrameBytes = 4099

/** Everything that is upgraded on one stand-in. */
export class PodStreams {
  onExec: CommandHandler = () => undefined
  /** The port of this machine that stands for a port of a pod; undefined where nothing listens in the pod. */
  onForward: (pod: string, port: number) => number | undefined = () => undefined
  /** Method, path and query of each handshake. */
  readonly handshakes: string[] = []
  /** Handshakes that are refused, oldest first, whatever they want. */
  readonly refusals: StoreRefusal[] = []
  /** When set, handshakes are not answered. */
  isMute = false
  /** When set, commands end without a look at their stdin, and the server cuts the connection. */
  ignoresStdin = false
  readonly #store: ObjectStore
  readonly #never = new AbortController()
  readonly #server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered][0] ?? false,
  })

  constructor(store: ObjectStore) {
    this.#store = store
  }

  /** Answers a handshake. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => undefined)
    const { method = '', url = '' } = request
    this.handshakes.push(`${method} ${url}`)
    if (this.isMute) return
    try {
      const target = this.#admit(request, url)
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', () => undefined)
        if (target.verb === 'exec') void this.#exec(webSocket, target)
        else this.#forward(webSocket, target)
      })
    } catch (error) {
      if (!(error instanceof StoreRefusal)) throw error
      refuse(socket, error)
    }
  }

  /** Breaks every open WebSocket. */
  cut(): void {
    for (const webSocket of this.#server.clients) webSocket.terminate()
  }

  #admit(request: IncomingMessage, url: string): PodTarget {
    const refusal = this.refusals.shift()
    if (refusal !== undefined) throw refusal
    if (!isAllowed(request)) throw new StoreRefusal(401, 'Unauthorized', 'Unauthorized')
    const { pathname, searchParams: query } = new URL(url, 'https://stand-in')
    const match = /\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(exec|portforward)$/.exec(pathname)
    const [namespace, pod, verb] = match?.slice(1).map(decodeURIComponent) ?? []
    if (namespace === undefined || pod === undefined || verb === undefined)
      throw new StoreRefusal(404, 'NotFound', 'the server could not find the requested resource')
    if (request.headers['sec-websocket-protocol'] !== protocols[verb])
      throw new StoreRefusal(400, 'BadRequest', 'the stand-in does not speak that protocol')
    requirePod(this.#store, namespace, pod)
    return { namespace, pod, verb, query }
  }

  async #exec(webSocket: WebSocket, { namespace, pod, query }: PodTarget): Promise<void> {
    for (const channel of [1, 2, 3]) send(webSocket, channel)
    if (this.ignoresStdin) webSocket.pause()
    const hasStdin = query.get('stdin') === 'true'
    const stdin = hasStdin && !this.ignoresStdin ? await stdinOf(webSocket) : undefined
    const target = {
      namespace,
      pod,
      container: query.get('container') ?? '',
      command: query.getAll('command'),
      ...(stdin === undefined ? {} : { stdin }),
    }
    try {
      const { exitCode, stdout, stderr } = await runCommand(this.onExec, target, this.#never.signal)
      sendChunks(webSocket, 1, Buffer.from(stdout))
      sendChunks(webSocket, 2, Buffer.from(stderr))
      send(webSocket, 3, Buffer.from(JSON.stringify(exitStatus(exitCode))))
    } catch (error) {
      send(
        webSocket,
        3,
        Buffer.from(JSON.stringify(statusOf(500, 'InternalError', (error as Error).message))),
      )
    }
    if (this.ignoresStdin)
      webSocket.send(Buffer.of(1), () => {
        webSocket.terminate()
      })
    else webSocket.close()
  }

  #forward(webSocket: WebSocket, { pod, query }: PodTarget): void {
    const port = Number(query.get('ports'))
    for (const channel of [0, 1]) send(webSocket, channel, Buffer.of(port % 256, Math.floor(port / 256)))
    const local = this.onForward(pod, port)
    if (local === undefined) {
      send(
        webSocket,
        1,
        Buffer.from(`error forwarding port ${String(port)} to pod ${pod}: connection refused`),
      )
      webSocket.close()
      return
    }
    const socket = connect({ port: local, host: '127.0.0.1' })
    webSocket.on('message', (data: Buffer) => {
      if (data[0] === 0 && !socket.write(data.subarray(1))) webSocket.pause()
    })
    webSocket.on('close', () => socket.end())
    socket.on('drain', () => {
      webSocket.resume()
    })
    socket.on('data', (data) => {
      socket.pause()
      webSocket.send(Buffer.concat([Buffer.of(0), data]), () => socket.resume())
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      webSocket.close()
    })
  }
}

function send(webSocket: WebSocket, channel: number, payload: Uint8Array = Buffer.alloc(0)): void {
  webSocket.send(Buffer.concat([Buffer.of(channel), payload]))
}

function sendChunks(webSocket: WebSocket, channel: number, bytes: Buffer): void {
  for (let start = 0; start < bytes.length; start += outputFrameBytes)
    send(webSocket, channel, bytes.subarray(start, start + outputFrameBytes))
}

/** Everything that comes on channel 0 until the client closes it. */
function stdinOf(webSocket: WebSocket): Promise<Buffer> {
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    webSocket.on('message', (data: Buffer) => {
      if (data[0] === 0) chunks.push(data.subarray(1))
      else if (data[0] === 255 && data[1] === 0) resolve(Buffer.concat(chunks))
    })
  })
}

/** How the API tells the end of a command. */
function exitStatus(exitCode: number): object {
  if (exitCode === 0) return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
  const message = `command terminated with non-zero exit code: ${String(exitCode)}`
  const causes = [{ reason: 'ExitCode', message: String(exitCode) }]
  return { metadata: {}, status: 'Failure', message, reason: 'NonZeroExitCode', details: { causes } }
}

function refuse(socket: Duplex, { status, reason, message }: StoreRefusal): void {
  const body = JSON.stringify(statusOf(status, reason, message))
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${String(Buffer.byteLength(body))}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
