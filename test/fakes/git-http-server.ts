/**
 * A git server behind a password, as a person has one somewhere: Node's http before `git http-backend`. Run by itself it
 * serves on any address: `node test/fakes/git-http-server.ts --host 0.0.0.0 --port 8000 --root DIR [--user me --password secret]`.
 */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runGit } from './local-git.ts'

/** What is served, and to whom. */
export interface GitServerOptions {
  /** Folder of bare repositories. */
  readonly root: string
  readonly user: string
  readonly password: string
  readonly host?: string
  readonly port?: number
}

/** A server that listens. */
export interface GitHttpServer {
  /** Address of the folder, without a slash at its end. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Makes an empty bare repository that takes pushes; `NAME.git` is usual. */
export async function makeBareRepository(root: string, name: string): Promise<string> {
  const path = join(root, name)
  mkdirSync(root, { recursive: true })
  const made = await runGit(['git', 'init', '--quiet', '--bare', '--initial-branch=main', path])
  if (made.exitCode !== 0) throw new Error(made.stderr)
  for (const setting of ['http.receivepack', 'uploadpack.allowFilter'])
    await runGit(['git', '--git-dir', path, 'config', setting, 'true'])
  return path
}

/** Starts it. Nobody gets in without the password. */
export async function startGitHttpServer(options: GitServerOptions): Promise<GitHttpServer> {
  const { host = '127.0.0.1', user, password } = options
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const server = createServer((request, response) => {
    if (request.headers.authorization === expected) {
      runBackend(request, response, options)
      return
    }
    request.resume()
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end('Who are you?\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host}:${String(port)}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** See git-http-backend(1) and RFC 3875. */
function runBackend(request: IncomingMessage, response: ServerResponse, options: GitServerOptions): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host')
  const { headers } = request
  const header = (name: string): string => {
    const value = headers[name]
    return typeof value === 'string' ? value : ''
  }
  const length = header('content-length')
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
      GIT_PROJECT_ROOT: options.root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: header('git-protocol'),
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: searchParams.toString(),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: header('content-type'),
      ...(length === '' ? {} : { CONTENT_LENGTH: length }),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      REMOTE_USER: options.user,
      REMOTE_ADDR: request.socket.remoteAddress ?? '',
    },
  })
  child.stdin.on('error', () => undefined)
  request.pipe(child.stdin)
  child.stderr.resume()
  child.on('error', () => response.writeHead(500).end())
  let head = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) {
      response.write(chunk)
      return
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    const fields = head
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const)
    const status = Number.parseInt(fields.find(([name]) => name === 'Status')?.[1] ?? '200', 10)
    response.writeHead(status, Object.fromEntries(fields.filter(([name]) => name !== 'Status')))
    response.write(head.subarray(end + 4))
  })
  child.stdout.on('end', () => response.end())
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      root: { type: 'string', default: 'git-repositories' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      user: { type: 'string', default: 'me' },
      password: { type: 'string', default: 'secret' },
      repository: { type: 'string', default: 'playground.git' },
    },
  })
  const { root, host, user, password, repository } = values
  await makeBareRepository(root, repository)
  const { url } = await startGitHttpServer({ root, host, user, password, port: Number(values.port) })
  process.stdout.write(`${url}/${repository}\n`)
}

if (process.argv[1] === import.meta.filename) await main()
