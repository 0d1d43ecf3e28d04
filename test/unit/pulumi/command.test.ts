import { beforeEach, describe, expect, test } from 'vitest'
import { createPulumiCommand, PulumiCallError } from '../../../src/pulumi/command.ts'
import { FakeProcess } from '../../fakes/fake-process.ts'

/** What the Automation API calls: args, cwd, environment, onOutput. */
interface Runnable {
  readonly version: { toString(): string }
  run(
    args: string[],
    cwd: string,
    env: Record<string, string>,
    onOutput?: (text: string) => void,
  ): Promise<{ stdout: string; stderr: string; code: number }>
}

let processes: FakeProcess
let command: Runnable
const { signal } = new AbortController()

beforeEach(() => {
  processes = new FakeProcess()
  command = createPulumiCommand({
    path: '/bundle/pulumi',
    version: '3.259.0',
    processes,
    signal,
  }) as unknown as Runnable
})

describe('the pulumi program', () => {
  test('runs without questions, told by its absolute path, in the given folder and environment', async () => {
    processes.expect(['/bundle/pulumi', 'up', '--yes', '--non-interactive'], { stdout: 'done\n' })
    const result = await command.run(['up', '--yes'], '/work', { PULUMI_HOME: '/home' })
    expect(result).toEqual({ stdout: 'done\n', stderr: '', code: 0 })
    expect(processes.calls[0]?.options).toMatchObject({
      cwd: '/work',
      env: { PULUMI_HOME: '/home', PULUMI_AUTOMATION_API: 'true' },
      signal,
    })
  })

  test('gets exactly one interrupt when it is to stop, and may end in order', async () => {
    processes.expect(['/bundle/pulumi', 'destroy', '--non-interactive'])
    await command.run(['destroy'], '/work', {})
    expect(processes.calls[0]?.options.onAbort).toBe('interrupt')
    expect(processes.calls[0]?.options.timeoutMs).toBeUndefined()
  })

  test('passes on each line as it comes', async () => {
    const output: string[] = []
    processes.expect(['/bundle/pulumi', 'up', '--non-interactive'], { stdout: 'one\ntwo\n' })
    await command.run(['up'], '/work', {}, (text) => output.push(text))
    expect(output).toEqual(['one\n', 'two\n'])
  })

  test('that fails tells everything it printed', async () => {
    processes.expect(['/bundle/pulumi', 'up', '--non-interactive'], { exitCode: 255, stderr: 'error: no' })
    const error: unknown = await command.run(['up'], '/work', {}).catch((each: unknown) => each)
    expect(error).toBeInstanceOf(PulumiCallError)
    expect(error).toMatchObject({ verb: 'up', result: { exitCode: 255, stderr: 'error: no' } })
  })

  test.each([
    [['stack', 'select', '--stack', 'dev'], ''],
    [['stack', 'output', '--json', '--show-secrets'], '{}'],
    [['stack', 'history', '--json'], '[]'],
  ])('is not run for %j, whose answer is known', async (args, stdout) => {
    expect(await command.run(args, '/work', {})).toEqual({ stdout, stderr: '', code: 0 })
    expect(processes.calls).toEqual([])
  })

  test('has the version that was found, so that nobody asks for it', () => {
    expect(command.version.toString()).toBe('3.259.0')
  })
})
