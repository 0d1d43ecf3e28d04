/** Ports of the loopback address, asked with real sockets. */
import { connect, createServer } from 'node:net'
import type { LoopbackPorts } from '../domain/ports.ts'

const host = '127.0.0.1'
/** A connection on loopback is made or refused at once; longer means that nothing answers. */
const patienceMs = 1000

export const loopbackPorts: LoopbackPorts = {
  accepts(port, signal) {
    signal.throwIfAborted()
    return new Promise((resolve) => {
      const socket = connect({ host, port, timeout: patienceMs })
      const settle = (answer: boolean) => () => {
        socket.destroy()
        resolve(answer)
      }
      socket.once('connect', settle(true)).once('error', settle(false)).once('timeout', settle(false))
    })
  },
  isFree(port) {
    return new Promise((resolve) => {
      const server = createServer()
      server.once('error', () => {
        resolve(false)
      })
      server.listen({ host, port, exclusive: true }, () => {
        server.close(() => {
          resolve(true)
        })
      })
    })
  },
}
