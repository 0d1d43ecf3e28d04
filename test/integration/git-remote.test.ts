/** A repository of the person's own: their credentials, what play refuses to write to, and what the server says. */
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGitRemotes } from '../../src/adapters/git-remote.ts'
import type { PlatformRepository, Published } from '../../src/domain/hand-over.ts'
import { asPlayground, externalWorld, git, pushAsPerson, type ExternalWorld } from '../contract/git-worlds.ts'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { FakeProcess } from '../fakes/fake-process.ts'

const { signal } = new AbortController()
const tree = new Map([['README.md', 'one\n']])

let world: ExternalWorld
beforeEach(async () => {
  world = await externalWorld()
})
afterEach(async () => {
  await world.close()
})

function put(repository: PlatformRepository, files = tree): Promise<Published> {
  return repository.publish({ tree: files, former: undefined, message: 'Publish', now: 0 }, signal)
}

function remoteWith(credentials: string): PlatformRepository {
  const processes = createProcessRunner({ env: { ...process.env, HOME: world.home } })
  const given = { url: world.url, branch: 'main', credentials }
  return asPlayground(createGitRemotes({ processes, home: world.home }).open(given, world.folder), world.url)
}

const refused = (id: string, words: string, exitCode: number): object => ({
  id,
  exitCode,
  message: expect.stringContaining(words) as string,
})

describe('a branch', () => {
  test('that somebody else works on is left alone, and another one suggested', async () => {
    await pushAsPerson(world.bare, 'code.ts', 'mine\n')
    const head = await git('--git-dir', world.bare, 'rev-parse', 'main')
    const taken = refused('GIT_BRANCH_TAKEN', 'none of them is of play', 4)
    await expect(world.repository.lastPublished(signal)).rejects.toMatchObject(taken)
    await expect(put(world.repository)).rejects.toMatchObject({
      ...taken,
      suggestions: [`Use a branch of its own: play up --git ${world.url} --git-branch play`],
    })
    expect(await git('--git-dir', world.bare, 'rev-parse', 'main')).toBe(head)
  })

  test('belongs to the playground that publishes there, and to one that was made again under its name', async () => {
    await put(world.repository)
    const other = asPlayground(world.remote, world.url, { name: 'workshop', root: '02h' })
    await expect(put(other)).rejects.toMatchObject(refused('GIT_BRANCH_TAKEN', '"dev" publishes there', 4))
    const next = asPlayground(world.remote, world.url, { root: '03h' })
    await put(next, new Map([['README.md', 'two\n']]))
    const former = asPlayground(world.remote, world.url, { hasPublished: true })
    await expect(put(former)).rejects.toMatchObject(
      refused('GIT_BRANCH_TAKEN', 'another playground "dev"', 4),
    )
  })

  test('of a playground that went before loses what only that one had, and keeps what a person did', async () => {
    await put(world.repository, new Map([...tree, ['apps/registry.yaml', 'a: 1\n']]))
    await pushAsPerson(world.bare, 'notes.md', 'mine\n')
    await put(asPlayground(world.remote, world.url, { root: '02h' }), new Map([['README.md', 'two\n']]))
    const files = await git('--git-dir', world.bare, 'ls-tree', '-r', '--name-only', 'main')
    expect(files.trim().split('\n')).toEqual(['README.md', 'notes.md'])
  })

  test('that the server protects is told with its words', async () => {
    const hook = join(world.bare, 'hooks', 'pre-receive')
    await writeFile(hook, '#!/bin/sh\necho "error: main is protected" >&2\nexit 1\n')
    await chmod(hook, 0o755)
    await expect(put(world.repository)).rejects.toMatchObject({
      ...refused('GIT_REFUSED', 'main is protected', 4),
      suggestions: [`git ls-remote ${world.url}`],
    })
  })

  test('to which somebody pushes each time is given up after a few', async () => {
    await put(world.repository)
    let count = 0
    world.beforeCommit(100, () => {
      count += 1
      return pushAsPerson(world.bare, 'notes.md', `${String(count)}\n`)
    })
    const files = new Map([['README.md', 'two\n']])
    await expect(put(world.repository, files)).rejects.toMatchObject(
      refused('GIT_REFUSED', 'each of 5 times', 4),
    )
  })
})

