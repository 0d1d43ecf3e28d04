/** Port forwards over real WebSockets: bytes both ways, pods that come and go, and nothing left behind. */
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ForwardTarget } from '../../src/domain/ports.ts'
import { pod } from '../fakes/sample-objects.ts'
import { useStandIn } from '../fakes/use-stand-in.ts'

const world = useStandIn()
const target: ForwardTarget = { namespace: 'default', pod: 'web', port: 8080 }

/** For what happens by itself, on a machine that may be busy. */
const patience = { timeout: 10_000 }

let stop: AbortController
/** The program in the pod; tests put their own in its place. */
let program: (socket: Socket) => void
let inPod: Server
const sockets: Socket[] = []

beforeEach(async () => {
  stop = new AbortController()
  program = (socket) => socket.pipe(socket)
  inPod = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    program(socket)
  })
  await new Promise<void>((resolve) => inPod.listen(0, '127.0.0.1', resolve))
  world.standIn.store.put(pod)
  world.standIn.pods.onForward = (name, port) =>
    name === 'web' && port === 8080 ? (inPod.address() as AddressInfo).port : undefined
})
afterEach(async () => {
  stop.abort()
  world.standIn.pods.cut()
  for (const socket of sockets.splice(0)) socket.destroy()
  await new Promise((resolve) => inPod.close(resolve))
})

async function connectTo(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  return socket
}

/** Everything that comes until the other side ends; rejects when the connection is cut. */
async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Sends bytes to the echo and reads as many back. */
async function echoed(socket: Socket, bytes: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  socket.write(bytes)
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer)
    length += (chunk as Buffer).length
    if (length >= bytes.length) break
  }
  return Buffer.concat(chunks)
}

/** More than all buffers on the way hold together. */
const total = 60_000_000

interface Sent {
  /** True when some is left that nobody has taken for half a second. */
  waits(): boolean
}

/** Sends `total` bytes as fast as they are taken, and ends. */
function send(socket: Socket): Sent {
  let written = 0
  let since = Date.now()
  const more = (): void => {
    since = Date.now()
    while (written < total) {
      written += 1_000_000
      if (!socket.write(Buffer.alloc(1_000_000))) return
    }
    socket.end()
  }
  socket.on('drain', more)
  more()
  return { waits: () => written < total && Date.now() - since > 500 }
}

