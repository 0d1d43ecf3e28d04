import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../src/sources/kind/program.ts'
import Up from '../../commands/up.ts'
import { runCommand } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const registry = (): unknown => world.states.states.get('dev')?.spec.registry

describe('play up --registry', () => {
  test('takes the registry as flags, and keeps a path that means the same everywhere', async () => {
    const argv = ['--registry', 'ghcr.io/me', '--registry-credentials', 'config.json']
    expect((await runCommand(Up, argv, world)).exitCode).toBe(0)
    expect(registry()).toEqual({ url: 'https://ghcr.io/me', credentials: resolve('config.json') })
  })

  test('takes it as variables', async () => {
    vi.stubEnv('PLAY_REGISTRY', 'http://10.0.0.1:5000')
    vi.stubEnv('PLAY_REGISTRY_CREDENTIALS', '/config.json')
    await runCommand(Up, [], world)
    expect(registry()).toEqual({ url: 'http://10.0.0.1:5000', credentials: '/config.json' })
  })

  test('refuses an address with a token in it, and does not repeat it', async () => {
    const said = await runCommand(Up, ['--registry', 'https://me:hunter2@ghcr.io/me'], world)
    expect(said.exitCode).toBe(2)
    expect(said.stderr).toContain('--registry-credentials FILE')
    expect(JSON.stringify(said)).not.toContain('hunter2')
    expect(world.states.states.size).toBe(0)
  })

  test.each([
    ['credentials without a registry', ['--registry-credentials', 'x'], '--registry URL'],
    ['this machine', ['--registry', 'localhost:5000'], 'an address that containers reach'],
    [
      'two registries',
      ['--registry', 'ghcr.io/me', '--with', 'registry,buildkit'],
      'the component registry would be of no use',
    ],
  ])('refuses %s', async (_what, argv, words) => {
    const said = await runCommand(Up, argv, world)
    expect(said).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(words) as string })
    expect(world.states.states.size).toBe(0)
  })
})
