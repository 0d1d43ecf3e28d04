/** Repositories of demos where something is out of order, held against the real git. */
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoRepositories } from '../../src/components/git/demo-repositories.ts'
import type { Proposal } from '../../src/domain/slots.ts'
import { FakeCluster } from '../fakes/fake-cluster.ts'
import { runGit, serveGit } from '../fakes/local-git.ts'

const { signal } = new AbortController()
let folder: string
let bare: string
let cluster: FakeCluster

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'play-git-'))
  bare = join(folder, 'shop')
  cluster = new FakeCluster()
  serveGit(cluster, folder)
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function git(...args: string[]): Promise<string> {
  const { exitCode, stdout = '', stderr } = await runGit(['git', '--git-dir', bare, ...args])
  if (exitCode !== 0) throw new Error(stderr)
  return stdout.trim()
}

function propose(text: string, path = 'a.txt'): Promise<Proposal> {
  const change = { files: new Map([[path, text]]), message: 'A demo', now: 1_700_000_000_000 }
  return demoRepositories.propose(cluster, 'shop', change, signal)
}

async function put(text: string, path?: string): Promise<Proposal> {
  const proposal = await propose(text, path)
  await demoRepositories.accept(cluster, 'shop', proposal, signal)
  return proposal
}

const remove = (): Promise<boolean> => demoRepositories.remove(cluster, 'shop', signal)
const failed = (reason: string): object => ({
  id: 'GIT_FAILED',
  message: expect.stringContaining(reason) as string,
})

describe('a command', () => {
  it('is one for each thing to do, always the same text, and gets what differs as parameters', async () => {
    const calls: (readonly string[])[] = []
    const { onExec } = cluster
    cluster.onExec = (call) => {
      calls.push(call.command)
      return onExec(call)
    }
    const { commit } = await put('1')
    await put('2', 'b.txt')
    await demoRepositories.revert(cluster, 'shop', commit, signal)
    await remove()
    expect(calls).toHaveLength(6)
    expect(new Set(calls.map(([, , text]) => text)).size).toBe(4)
    for (const [, , text] of calls) expect(text).not.toMatch(/shop|[0-9a-f]{8}/)
  })

  it('that was cut off commits nothing', async () => {
    await put('1')
    const { onExec } = cluster
    cluster.onExec = (call) =>
      onExec({ ...call, stdin: call.stdin?.subarray(0, call.stdin.length - 'done\n'.length) })
    await expect(propose('2')).rejects.toMatchObject(failed('stream'))
    cluster.onExec = onExec
    expect(await put('1')).toMatchObject({ changed: [] })
  })
})

describe('a difference', () => {
  it('may have zero bytes and what is no text in it', async () => {
    await put('1')
    const odd = join(folder, 'odd')
    await writeFile(odd, Buffer.concat([Buffer.from('x\n'.repeat(5000)), Buffer.from([0, 0xe9, 10])]))
    const blob = await git('hash-object', '-w', odd)
    const tree = (
      await runGit(['git', '--git-dir', bare, 'mktree'], Buffer.from(`100755 blob ${blob}\ta b\n`))
    ).stdout
    const me = ['-c', 'user.name=me', '-c', 'user.email=me@example.org']
    await git(
      'update-ref',
      'refs/heads/main',
      await git(...me, 'commit-tree', '-m', 'Odd', tree?.trim() ?? ''),
    )
    const { changed, diff } = await propose('x\n', 'a b')
    expect(changed).toEqual(['a b'])
    expect(diff).toContain('old mode 100755\nnew mode 100644\n')
    expect(diff).toContain('\n-\0\u{fffd}\n')
  })
})

describe('a repository', () => {
  it('that is a link is refused, and only the link is deleted', async () => {
    await put('1')
    const { commit } = await put('2')
    await symlink('shop', join(folder, 'link'))
    const change = { files: new Map([['a.txt', '3']]), message: 'A demo', now: 0 }
    const link = failed('is a symbolic link')
    const proposal = { commit, former: undefined, changed: [], diff: '' }
    await expect(demoRepositories.propose(cluster, 'link', change, signal)).rejects.toMatchObject(link)
    await expect(demoRepositories.accept(cluster, 'link', proposal, signal)).rejects.toMatchObject(link)
    await expect(demoRepositories.revert(cluster, 'link', commit, signal)).rejects.toMatchObject(link)
    expect(await demoRepositories.remove(cluster, 'link', signal)).toBe(true)
    expect(await readdir(folder)).toEqual(['shop'])
    expect(await git('rev-parse', 'main')).toBe(commit)
  })

  it.each(['objects', 'refs/heads/main'])('that has lost its %s is an error', async (part) => {
    await put('1')
    await rm(join(bare, part), { recursive: true })
    await writeFile(join(bare, part), '')
    await expect(put('2')).rejects.toMatchObject({ id: 'GIT_FAILED' })
  })

  it('of which a crash has left a half is made whole', async () => {
    await mkdir(join(bare, 'refs'), { recursive: true })
    await put('1')
    expect(await git('fsck')).toBe('')
  })

  it('does not keep what crashes have left beside it, but what others make now', async () => {
    for (const name of ['.play-old', '.play-new'])
      await mkdir(join(folder, name, 'made', 'refs'), { recursive: true })
    await utimes(join(folder, '.play-old'), 0, 0)
    await put('1')
    expect((await readdir(folder)).sort()).toEqual(['.play-new', 'shop'])
    await remove()
    expect(await readdir(folder)).toEqual(['.play-new'])
  })

  it('is packed when it has many objects, and not before', async () => {
    const count = async (name: string): Promise<number> =>
      Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(await git('count-objects', '-v'))?.[1])
    const paths = Array.from({ length: 90 }, (_, index) => `${String(index)}.txt`)
    const round = async (number: number): Promise<void> => {
      const files = new Map(paths.map((path) => [path, `${String(number)} ${path}`]))
      const change = { files, message: 'Many', now: 1_700_000_000_000 }
      const proposal = await demoRepositories.propose(cluster, 'shop', change, signal)
      await demoRepositories.accept(cluster, 'shop', proposal, signal)
    }
    await round(0)
    await round(1)
    expect({ loose: await count('count'), packs: await count('packs') }).toEqual({ loose: 184, packs: 0 })

    let rounds = 2
    for (; rounds < 12 && (await count('packs')) === 0; rounds += 1) await round(rounds)

    expect({ loose: await count('count'), packs: await count('packs') }).toEqual({ loose: 92, packs: 1 })
    expect(await git('rev-list', '--count', 'main')).toBe(String(rounds))
  })
})
