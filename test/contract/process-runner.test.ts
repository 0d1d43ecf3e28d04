import { describe, expect, it } from 'vitest'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import type { ProcessRunner } from '../../src/domain/ports.ts'
import { TimeoutError } from '../../src/engine/wait.ts'
import { FakeProcess } from '../fakes/fake-process.ts'

const node = process.execPath
const speaks = 'console.log("one"); console.log("two"); console.error("three"); process.exitCode = 5'
const waits = 'setInterval(() => {}, 1000)'
const never = new AbortController().signal

function fake(): ProcessRunner {
  return new FakeProcess()
    .allow([node, '-e', speaks], { exitCode: 5, stdout: 'one\ntwo\n', stderr: 'three\n' })
    .allow([node, '-e', waits], 'hangs')
    .allow(['no-such-program'], 'missing')
}

const runners: Record<string, () => ProcessRunner> = {
  execa: () => createProcessRunner({ env: process.env }),
  fake,
}

describe.each(Object.entries(runners))('the process runner (%s)', (_, make) => {
  it('returns exit code, stdout and stderr of a program that failed', async () => {
    const result = await make().run(node, ['-e', speaks], { signal: never })
    expect(result).toEqual({ exitCode: 5, stdout: 'one\ntwo\n', stderr: 'three\n' })
  })

  it('hands over lines, those of one stream in order', async () => {
    const lines: string[] = []
    await make().run(node, ['-e', speaks], {
      signal: never,
      onLine: (line, stream) => lines.push(`${stream}: ${line}`),
    })
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(['stdout: one', 'stdout: two'])
    expect(lines.filter((line) => line.startsWith('stderr'))).toEqual(['stderr: three'])
  })

  it('throws TOOL_MISSING for a program that is not there', async () => {
    await expect(make().run('no-such-program', [], { signal: never })).rejects.toMatchObject({
      id: 'TOOL_MISSING',
    })
  })

  it('rejects with the reason of an abort', async () => {
    const abort = new AbortController()
    const reason = new Error('stop')
    const run = make().run(node, ['-e', waits], { signal: abort.signal })
    abort.abort(reason)
    await expect(run).rejects.toBe(reason)
  })

  it('starts nothing after an abort', async () => {
    const reason = new Error('stopped before')
    const run = make().run(node, ['-e', waits], { signal: AbortSignal.abort(reason) })
    await expect(run).rejects.toBe(reason)
  })

  it('throws TimeoutError when time is up', async () => {
    const run = make().run(node, ['-e', waits], { signal: never, timeoutMs: 100 })
    await expect(run).rejects.toBeInstanceOf(TimeoutError)
  })
})
