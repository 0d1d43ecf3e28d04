import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../src/sources/kind/program.ts'
import Down from '../../commands/down.ts'
import Up from '../../commands/up.ts'
import { runCommand } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

const url = 'https://git.example.org/me/playground.git'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
  world.gitRemotes.add(url)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const git = (): unknown => world.states.states.get('dev')?.spec.git

describe('play up --git', () => {
  test('takes the repository as flags, and keeps paths that mean the same everywhere', async () => {
    const argv = [
      '--git',
      url,
      '--git-branch',
      'play',
      '--git-credentials',
      'token',
      '--git-known-hosts',
      'hosts',
    ]
    expect((await runCommand(Up, argv, world)).exitCode).toBe(0)
    expect(git()).toEqual({
      url,
      branch: 'play',
      credentials: resolve('token'),
      knownHosts: resolve('hosts'),
    })
  })

  test('takes it as variables', async () => {
    vi.stubEnv('PLAY_GIT', url)
    vi.stubEnv('PLAY_GIT_BRANCH', 'play')
    vi.stubEnv('PLAY_GIT_CREDENTIALS', '/token')
    vi.stubEnv('PLAY_GIT_KNOWN_HOSTS', '/hosts')
    await runCommand(Up, [], world)
    expect(git()).toEqual({ url, branch: 'play', credentials: '/token', knownHosts: '/hosts' })
  })

  test('refuses an address with a token in it, and does not repeat it', async () => {
    const said = await runCommand(Up, ['--git', 'https://me:hunter2@git.example.org/x.git'], world)
    expect(said.exitCode).toBe(2)
    expect(said.stderr).toContain('--git-credentials FILE')
    expect(JSON.stringify(said)).not.toContain('hunter2')
    expect(world.states.states.size).toBe(0)
  })

  test('refuses a branch without a repository', async () => {
    const said = await runCommand(Up, ['--git-branch', 'play'], world)
    expect(said).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--git URL') as string })
  })

  test('leaves the repository to its owner when the playground goes, and says so', async () => {
    await runCommand(Up, ['--git', url], world)
    const { stdout } = await runCommand(Down, [], world)
    expect(stdout).toContain(`Your repository ${url} is left as it is.`)
  })
})
