/** What LoopbackPorts.get makes of the answers of a real server. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { loopbackPorts } from '../../src/adapters/loopback-ports.ts'

let server: Server | undefined

afterEach(async () => {
  vi.restoreAllMocks()
  server?.closeAllConnections()
  const closed = new Promise((resolve) => server?.close(resolve))
  if (server !== undefined) await closed
  server = undefined
})

/** Port of a server that answers so. */
async function serve(listener: RequestListener): Promise<number> {
  const made = createServer(listener)
  server = made
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  return (made.address() as AddressInfo).port
}

const { signal } = new AbortController()

describe('asking a server on this machine', () => {
  test('answers status and body, whatever the status', async () => {
    const port = await serve((request, response) => {
      response.writeHead(503).end(`${request.method ?? ''} ${request.url ?? ''} ü`)
    })
    expect(await loopbackPorts.get(port, '/of?a=b', signal)).toEqual({ status: 503, body: 'GET /of?a=b ü' })
  })

  test('keeps no connection, since a forward would stay open for it', async () => {
    const port = await serve((request, response) => response.end(request.headers.connection))
    expect((await loopbackPorts.get(port, '/', signal)).body).toBe('close')
  })

  test('takes an answer of many pieces whole', async () => {
    const port = await serve((_request, response) => {
      for (let piece = 0; piece < 20; piece += 1) response.write(`${'x'.repeat(40_000)}\n`)
      response.end()
    })
    expect((await loopbackPorts.get(port, '/', signal)).body).toHaveLength(20 * 40_001)
  })

  test('refuses an answer without end', async () => {
    const port = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(100_000)));
      }
      response.on('drain', more)
      more()
    })
    await expect(loopbackPorts.get(port, '/', signal)).rejects.toThrow('the answer is longer than 1 MB')
  })

  test('fails where nobody listens', async () => {
    const port = await serve(() => undefined)
    await new Promise((resolve) => server?.close(resolve))
    server = undefined
    await expect(loopbackPorts.get(port, '/', signal)).rejects.toThrow('ECONNREFUSED')
  })

  test('fails where the connection is closed instead of answered, or in the middle of it', async () => {
    const closes = await serve((request) => request.socket.destroy())
    await expect(loopbackPorts.get(closes, '/', signal)).rejects.toThrow('socket hang up')
    server?.close()
    const breaks = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half', () => request.socket.destroy())
    })
    await expect(loopbackPorts.get(breaks, '/', signal)).rejects.toThrow('aborted')
  })

  test('ends with the reason of an interrupt', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const port = await serve(() => {
      stop.abort(reason)
    })
    await expect(loopbackPorts.get(port, '/', stop.signal)).rejects.toBe(reason)
  })

  test('says so when there is no answer in time', async () => {
    const time = new AbortController()
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal)
    const port = await serve(() => {
      time.abort()
    })
    await expect(loopbackPorts.get(port, '/', signal)).rejects.toThrow('no answer within 5 s')
  })
})
