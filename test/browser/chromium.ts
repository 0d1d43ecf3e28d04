/** Drives a headless Chromium by its DevTools protocol, over a pipe: no port, no library. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'

/** What the browser tells of a page without being asked. */
export interface PageEvent {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

/** One tab. */
export interface Page {
  /** Everything that was told since it was opened. */
  readonly events: readonly PageEvent[]
  /** Calls a method of the protocol; rejects with its error. */
  send(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>
  /** Value of an expression in the page; its Content-Security-Policy does not matter. */
  evaluate(expression: string): Promise<unknown>
  /** Opens an address and waits until it is loaded. */
  goTo(url: string): Promise<void>
}

/** A running browser. */
export interface Chromium {
  newPage(): Promise<Page>
  close(): Promise<void>
}

interface Message extends Partial<PageEvent> {
  readonly id?: number
  readonly sessionId?: string
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

const flags = [
  ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--hide-scrollbars'],
  // Nothing can be looked up, so nothing can be loaded.
  ...['--host-resolver-rules=MAP * ~NOTFOUND', '--remote-debugging-pipe'],
]

/** Starts `chromium` from the PATH; everything that it writes is below `dir`. */
export function startChromium(dir: string): Chromium {
  const child = spawn('nice', ['-n', '19', 'chromium', ...flags, `--user-data-dir=${dir}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: dir },
  })
  const ended = once(child, 'exit')
  const input = child.stdio[3] as Writable
  const answers = new Map<number, (message: Message) => void>()
  const pages = new Map<string, PageEvent[]>()
  let calls = 0
  onMessages(child.stdio[4] as Readable, (message) => {
    if (message.id !== undefined) answers.get(message.id)?.(message)
    else if (message.method !== undefined)
      pages.get(message.sessionId ?? '')?.push({ method: message.method, params: message.params ?? {} })
  })
  const send: SendTo = async (sessionId, method, params = {}) => {
    const id = (calls += 1)
    const answer = new Promise<Message>((resolve) => answers.set(id, resolve))
    input.write(`${JSON.stringify({ id, method, params, ...(sessionId === '' ? {} : { sessionId }) })}\0`)
    const died = ended.then((): Message => ({ error: { message: 'Chromium has ended' } }))
    const { result = {}, error } = await Promise.race([answer, died])
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }
  return {
    async newPage() {
      const { targetId } = await send('', 'Target.createTarget', { url: 'about:blank' })
      const { sessionId } = await send('', 'Target.attachToTarget', { targetId, flatten: true })
      const events: PageEvent[] = []
      pages.set(String(sessionId), events)
      return pageOf(String(sessionId), events, send)
    },
    async close() {
      await send('', 'Browser.close').catch(() => undefined)
      await ended
    },
  }
}

type SendTo = (
  sessionId: string,
  method: string,
  params?: object,
) => Promise<Readonly<Record<string, unknown>>>

/** Messages end with a zero byte. */
function onMessages(output: Readable, take: (message: Message) => void): void {
  let rest = ''
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\0')
    rest = parts.pop() ?? ''
    for (const part of parts) take(JSON.parse(part) as Message)
  })
}

async function pageOf(sessionId: string, events: readonly PageEvent[], sendTo: SendTo): Promise<Page> {
  const send: Page['send'] = (method, params) => sendTo(sessionId, method, params)
  for (const domain of ['Page', 'Runtime', 'Network', 'Log', 'Audits']) await send(`${domain}.enable`)
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', {
      ...{ expression, returnByValue: true, awaitPromise: true },
    })
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { readonly value?: unknown }).value
  }
  return {
    ...{ events, send, evaluate },
    async goTo(url) {
      await send('Page.navigate', { url })
      // The page runs no script of its own, so the end of loading is asked for in it.
      await evaluate(
        `new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', () => done()))`,
      )
    },
  }
}
