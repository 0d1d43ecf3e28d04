import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../src/sources/kind/program.ts'
import Up from '../../commands/up.ts'
import { PlayError } from '../../src/domain/errors.ts'
import { runCommand } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})
afterEach(() => {
  vi.unstubAllEnvs()
})

describe('play up', () => {
  test('tells its story on stderr and its answer on stdout', async () => {
    const { stdout, stderr, exitCode } = await runCommand(Up, [], world)
    console.log(stdout, stderr); expect(exitCode).toBe(0)
    expect(stderr).toContain('Create the cluster play-dev')
    expect(stdout).toContain('Playground dev is ready')
    expect(stdout).toContain('kubectl get nodes')
    expect(stdout).not.toContain('Create the cluster')
    console.log(stdout, stderr)
  })

  test('with --json gives one document and nothing besides', async () => {
    const { stdout, stderr, exitCode } = await runCommand(Up, ['workshop', '--json', '--nodes', '2'], world)
    expect(exitCode).toBe(0)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: { name: 'workshop', nodes: 2, context: 'play-workshop' } })
  })
})
