/** Commands in containers, over the channels of `v5.channel.k8s.io`. */
import type { ExecResult, ExecTarget } from '../../domain/ports.ts'
import type { Api } from './api.ts'
import { ApiStatusError, ConnectionError, isTransient, statusErrorOf } from './api-errors.ts'
import { retrying } from './retry.ts'
import type { Channels } from './web-socket.ts'

/** The first version in which a client can close the standard input. Kubernetes 1.30 and later speak it. */
const protocol = 'v5.channel.k8s.io'

const stdinChannel = 0
const stdoutChannel = 1
const stderrChannel = 2
/** Carries one Status object when the command has ended. */
const statusChannel = 3
/** Its payload is the number of the channel that ends. */
const closeChannel = 255

/** Small enough for every server, large enough that frames cost nothing. */
const frameBytes = 64 * 1024

/** Runs a command to its end. Throws ApiStatusError when it cannot be started, ConnectionError, or the abort reason. */
export async function execInPod(api: Api, target: ExecTarget, signal: AbortSignal): Promise<ExecResult> {
  const output = new Output()
  const request = { path: await pathOf(api, target, signal), protocol, onFrame: output.take, signal }
  // Only what the server surely did not begin is tried again: a broken connection may hide a command that ran.
  const patienceFor = (error: unknown): number =>
    error instanceof ApiStatusError && isTransient(error) && error.status !== 504 ? api.times.retryMs : 0
  const channels = await retrying(() => api.openChannels(request), { clock: api.clock, signal, patienceFor })
  try {
    // The end of the connection says why sending failed; and a command need not read what it is sent.
    if (target.stdin !== undefined) sendStdin(channels, target.stdin).catch(() => undefined)
    const status = await Promise.race([output.status, channels.closed])
    if (typeof status === 'string') return { exitCode: exitCodeOf(status), ...output.texts() }
    signal.throwIfAborted()
    api.closed.throwIfAborted()
    throw status ?? new ConnectionError('broken', 'the connection ended before the command')
  } finally {
    channels.cut()
  }
}

async function pathOf(api: Api, target: ExecTarget, signal: AbortSignal): Promise<string> {
  const { namespace, pod, container, command, stdin } = target
  const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' })
  if (stdin !== undefined) query.set('stdin', 'true')
  for (const word of command) query.append('command', word)
  const path = await api.pathTo({ apiVersion: 'v1', kind: 'Pod', namespace }, pod, signal)
  return `${path}/exec?${query.toString()}`
}

/** What a command has written so far. */
class Output {
  /** The Status object, as text. */
  readonly status: Promise<string>
  #end: (status: string) => void = () => undefined
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
  readonly #texts = { stdout: '', stderr: '' }

  constructor() {
    this.status = new Promise((resolve) => (this.#end = resolve))
  }

  readonly take = (channel: number, payload: Buffer): void => {
    if (channel === stdoutChannel) this.#add('stdout', payload)
    else if (channel === stderrChannel) this.#add('stderr', payload)
    // The server opens each channel with an empty message.
    else if (channel === statusChannel && payload.length > 0) this.#end(payload.toString('utf8'))
  }

  texts(): { readonly stdout: string; readonly stderr: string } {
    // What is left is half a character.
    return {
      stdout: this.#texts.stdout + this.#decoders.stdout.decode(),
      stderr: this.#texts.stderr + this.#decoders.stderr.decode(),
    }
  }

  #add(name: 'stdout' | 'stderr', payload: Buffer): void {
    // A character may be cut by the border of two messages.
    this.#texts[name] += this.#decoders[name].decode(payload, { stream: true })
  }
}

async function sendStdin(channels: Channels, stdin: string | Uint8Array): Promise<void> {
  const bytes = typeof stdin === 'string' ? Buffer.from(stdin, 'utf8') : stdin
  for (let start = 0; start < bytes.length; start += frameBytes)
    await channels.send(stdinChannel, bytes.subarray(start, start + frameBytes))
  await channels.send(closeChannel, Uint8Array.of(stdinChannel))
}

interface ExecStatus {
  readonly status?: string
  readonly code?: number
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] }
}

/** The exit code in a Status object; throws ApiStatusError for one that tells why the command could not be run. */
function exitCodeOf(text: string): number {
  const status = parseStatus(text)
  if (status.status === 'Success') return 0
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')
  const exitCode = Number.parseInt(cause?.message ?? '', 10)
  if (Number.isInteger(exitCode)) return exitCode
  throw statusErrorOf(status.code ?? 500, 'the command could not be run', undefined, text)
}

function parseStatus(text: string): ExecStatus {
  try {
    return (JSON.parse(text) ?? {}) as ExecStatus
  } catch {
    // Words instead of a Status object are a failure that statusErrorOf knows to read.
    return {}
  }
}