function sum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('a forward', () => {
  it('carries 5 MB to the pod and back unharmed, for two connections at once', async () => {
    const { port } = await world.client.forward(target, stop.signal)
    const first = randomBytes(5_000_000)
    const second = randomBytes(5_000_000)

    const back = await Promise.all([
      connectTo(port).then((socket) => echoed(socket, first)),
      connectTo(port).then((socket) => echoed(socket, second)),
    ])

    expect(back.map(sum)).toEqual([first, second].map(sum))
    expect(world.standIn.pods.handshakes).toEqual(
      Array(2).fill('GET /api/v1/namespaces/default/pods/web/portforward?ports=8080'),
    )
  })

  it('ends the connection when the pod does, and delivers all that came before', async () => {
    const answer = randomBytes(3_000_000)
    program = (socket) => socket.end(answer)
    const { port } = await world.client.forward(target, stop.signal)

    expect(sum(await readToEnd(await connectTo(port)))).toBe(sum(answer))
  })

  it('ends the connection in the pod when the client does, and delivers all that came before', async () => {
    const sent = randomBytes(3_000_000)
    const received = new Promise<Buffer>((resolve) => {
      program = (socket) => void readToEnd(socket).then(resolve)
    })
    const { port } = await world.client.forward(target, stop.signal)
    const socket = await connectTo(port)

    socket.end(sent)

    expect(sum(await received)).toBe(sum(sent))
    await expect.poll(() => world.standIn.openConnections(), patience).toBe(0)
  })

  it('lets a pod wait while the client does not read, and then delivers everything', async () => {
    let sent: Sent | undefined
    program = (socket) => (sent = send(socket))
    const { port } = await world.client.forward(target, stop.signal)
    const socket = await connectTo(port)

    await expect.poll(() => sent?.waits(), patience).toBe(true)

    expect((await readToEnd(socket)).length).toBe(total)
  })

  it('lets a client wait while the pod does not read, and then delivers everything', async () => {
    let go = (): void => undefined
    const received = new Promise<Buffer>((resolve) => {
      program = (socket) => {
        socket.pause()
        go = () => void readToEnd(socket).then(resolve)
      }
    })
    const { port } = await world.client.forward(target, stop.signal)
    const sent = send(await connectTo(port))

    await expect.poll(() => sent.waits(), patience).toBe(true)
    go()

    expect((await received).length).toBe(total)
  })

  it('cuts the connection when the cluster does, so that half an answer is not taken for a whole one', async () => {
    program = (socket) => socket.write('half')
    const { port } = await world.client.forward(target, stop.signal)
    const socket = await connectTo(port)
    await once(socket, 'data')

    world.standIn.cutConnections()

    await expect(readToEnd(socket)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('pods that come and go', () => {
  it('closes a connection to a dead pod, and finds the next one alive', async () => {
    const names = ['gone', 'web']
    const { port } = await world.client.forward(
      { ...target, pod: () => Promise.resolve(names.shift() ?? 'web') },
      stop.signal,
    )

    await expect(readToEnd(await connectTo(port))).resolves.toHaveLength(0)
    expect((await echoed(await connectTo(port), Buffer.from('hello'))).toString()).toBe('hello')
  })

  it('closes a connection whose pod cannot be found, or listens nowhere', async () => {
    const unknown = await world.client.forward(
      { ...target, pod: () => Promise.reject(new Error('no pod yet')) },
      stop.signal,
    )
    const deaf = await world.client.forward({ ...target, port: 81 }, stop.signal)

    await expect(readToEnd(await connectTo(unknown.port))).resolves.toHaveLength(0)
    await expect(readToEnd(await connectTo(deaf.port))).resolves.toHaveLength(0)
  })
})

describe('the port', () => {
  it('is the one that was asked for, and refused when it is taken', async () => {
    const { port, closed } = await world.client.forward(target, stop.signal)

    await expect(
      world.client.forward({ ...target, localPort: port }, new AbortController().signal),
    ).rejects.toMatchObject({ id: 'PORT_TAKEN', message: `Port ${String(port)} on this machine is taken` })

    stop.abort()
    await closed
    stop = new AbortController()
    expect(await world.client.forward({ ...target, localPort: port }, stop.signal)).toMatchObject({ port })
  })

  it('listens on the loopback address only', async () => {
    const { port } = await world.client.forward(target, stop.signal)

    await expect(once(connect({ port, host: '127.0.0.2' }), 'connect')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })
})

/** Runs in a process of its own, which ends by itself once nothing is left that keeps it alive. */
const oneForward = `
const [, moduleUrl, access] = process.argv
const { createClusterClients } = await import(moduleUrl)
const { connect } = await import('node:net')
const client = await createClusterClients().open(JSON.parse(access))
const stop = new AbortController()
const { port, closed } = await client.forward({ namespace: 'default', pod: 'web', port: 8080 }, stop.signal)
const socket = connect(port, '127.0.0.1').on('error', () => undefined)
socket.write('hello')
socket.once('data', async (data) => {
  stop.abort()
  await closed
  client.close()
  process.stdout.write(String(data))
})
`

describe('the end', () => {
  it.each([
    [
      'the signal',
      () => {
        stop.abort()
      },
    ],
    [
      'closing the client',
      () => {
        world.client.close()
      },
    ],
  ])('by %s takes listener and connections along', async (_what, end) => {
    const { port, closed } = await world.client.forward(target, stop.signal)
    const socket = await connectTo(port)
    socket.on('error', () => undefined)
    socket.write('hello')
    await once(socket, 'data')

    end()

    await closed
    await expect(connectTo(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect.poll(() => world.standIn.openConnections(), patience).toBe(0)
  })

  it('leaves nothing that keeps a process alive', async () => {
    const module = pathToFileURL(join(import.meta.dirname, '../../src/adapters/kube/cluster-client.ts')).href
    const words = ['--input-type=module', '-e', oneForward, module, JSON.stringify(world.standIn.access)]

    expect((await promisify(execFile)(process.execPath, words, { timeout: 20_000 })).stdout).toBe('hello')
  })
})
