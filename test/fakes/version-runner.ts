/** A process runner in which programs only say their version. */
import { PlayError } from '../../src/domain/errors.ts'
import type { ProcessOptions, ProcessResult, ProcessRunner } from '../../src/domain/ports.ts'

/** Answers a program's version question by its path; anything else is an error, as a missing program is. */
export class VersionRunner implements ProcessRunner {
  /** Path to what it prints. */
  readonly prints = new Map<string, string>()
  readonly ran: string[] = []

  run(file: string, args: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
    options.signal.throwIfAborted()
    this.ran.push([file, ...args].join(' '))
    const stdout = this.prints.get(file)
    if (stdout === undefined || args[0] !== 'version')
      return Promise.reject(PlayError.of('TOOL_MISSING', { tool: file, version: '' }))
    return Promise.resolve({ exitCode: 0, stdout, stderr: '' })
  }
}
