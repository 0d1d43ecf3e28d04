import { beforeEach, describe, expect, test } from 'vitest'
import Hello from '../../commands/demo/hello.ts'
import { openReportFile } from '../../src/adapters/report-file.ts'
import { runCommand, type Said } from '../fakes/fake-app.ts'
import { helloPlayground } from '../fakes/fake-hello.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let world: FakeWorld
/** What was written, by path. */
let written: Map<string, string>

beforeEach(async () => {
  world = new FakeWorld()
  written = new Map()
  await helloPlayground(world)
})

function hello(...argv: readonly string[]): Promise<Said> {
  const reportFile = (path: string): Promise<(text: string) => Promise<void>> =>
    Promise.resolve((text) => {
      written.set(path, text)
      return Promise.resolve()
    })
  return runCommand(Hello, argv, world, { app: { reportFile } })
}

describe('play demo … --report', () => {
  test('writes one page that tells of the run', async () => {
    const { exitCode } = await hello('--report', '/reports/hello.html')
    expect(exitCode).toBe(0)
    expect([...written.keys()]).toEqual(['/reports/hello.html'])
    const page = written.get('/reports/hello.html') ?? ''
    expect(page).toMatch(/^<!doctype html>/i)
    for (const text of ['Hello from a workflow', 'Run the workflow', 'hello world', '1.34.10', '4.0.7'])
      expect(page).toContain(text)
  })

  test('takes a path relative to where the command runs', async () => {
    await hello('--report', 'hello.html')
    expect([...written.keys()]).toEqual([`${process.cwd()}/hello.html`])
  })

  test('writes it of a run that fails as well', async () => {
    const { exitCode } = await hello('--break', '--report', '/reports/hello.html')
    expect(exitCode).toBe(6)
    expect(written.get('/reports/hello.html')).toContain('Error (exit code 3)')
  })

  test('to a place that cannot be written is refused before anything runs', async () => {
    const argv = ['--report', '/no/such/folder/hello.html']
    const options = { app: { reportFile: openReportFile } }
    const { stderr, exitCode } = await runCommand(Hello, argv, world, options)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('The report cannot be written to /no/such/folder/hello.html')
    expect(world.cluster('dev').calls).toEqual([])
  })

  test('is not written unless it is asked for', async () => {
    await hello()
    expect(written.size).toBe(0)
  })
})
