/** Forwards TCP connections to a port of a pod, each over a WebSocket of its own (`v4.channel.k8s.io`). */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { PlayError } from '../../domain/errors.ts'
import type { Forward, ForwardTarget } from '../../domain/ports.ts'
import { hasCode, systemReason } from '../../domain/system-error.ts'
import type { Api } from './api.ts'
import type { Channels } from './web-socket.ts'

const protocol = 'v4.channel.k8s.io'
const host = '127.0.0.1'

/** Carries the connection; channel 1 carries words on why the pod's port cannot be reached, and then all is closed. */
const dataChannel = 0

/** The first message of each channel begins with the port, two bytes. */
const portBytes = 2

/**
 * Listens on 127.0.0.1 until the signal aborts or the client is closed. Throws PORT_TAKEN, USAGE_INVALID for a port that
 * play may not listen on, or the abort reason.
 */
export async function forwardToPod(api: Api, target: ForwardTarget, signal: AbortSignal): Promise<Forward> {
  const stop = AbortSignal.any([signal, api.closed])
  stop.throwIfAborted()
  // Nothing is read before there is somewhere to send it.
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    void serve(api, target, socket, stop)
  })
  const closed = new Promise<void>((resolve) => server.once('close', resolve))
  const port = await listen(server, target.localPort ?? 0)
  const end = (): void => {
    server.close()
  }
  // A listener that broke must not go on in name only. Its connections end by themselves, or with the signal.
  server.once('error', end)
  stop.addEventListener('abort', end)
  void closed.then(() => {
    stop.removeEventListener('abort', end)
  })
  if (stop.aborted) end()
  return { port, closed }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(refusalOf(error, port))
    })
    server.listen({ host, port, exclusive: true }, resolve)
  })
  server.removeAllListeners('error')
  return (server.address() as AddressInfo).port
}

function refusalOf(cause: unknown, port: number): PlayError {
  if (hasCode(cause, 'EADDRINUSE')) return PlayError.of('PORT_TAKEN', { port }, { cause })
  const reason = `play cannot listen on port ${String(port)} of this machine: ${systemReason(cause)}`
  return PlayError.of('USAGE_INVALID', { reason }, { cause })
}

/** Serves one connection to its end, however it ends. */
async function serve(api: Api, target: ForwardTarget, socket: Socket, signal: AbortSignal): Promise<void> {
  // A signal of its own, because many listeners on one signal make Node warn of a leak.
  const stop = AbortSignal.any([signal])
  const cut = (): void => {
    socket.destroy()
  }
  stop.addEventListener('abort', cut)
  socket.once('close', () => {
    stop.removeEventListener('abort', cut)
  })
  // Reported by `close`, too, and of no interest beyond that: it is between the two ends of the connection.
  socket.on('error', () => undefined)
  try {
    const channels = await connect(api, target, socket, stop)
    join(socket, channels)
    // A cut is passed on as such, so that half an answer is not taken for a whole one.
    if ((await channels.closed) === undefined) socket.end()
    else socket.resetAndDestroy()
  } catch {
    socket.destroy()
  }
}

/** A WebSocket whose data goes into the socket. */
async function connect(
  api: Api,
  target: ForwardTarget,
  socket: Socket,
  signal: AbortSignal,
): Promise<Channels> {
  const { namespace, port } = target
  const pod = typeof target.pod === 'string' ? target.pod : await target.pod(signal)
  const path = await api.pathTo({ apiVersion: 'v1', kind: 'Pod', namespace }, pod, signal)
  let isFirst = true
  let pause = (): void => undefined
  const onFrame = (channel: number, payload: Buffer): void => {
    if (channel !== dataChannel || !socket.writable) return
    const data = isFirst ? payload.subarray(portBytes) : payload
    isFirst = false
    if (!socket.write(data)) pause()
  }
  const request = { path: `${path}/portforward?ports=${String(port)}`, protocol, onFrame, signal }
  const channels = await api.openChannels(request)
  pause = channels.pause
  return channels
}

/** Lets both ends keep to each other's pace, and ends one with the other. */
function join(socket: Socket, channels: Channels): void {
  socket.on('drain', () => {
    channels.resume()
  })
  socket.on('data', (data) => {
    socket.pause()
    channels.send(dataChannel, data).then(
      () => socket.resume(),
      // There is nobody left to read it; what has come from there is still delivered.
      () => {
        socket.destroySoon()
      },
    )
  })
  socket.once('end', () => {
    channels.close()
  })
  socket.once('close', () => {
    // In order, as what was sent may still be on its way, and reading on to the server's part of the end.
    channels.resume()
    channels.close()
  })
  socket.resume()
}
