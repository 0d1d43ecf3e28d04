/** What every implementation of the slot `git` does with the platform, on real repositories. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { publishedBy } from '../../src/components/git/publication.ts'
import { digestOf, hashesOf, type ContentHashes, type Tree } from '../../src/components/git/tree.ts'
import type { Published } from '../../src/domain/hand-over.ts'
import { externalWorld, git, inClusterWorld, pushAsPerson, type GitWorld } from './git-worlds.ts'

const { signal } = new AbortController()
const tree = (entries: Record<string, string>): Tree => new Map(Object.entries(entries))
const first = tree({ 'README.md': 'Grüße\n', 'apps/a.yaml': 'a: 1\n', 'apps/b.yaml': 'b: 1\n', 'k/.k': '' })

describe.each([
  ['inside the cluster', inClusterWorld],
  ['of the person’s own', externalWorld],
])('a repository %s', (_, makeWorld: () => Promise<GitWorld>) => {
  let world: GitWorld
  beforeEach(async () => {
    world = await makeWorld()
  })
  afterEach(async () => {
    await world.close()
  })

  const put = (next: Tree, former?: ContentHashes): Promise<Published> =>
    world.repository.publish({ tree: next, former, message: 'Publish', now: 1_700_000_000_000 }, signal)
  const inBare = (...args: string[]): Promise<string> => git('--git-dir', world.bare, ...args)
  const show = (path: string): Promise<string> => inBare('show', `main:${path}`)
  const lines = async (...args: string[]): Promise<string[]> => (await inBare(...args)).trim().split('\n')
  const files = (): Promise<string[]> => lines('ls-tree', '-r', '--name-only', 'main')
  const commits = (): Promise<string[]> => lines('log', '--format=%s', 'main')

  test('that is empty gets its first commit, byte for byte', async () => {
    expect(await world.repository.lastPublished(signal)).toBeUndefined()
    const { head, digest, changed } = await put(first)
    expect({ digest, changed }).toEqual({ digest: digestOf(first), changed: 4 })
    expect(await files()).toEqual([...first.keys()])
    expect(await show('README.md')).toBe('Grüße\n')
    expect(await inBare('rev-parse', 'main')).toBe(`${head}\n`)
    expect(await world.repository.lastPublished(signal)).toEqual({ head, digest })
    expect(await inBare('fsck', '--strict')).toBe('')
  })

  test('gets no commit of what it has', async () => {
    const { head, digest } = await put(first)
    expect(await put(first, hashesOf(first))).toEqual({ head, digest, changed: 0 })
    expect(await commits()).toEqual(['Publish'])
  })

  test('gets only the files that are wanted differently, and keeps what a person did', async () => {
    await put(first)
    await pushAsPerson(world.bare, 'apps/a.yaml', 'a: mine\n')
    await pushAsPerson(world.bare, 'notes.md', 'mine\n')
    expect((await world.repository.lastPublished(signal))?.digest).toBe(digestOf(first))
    const second = tree({
      'README.md': 'Neu\n',
      'apps/a.yaml': 'a: 1\n',
      'apps/c.yaml': 'c: 1\n',
      'k/.k': '',
    })
    expect((await put(second, hashesOf(first))).changed).toBe(3)
    expect(await files()).toEqual(['README.md', 'apps/a.yaml', 'apps/c.yaml', 'k/.k', 'notes.md'])
    expect(await show('apps/a.yaml')).toBe('a: mine\n')
    expect(await commits()).toEqual(['Publish', 'Mine', 'Mine', 'Publish'])
  })

  test('gets nothing but a part of what is published, and then has all of it', async () => {
    await put(first)
    const keeps = (path: string): boolean => !path.startsWith('apps/b')
    const part = { tree: tree({ 'apps/b2.yaml': 'b: 2\n' }), former: hashesOf(first) }
    const publication = { ...part, keeps, message: 'Part', now: 1_700_000_000_000 }
    const { digest, changed } = await world.repository.publish(publication, signal)
    const whole = new Map([...first, ['apps/b2.yaml', 'b: 2\n'] as const])
    whole.delete('apps/b.yaml')
    expect({ digest, changed }).toEqual({ digest: digestOf(whole), changed: 2 })
    expect(await files()).toEqual(['README.md', 'apps/a.yaml', 'apps/b2.yaml', 'k/.k'])
    expect(publishedBy(publication)).toEqual(hashesOf(whole))
    expect((await put(whole, hashesOf(whole))).changed).toBe(0)
  })

  test('that was deleted is published whole, whatever play remembers', async () => {
    await put(first)
    await world.lose()
    expect(await world.repository.lastPublished(signal)).toBeUndefined()
    expect((await put(first, hashesOf(first))).changed).toBe(4)
    expect(await files()).toHaveLength(4)
    expect(await commits()).toEqual(['Publish'])
  })

  test('whose branch was deleted is published whole', async () => {
    await put(first)
    await inBare('update-ref', '-d', 'refs/heads/main')
    expect((await put(first, hashesOf(first))).changed).toBe(4)
    expect(await files()).toHaveLength(4)
  })

  test('to which somebody pushes meanwhile has both', async () => {
    await put(first)
    world.beforeCommit(2, () => pushAsPerson(world.bare, 'notes.md', `mine ${String(Math.random())}\n`))
    const second = new Map(first).set('apps/a.yaml', 'a: 2\n')
    const { changed, head } = await put(second, hashesOf(first))
    expect(changed).toBe(1)
    expect(await inBare('rev-parse', 'main')).toBe(`${head}\n`)
    expect(await show('apps/a.yaml')).toBe('a: 2\n')
    expect(await files()).toContain('notes.md')
    expect((await commits()).filter((subject) => subject === 'Publish')).toHaveLength(2)
  })

  test.each(['objects', 'HEAD'])('that has lost its %s is an error, not an empty one', async (part) => {
    await put(first)
    await rm(join(world.bare, part), { recursive: true })
    const broken = { id: expect.stringMatching(/^GIT_(FAILED|REFUSED)$/) as string }
    await expect(world.repository.lastPublished(signal)).rejects.toMatchObject(broken)
    await expect(put(first, hashesOf(first))).rejects.toMatchObject(broken)
  })
})
