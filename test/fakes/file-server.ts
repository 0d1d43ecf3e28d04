/** A web server on this machine that serves files the way good and bad servers do. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers one request in place of the file. */
export type Answer = (response: ServerResponse, body: Buffer, request: IncomingMessage) => void

export interface SeenRequest {
  readonly path: string
  readonly range: string | undefined
}

const etagOf = (body: Buffer): string => `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`

/** The file as a good server sends it: whole, or the rest that a Range asks for. */
const serveFile: Answer = (response, body, request) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN)
  const condition = request.headers['if-range']
  const headers = { etag: etagOf(body), 'accept-ranges': 'bytes' }
  if (Number.isNaN(start) || (condition !== undefined && condition !== headers.etag)) {
    response.writeHead(200, { ...headers, 'content-length': body.length }).end(body)
    return
  }
  if (start >= body.length) {
    response.writeHead(416, { 'content-range': `bytes */${String(body.length)}` }).end()
    return
  }
  const range = `bytes ${String(start)}-${String(body.length - 1)}/${String(body.length)}`
  const rest = body.subarray(start)
  response.writeHead(206, { ...headers, 'content-range': range, 'content-length': rest.length }).end(rest)
}

/** An answer without a file. */
export const answerWith =
  (status: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end('no file')
  }

/**
 * The first `count` bytes of the file (or of `other`), whatever the request's Range says; the connection is cut once
 * `arrived` resolves, since a client drops what it has not read when it sees the cut.
 */
export const cutAfter =
  (
    count: number,
    arrived: (count: number) => Promise<void>,
    other?: { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> },
  ): Answer =>
  (response, file) => {
    const { body, headers } = other ?? { body: file, headers: { etag: etagOf(file) } }
    response.writeHead(200, { 'content-length': body.length, ...headers })
    response.write(body.subarray(0, count))
    response.flushHeaders()
    void arrived(count).then(() => response.destroy())
  }

/** `count` bytes, and then silence. */
export const stallAfter =
  (count: number): Answer =>
  (response, body) => {
    response.writeHead(200, { etag: etagOf(body), 'content-length': body.length })
    response.write(body.subarray(0, count))
  }

/** Another file than the one at that path. */
export const serveInstead =
  (other: Buffer): Answer =>
  (response, _body, request) => {
    serveFile(response, other, request)
  }

/** Serves what `files` holds; `next` puts bad answers before the good one. Counts what was asked. */
export class FileServer {
  readonly files = new Map<string, Buffer>()
  readonly requests: SeenRequest[] = []
  readonly origin: string
  private readonly answers = new Map<string, Answer[]>()
  private readonly server: Server

  private constructor(server: Server) {
    this.server = server
    this.origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.handle(request, response)
    })
  }

  static start(): Promise<FileServer> {
    const server = createServer()
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        resolve(new FileServer(server))
      })
    })
  }

  /** Puts a file at `path` and returns its address. */
  put(path: string, body: Buffer | string): string {
    this.files.set(path, Buffer.from(body))
    return `${this.origin}${path}`
  }

  /** The next requests of `path` are answered so, one after the other; then the file is served again. */
  next(path: string, ...answers: readonly Answer[]): void {
    this.answers.set(path, [...(this.answers.get(path) ?? []), ...answers])
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? ''
    this.requests.push({ path, range: request.headers.range })
    const body = this.files.get(path)
    const answer = this.answers.get(path)?.shift()
    if (answer !== undefined) answer(response, body ?? Buffer.alloc(0), request)
    else if (body === undefined) response.writeHead(404).end('not found')
    else serveFile(response, body, request)
  }
}
