/** Answers over HTTP: a greeting with the commit it comes from, and whether the service is well. */
import { createServer, type Server } from 'node:http'
import { greet } from './greeting.ts'

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, string>>
}

/** The service, which does not listen yet. */
export function createService(commit: string): Server {
  return createServer((request, response) => {
    const { status, body } = answer(request.url ?? '/', commit)
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
  })
}

function answer(path: string, commit: string): Answer {
  const url = URL.parse(path, 'http://service')
  switch (url?.pathname) {
    case '/':
      return { status: 200, body: { greeting: greet(url.searchParams.get('name') ?? undefined), commit } }
    case '/healthz':
      return { status: 200, body: { status: 'ok' } }
    default:
      return { status: 404, body: { error: 'there is nothing here' } }
  }
}