describe('credentials', () => {
  test('that the server refuses are told without the secret, and stay in the person’s file', async () => {
    const path = join(world.folder, 'wrong')
    const line = `${world.url.replace('http://', 'http://me:hunter2@').replace('/me.git', '')}\n`
    await writeFile(path, line, { mode: 0o600 })
    const failing = await put(remoteWith(path)).catch((error: unknown) => error)
    expect(failing).toMatchObject(refused('GIT_REFUSED', 'Authentication failed', 4))
    expect(JSON.stringify(failing)).not.toContain('hunter2')
    expect(await readFile(path, 'utf8')).toBe(line)
  })

  test('for another server are not sent, and the file named', async () => {
    const path = join(world.folder, 'other')
    await writeFile(path, 'https://me:hunter2@example.org\n')
    const failing = await put(remoteWith(path)).catch((error: unknown) => error)
    expect(failing).toMatchObject({
      ...refused('GIT_CREDENTIALS', 'has no line http://USER:TOKEN@127.0.0.1', 3),
    })
    expect(JSON.stringify(failing)).not.toContain('hunter2')
    const missing = remoteWith(join(world.folder, 'none'))
    await expect(put(missing)).rejects.toMatchObject(refused('GIT_CREDENTIALS', 'it is not there', 3))
  })

  test('are told to the cluster as they are, and leave nothing behind on this machine', async () => {
    expect(await world.remote.credentials()).toEqual({ username: 'me', password: 'p@ss word' })
    await put(world.repository)
    expect((await readdir(world.folder)).sort()).toEqual(['home', 'served', 'token'])
    const clone = await world.remote.git(['clone', '--quiet', world.url, join(world.folder, 'copy')], signal)
    expect(clone).toMatchObject({ exitCode: 0 })
    expect(await readFile(join(world.folder, 'copy', '.git', 'config'), 'utf8')).not.toContain('credential')
  })
})

describe('a repository that is not there', () => {
  test('is an error, and none to publish to', async () => {
    const processes = createProcessRunner({ env: { ...process.env, HOME: world.home } })
    const url = world.url.replace('me.git', 'none.git')
    const given = { url, branch: 'main', credentials: world.credentials }
    const remote = createGitRemotes({ processes, home: world.home }).open(given, world.folder)
    await expect(asPlayground(remote, url).lastPublished(signal)).rejects.toMatchObject(
      refused('GIT_REFUSED', 'not found', 4),
    )
  })
})

describe('an ssh server', () => {
  const url = 'ssh://git@git.example.org:2222/me/playground.git'

  test('gets the key by its path, and is known by the person’s own known_hosts', async () => {
    const key = join(world.folder, "it's a key")
    await writeFile(key, '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n')
    const processes = new FakeProcess()
    const remote = createGitRemotes({ processes, home: '/home/me' }).open(
      { url, branch: 'main', credentials: key },
      world.folder,
    )
    processes.expect(['git', 'status'])
    await remote.git(['status'], signal)
    expect(processes.calls[0]?.options.env).toMatchObject({
      GIT_TERMINAL_PROMPT: '0',
      GIT_SSH_COMMAND: `ssh -o BatchMode=yes -i '${world.folder}/it'\\''s a key' -o IdentitiesOnly=yes`,
    })
    expect(await remote.credentials()).toEqual({ sshPrivateKey: await readFile(key, 'utf8') })
    const lines = '# Host found: line 1\n[git.example.org]:2222 ssh-ed25519 AAAA\n'
    const search = ['ssh-keygen', '-F', '[git.example.org]:2222', '-f']
    processes.expect([...search, '/home/me/.ssh/known_hosts'], { stdout: lines })
    expect(await remote.knownHosts(signal)).toBe('[git.example.org]:2222 ssh-ed25519 AAAA\n')
    processes.expect([...search, '/home/me/.ssh/known_hosts'], { exitCode: 1 })
    processes.expect([...search, '/etc/ssh/ssh_known_hosts'], { exitCode: 255 })
    await expect(remote.knownHosts(signal)).rejects.toMatchObject(
      refused('GIT_CREDENTIALS', 'the key of [git.example.org]:2222 is not in it', 3),
    )
    processes.done()
  })
})
