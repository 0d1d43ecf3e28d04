/** What play commits, held against the real git. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gitPod, type Repository } from '../../src/components/git/git-pod.ts'
import {
  ensureRepository,
  lastPublished,
  playgroundRepository,
  publish,
} from '../../src/components/git/repository.ts'
import { digestOf, hashesOf, type ContentHashes, type Tree } from '../../src/components/git/tree.ts'
import type { Published } from '../../src/domain/hand-over.ts'
import { FakeCluster } from '../fakes/fake-cluster.ts'
import { runGit, serveGit } from '../fakes/local-git.ts'

let folder: string
let bare: string
let cluster: FakeCluster
let repository: Repository

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-git-'))
  bare = join(folder, 'playground')
  cluster = new FakeCluster()
  serveGit(cluster, folder)
  repository = playgroundRepository(cluster, new AbortController().signal)
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function git(...args: string[]): Promise<string> {
  const { exitCode, stdout = '', stderr } = await runGit(['git', ...args])
  if (exitCode !== 0) throw new Error(stderr)
  return stdout
}

const show = (path: string): Promise<string> => git('--git-dir', bare, 'show', `main:${path}`)
const files = async (): Promise<string[]> =>
  (await git('--git-dir', bare, 'ls-tree', '-r', '--name-only', 'main')).trim().split('\n')
const commits = async (): Promise<string[]> =>
  (await git('--git-dir', bare, 'log', '--format=%s', 'main')).trim().split('\n')

const tree = (entries: Record<string, string>): Tree => new Map(Object.entries(entries))

function put(next: Tree, former?: ContentHashes): Promise<Published> {
  return publish(repository, { tree: next, former, message: 'Publish', now: 1_700_000_000_000 })
}

/** A person's commit, made in a working copy and pushed. */
async function push(path: string, text: string, message = 'Mine'): Promise<void> {
  const copy = await mkdtemp(join(folder, 'copy-'))
  await git('clone', '--quiet', bare, copy)
  await writeFile(join(copy, path), text)
  const me = ['-c', 'user.name=me', '-c', 'user.email=me@example.org']
  await git('-C', copy, 'add', '--all')
  await git('-C', copy, ...me, 'commit', '--quiet', '--message', message)
  await git('-C', copy, 'push', '--quiet', 'origin', 'main')
}

const first = tree({ 'README.md': 'Grüße\n', 'apps/a.yaml': 'a: 1\n', 'apps/b.yaml': 'b: 1\n', 'k/.k': '' })

describe('publishing', () => {
  it('makes the repository and its first commit, byte for byte', async () => {
    expect(await lastPublished(repository)).toBeUndefined()
    const published = await put(first)
    expect(published).toMatchObject({ digest: digestOf(first), changed: 4 })
    expect(await files()).toEqual(['README.md', 'apps/a.yaml', 'apps/b.yaml', 'k/.k'])
    expect(await show('README.md')).toBe('Grüße\n')
    expect(await lastPublished(repository)).toEqual({ head: published.head, digest: digestOf(first) })
    expect(await git('--git-dir', bare, 'log', '--format=%an <%ae> %at%n%B')).toBe(
      `play <play@localhost> 1700000000\nPublish\n\nPlay-Digest: ${digestOf(first)}\n\n`,
    )
    expect(await git('--git-dir', bare, 'fsck', '--strict')).toBe('')
  })

  it('writes everything where what it remembers is not what it published last', async () => {
    const dropped = tree({ 'old.yaml': 'x\n', 'README.md': 'Neu\n' })
    await put(first)
    await put(tree({ 'README.md': 'Neu\n' }), hashesOf(first))
    await put(first, hashesOf(dropped))
    expect(await files()).toEqual(['README.md', 'apps/a.yaml', 'apps/b.yaml', 'k/.k'])
    expect(await show('README.md')).toBe('Grüße\n')
  })

  it('goes on top of a branch that has no commit of play', async () => {
    await ensureRepository(repository)
    await ensureRepository(repository)
    await push('mine.md', 'mine\n', 'About\n\nPlay-Digest: no digest')
    expect((await lastPublished(repository))?.digest).toBeUndefined()
    await put(first)
    expect(await files()).toContain('mine.md')
    expect(await commits()).toEqual(['Publish', 'About'])
  })

  it('commits nothing of a stream that was cut off', async () => {
    const whole = cluster.onExec
    cluster.onExec = (call) =>
      whole({ ...call, stdin: call.stdin?.subarray(0, call.stdin.length - 'done\n'.length) })
    await expect(put(first)).rejects.toMatchObject({ id: 'GIT_FAILED', exitCode: 6 })
    expect(await lastPublished(repository)).toBeUndefined()
  })
})

describe('git in the cluster', () => {
  it('that fails is told with its last lines, and where its log is', async () => {
    await put(first)
    await rm(join(bare, 'objects'), { recursive: true })
    await expect(lastPublished(repository)).rejects.toMatchObject({
      id: 'GIT_FAILED',
      message: expect.stringContaining('could not read the repository: fatal:') as string,
      details: [expect.stringContaining('fatal:') as string],
      suggestions: ['kubectl logs --namespace git deployment/git --all-containers'],
    })
  })

  it('that does not run is told as such, and one that ends is not asked', async () => {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'git', name: 'git-1' }
    const pod = cluster.object(ref)
    if (pod === undefined) throw new Error('there is no pod')
    expect(await gitPod(cluster, repository.signal)).toBe('git-1')
    cluster.put({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })
    await expect(lastPublished(repository)).rejects.toMatchObject({ id: 'COMPONENT_UNHEALTHY' })
  })
})
