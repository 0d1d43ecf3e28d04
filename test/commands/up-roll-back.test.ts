/** What becomes of a playground whose `up` failed or was interrupted. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../src/sources/kind/program.ts'
import Up from '../../commands/up.ts'
import { PlayError } from '../../src/domain/errors.ts'
import { runCommand, type RunOptions, type Said } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})
afterEach(() => {
  vi.unstubAllEnvs()
})

function up(argv: readonly string[], options: RunOptions = {}): Promise<Said> {
  return runCommand(Up, argv, world, options)
}

const failure = PlayError.of('KIND_FAILED', { what: 'make the cluster: x', name: 'dev' })

function failing(): void {
  world.stack('dev').faults.up = failure
}

describe('[row 42] play up --on-failure', () => {
  test('keeps what is there unless told, and names what goes on and what cleans up', async () => {
    failing()
    const { stderr, exitCode } = await up([])
    expect(exitCode).toBe(failure.exitCode)
    expect(world.engine.containers.size).toBe(1)
    expect(stderr).toContain('play up dev')
    expect(stderr).toContain('play down dev')
  })

  test('rollback removes everything, shows how, and ends as the failure does', async () => {
    failing()
    const { stdout, stderr, exitCode } = await up(['--on-failure', 'rollback'])
    expect(exitCode).toBe(failure.exitCode)
    expect(stderr.split('KIND_FAILED')).toHaveLength(2)
    expect(stderr).toContain('Destroy the cluster')
    expect(stdout).toContain('Playground dev is gone.')
    expect(world.engine.containers.size).toBe(0)
    expect(world.states.states.size).toBe(0)
  })

  test('rollback is a variable as well, and machines get both in one document', async () => {
    vi.stubEnv('PLAY_ON_FAILURE', 'rollback')
    failing()
    const { stdout, exitCode } = await up(['--json'])
    expect(exitCode).toBe(failure.exitCode)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { id: 'KIND_FAILED' },
      result: { rolledBack: { name: 'dev', existed: true } },
    })
  })

  test('rollback that leaves something tells both, and ends as the failure does', async () => {
    failing()
    world.engine.ignored.add('removeContainer')
    const { stderr, exitCode } = await up(['--on-failure', 'rollback'])
    expect(exitCode).toBe(failure.exitCode)
    expect(stderr.split('KIND_FAILED')).toHaveLength(2)
    expect(stderr.split('Error LEFTOVERS_FOUND')).toHaveLength(2)
    expect(world.states.states.has('dev')).toBe(true)
  })

  test('rollback leaves a playground alone that was ready before, and says so', async () => {
    await world.makePlayground('dev')
    world.artifacts.manifests.clear()
    const { stdout, exitCode } = await up(['--with', 'argo-cd,git', '--on-failure', 'rollback'])
    expect(exitCode).not.toBe(0)
    expect(stdout).toContain('"dev" was ready before, so it is kept')
    expect(world.engine.containers.size).toBe(1)
  })

  test('rollback leaves alone what another play works on', async () => {
    await world.makePlayground('dev', { phase: 'creating' })
    const lock = await world.states.lock('dev', 'play up dev')
    const { exitCode, stderr } = await up(['--on-failure', 'rollback'])
    await lock.release()
    expect(exitCode).toBe(4)
    expect(stderr.split('STATE_LOCKED')).toHaveLength(2)
    expect(world.engine.containers.size).toBe(1)
  })

  test('rollback removes nothing in a dry run', async () => {
    await world.makePlayground('dev', { phase: 'failed' })
    world.artifacts.missing.add('kind')
    const { exitCode } = await up(['--on-failure', 'rollback', '--dry-run'])
    expect(exitCode).toBe(3)
    expect(world.engine.containers.size).toBe(1)
  })

  test('is no word for an interrupt', async () => {
    const interrupt = { after: 'cluster.access', signal: 'SIGINT' } as const
    const { exitCode } = await up(['--on-failure', 'rollback'], { interrupt })
    expect(exitCode).toBe(130)
    expect(world.engine.containers.size).toBe(1)
  })
})

describe('[row 18] play up --on-interrupt rollback', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('removes everything after %s and ends with %i', async (signal, code) => {
    const interrupt = { after: 'cluster.access', signal }
    const { stdout, exitCode } = await up(['--on-interrupt', 'rollback'], { interrupt })
    expect(exitCode).toBe(code)
    expect(stdout).toContain('Playground dev is gone.')
    expect(world.engine.containers.size).toBe(0)
    expect(world.states.states.size).toBe(0)
  })

  test('keeps what failed', async () => {
    failing()
    const { exitCode } = await up(['--on-interrupt', 'rollback'])
    expect(exitCode).toBe(failure.exitCode)
    expect(world.engine.containers.size).toBe(1)
  })
})
