/** Ports of the loopback address, asked with real sockets. */
import { get as httpGet } from 'node:http'
import { connect, createServer } from 'node:net'
import type { LoopbackPorts } from '../domain/loopback-ports.ts'

const host = '127.0.0.1'
/** A connection on loopback is made or refused at once; longer means that nothing answers. */
const patienceMs = 1000
/** What is asked through a port-forward may have to be made first. */
const answerMs = 5000
const bodyBytes = 1_000_000

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
  get(port, path, signal) {
    const tooLate = AbortSignal.timeout(answerMs)
    const until = AbortSignal.any([signal, tooLate])
    return new Promise((resolve, reject) => {
      // Node says no more than that it was aborted.
      const fail = (error: Error): void => {
        if (signal.aborted) reject(signal.reason as Error)
        else reject(tooLate.aborted ? new Error(`no answer within ${String(answerMs / 1000)} s`) : error)
      }
      // An agent would keep the connection, and with it the forward, open.
      const request = httpGet({ host, port, path, agent: false, signal: until }, (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (text: string) => {
          body += text
          if (body.length > bodyBytes) response.destroy(new Error('the answer is longer than 1 MB'))
        })
        response.once('error', fail).once('end', () => {
          resolve({ status: response.statusCode ?? 0, body })
        })
      })
      request.once('error', fail)
    })
  },
}
