/** A ProcessRunner that runs nothing: it expects exact command lines and answers what the test says. */
import { basename } from 'node:path'
import { PlayError } from '../../src/domain/errors.ts'
import type { ProcessOptions, ProcessResult, ProcessRunner } from '../../src/domain/ports.ts'
import { TimeoutError } from '../../src/engine/wait.ts'

/** What a program does: it ends with this result, is not installed, never ends, or fails in another way. */
export type Reply = Partial<ProcessResult> | 'missing' | 'hangs' | Error

/** A call as it was made. */
export interface ProcessCall {
  readonly command: readonly string[]
  readonly options: ProcessOptions & { readonly inputFile?: string }
}

interface Expectation {
  readonly command: readonly string[]
  readonly reply: Reply
  readonly always: boolean
  used: boolean
}

/** Strict: a command line that nobody expects fails, and so does `done` when an expected one was never run. */
export class FakeProcess implements ProcessRunner {
  readonly calls: ProcessCall[] = []
  private readonly expectations: Expectation[] = []

  /** Expects this command line once more; equal ones are answered in the order in which they were expected. */
  expect(command: readonly string[], reply: Reply = {}): this {
    this.expectations.push({ command, reply, always: false, used: false })
    return this
  }

  /** Answers this command line as often as it is run, also never. */
  allow(command: readonly string[], reply: Reply = {}): this {
    this.expectations.push({ command, reply, always: true, used: true })
    return this
  }

  /** Throws when something expected has not been run. */
  done(): void {
    const left = this.expectations.filter(({ used }) => !used).map(({ command }) => command.join(' '))
    if (left.length > 0) throw new Error(`never run: ${left.join('; ')}`)
  }

  async run(file: string, args: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
    options.signal.throwIfAborted()
    const command = [file, ...args]
    this.calls.push({ command, options })
    const found = this.expectations.find((one) => (one.always || !one.used) && isSame(one.command, command))
    if (found === undefined) throw new Error(`nobody expected: ${command.join(' ')}`)
    found.used = true
    return answer(found.reply, command, options)
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, index) => word === other[index])
}

function answer(reply: Reply, command: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  const tool = basename(command[0] ?? '')
  if (reply === 'missing') throw PlayError.of('TOOL_MISSING', { tool, version: '(any version)' })
  if (reply === 'hangs') return hang(`${tool} ${command[1] ?? ''}`.trim(), options)
  if (reply instanceof Error) throw reply
  const { exitCode = 0, stdout = '', stderr = '' } = reply
  deliver(stdout, 'stdout', options)
  deliver(stderr, 'stderr', options)
  return Promise.resolve({ exitCode, stdout, stderr })
}

function deliver(text: string, stream: 'stdout' | 'stderr', { onLine }: ProcessOptions): void {
  if (text === '' || onLine === undefined) return
  for (const line of text.replace(/\n$/, '').split('\n')) onLine(line, stream)
}

/** Ends only by the signal or, at once, because the time is up. */
function hang(what: string, { signal, timeoutMs }: ProcessOptions): Promise<never> {
  if (timeoutMs !== undefined) return Promise.reject(new TimeoutError(what, timeoutMs))
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error)
    })
  })
}
