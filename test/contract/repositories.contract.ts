/** What every implementation of repositories of demos promises, held against real git here and in a cluster in e2e. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Proposal, Repositories, RepositoryClient } from '../../src/domain/slots.ts'

/** An implementation, and what looks at its repositories from behind. */
export interface RepositoriesWorld {
  readonly repositories: Repositories
  readonly client: RepositoryClient
  /** Runs git on the bare repository of that name; answers its output. Throws when it fails. */
  git(name: string, ...args: readonly string[]): Promise<string>
  /** Pushes a commit to main as a person does. */
  push(name: string, path: string, text: string): Promise<void>
  end(): Promise<void>
}

const { signal } = new AbortController()
const now = 1_700_000_000_000
const texts = (entries: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(entries))
const first = texts({ 'README.md': 'Grüße\n', 'app/main.ts': 'one\ntwo\nthree\n', 'app/größe.txt': '' })
const id = /^[0-9a-f]{40,64}$/

/** Declares the tests. `timeoutMs` is the patience with one of them. */
export function repositoriesContract(
  name: string,
  open: () => Promise<RepositoriesWorld>,
  timeoutMs = 15_000,
): void {
  describe(`${name} keep the contract of repositories:`, { timeout: timeoutMs }, () => {
    let world: RepositoriesWorld
    let repository: string
    let names: string[]

    beforeAll(async () => {
      world = await open()
    }, timeoutMs)
    afterAll(() => world.end(), timeoutMs)
    const newName = (): string => {
      const unique = `play-contract-${randomUUID().slice(0, 8)}`
      names.push(unique)
      return unique
    }
    beforeEach(() => {
      names = []
      repository = newName()
    })
    afterEach(async () => {
      for (const each of names) await world.repositories.remove(world.client, each, signal)
    }, timeoutMs)

    const propose = (files: ReadonlyMap<string, string>, message = 'A demo'): Promise<Proposal> =>
      world.repositories.propose(world.client, repository, { files, message, now }, signal)
    const accept = (proposal: Proposal): Promise<void> =>
      world.repositories.accept(world.client, repository, proposal, signal)
    const put = async (files: ReadonlyMap<string, string>, message?: string): Promise<Proposal> => {
      const proposal = await propose(files, message)
      await accept(proposal)
      return proposal
    }
    const revert = (commit: string): Promise<string> =>
      world.repositories.revert(world.client, repository, commit, signal)
    const remove = (): Promise<boolean> => world.repositories.remove(world.client, repository, signal)
    const git = (...args: readonly string[]): Promise<string> => world.git(repository, ...args)
    const lines = async (...args: readonly string[]): Promise<string[]> =>
      (await git(...args)).split('\n').filter(Boolean)
    const head = async (): Promise<string> => (await git('rev-parse', 'main')).trim()
    const subjects = (): Promise<string[]> => lines('log', '--format=%s', 'main')
    const refs = (): Promise<string[]> => lines('for-each-ref', '--format=%(refname)')
    const files = async (ref = 'main'): Promise<string[]> =>
      (await git('ls-tree', '-r', '-z', '--name-only', ref)).split('\0').filter(Boolean)

    test('the first commit is shown whole, on no branch until it is accepted, and is there byte for byte', async () => {
      const proposal = await propose(first)

      expect(proposal).toMatchObject({ commit: expect.stringMatching(id) as string, former: undefined })
      expect([...proposal.changed].sort()).toEqual([...first.keys()].sort())
      expect(proposal.diff).toContain(
        '--- /dev/null\n+++ b/app/main.ts\n@@ -0,0 +1,3 @@\n+one\n+two\n+three\n',
      )
      expect(proposal.diff).toContain('diff --git a/app/größe.txt b/app/größe.txt\nnew file mode 100644\n')
      expect(proposal.diff).toContain('+Grüße\n')
      expect(await refs()).not.toContain('refs/heads/main')

      await accept(proposal)

      expect(await refs()).toEqual(['refs/heads/main'])
      expect(await head()).toBe(proposal.commit)
      expect(await git('log', '--format=%an <%ae> %at%n%B', 'main')).toBe(
        'play <play@localhost> 1700000000\nA demo\n\n',
      )
      expect((await files()).sort()).toEqual([...first.keys()].sort())
      for (const [path, text] of first) expect(await git('show', `main:${path}`)).toBe(text)
      expect(await git('fsck', '--strict')).toBe('')
    })

    test('where no file differs nothing is committed', async () => {
      const { commit } = await put(first)
      const unchanged = { commit, former: commit, changed: [], diff: '' }
      expect(await propose(first, 'Another')).toEqual(unchanged)
      expect(await propose(texts({}))).toEqual(unchanged)
      await put(texts({ 'README.md': 'Grüße\n' }))
      expect(await subjects()).toEqual(['A demo'])
      expect(await refs()).toEqual(['refs/heads/main'])
    })

    test('a first commit without files is refused', async () => {
      await expect(propose(texts({}))).rejects.toMatchObject({ id: 'GIT_FAILED' })
    })

    test('a change is shown as git diff does, and other files stay', async () => {
      const { commit: former } = await put(first)
      await world.push(repository, 'notes.md', 'mine\n')
      const before = await head()

      const proposal = await put(texts({ 'app/main.ts': 'one\n2\nthree\n' }), 'Say "2"\n\nAnd why\n')

      expect(before).not.toBe(former)
      expect(proposal).toMatchObject({ former: before, changed: ['app/main.ts'] })
      expect(proposal.diff).toMatch(
        /^diff --git a\/app\/main.ts b\/app\/main.ts\nindex \w+\.\.\w+ 100644\n--- a\/app\/main.ts\n\+\+\+ b\/app\/main.ts\n@@ -1,3 \+1,3 @@\n one\n-two\n\+2\n three\n$/,
      )
      expect((await files()).sort()).toEqual([...first.keys(), 'notes.md'].sort())
      expect(await git('show', 'main:app/main.ts')).toBe('one\n2\nthree\n')
      expect(await git('log', '-1', '--format=%P%n%B', 'main')).toBe(`${before}\nSay "2"\n\nAnd why\n\n`)
    })

    test('a proposal may be accepted twice', async () => {
      await accept(await put(first))
      await accept(await put(texts({ 'README.md': 'Neu\n' })))
      expect(await subjects()).toHaveLength(2)
    })

    test('a proposal is refused when somebody has pushed in between, and the next one has both', async () => {
      await put(first)
      const proposal = await propose(texts({ 'README.md': 'Neu\n' }))
      await world.push(repository, 'notes.md', 'mine\n')
      const before = await head()

      await expect(accept(proposal)).rejects.toMatchObject({
        id: 'GIT_FAILED',
        message: expect.stringContaining('somebody has pushed to main meanwhile') as string,
      })

      expect(await head()).toBe(before)
      await put(texts({ 'README.md': 'Neu\n' }))
      expect(await files()).toContain('notes.md')
      expect(await git('show', 'main:README.md')).toBe('Neu\n')
    })

    test('an unchanged proposal is refused as well when somebody has pushed in between', async () => {
      await put(first)
      const proposal = await propose(first)
      await world.push(repository, 'README.md', 'mine\n')
      await expect(accept(proposal)).rejects.toMatchObject({ id: 'GIT_FAILED' })
    })

    test('of several who make the repository at once all can propose, and one is accepted', async () => {
      const proposals = await Promise.all(
        ['a', 'b', 'c', 'd'].map((text) => propose(texts({ 'a.txt': `${text}\n` }))),
      )
      expect(proposals.map(({ former }) => former)).toEqual(Array(4).fill(undefined))

      const accepted = await Promise.allSettled(proposals.map(accept))

      expect(accepted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(proposals.map(({ commit }) => commit)).toContain(await head())
      expect(await git('fsck', '--strict')).not.toMatch(/error|missing/)
    })

    test('proposals that nobody accepted are forgotten', async () => {
      await put(first)
      for (const text of ['1', '2', '3']) await propose(texts({ 'a.txt': text }))
      expect(await refs()).toHaveLength(2)
      await put(texts({ 'a.txt': '4' }))
      expect(await refs()).toEqual(['refs/heads/main'])
    })

    test('undoing the first commit leaves no file, and the repository goes on', async () => {
      const { commit } = await put(first)
      const undone = await revert(commit)
      expect(undone).toBe(await head())
      expect(await files()).toEqual([])
      expect(await subjects()).toEqual(['Revert "A demo"', 'A demo'])
      expect(await put(first)).toMatchObject({ former: undone, changed: { length: 3 } })
    })

    test('undoing a later commit brings back the files as they were before it', async () => {
      const before = await put(first)
      const { commit } = await put(texts({ 'README.md': 'Neu\n', 'new.txt': 'x\n' }), 'Say `$(2)` "aloud"')
      await world.push(repository, 'README.md', 'newer\n')

      const undone = await revert(commit)

      expect(undone).toBe(await head())
      expect(await git('diff', '--stat', before.commit, 'main')).toBe('')
      expect(await subjects()).toEqual([
        'Revert "Say `$(2)` "aloud""',
        'Mine',
        'Say `$(2)` "aloud"',
        'A demo',
      ])
      expect(await git('log', '-1', '--format=%an <%ae>', 'main')).toBe('play <play@localhost>\n')
      expect(await revert(commit)).toBe(undone)
      expect(await subjects()).toHaveLength(4)
    })

    test('what is not on main is not undone', async () => {
      const { commit } = await put(first)
      const { commit: proposed } = await propose(texts({ 'a.txt': 'a' }))
      for (const one of [proposed, '0'.repeat(40), '--help', ''])
        await expect(revert(one)).rejects.toMatchObject({ id: 'GIT_FAILED' })
      expect(await head()).toBe(commit)
    })

    test('a repository that is deleted is gone, and is made again empty', async () => {
      expect(await remove()).toBe(false)
      const { commit } = await put(first)
      expect(await remove()).toBe(true)
      expect(await remove()).toBe(false)
      await expect(git('rev-parse', 'main')).rejects.toThrow()
      await expect(revert(commit)).rejects.toMatchObject({ id: 'GIT_FAILED' })
      expect(await put(first)).toMatchObject({ former: undefined, changed: { length: 3 } })
      expect(await subjects()).toEqual(['A demo'])
    })

    test('repositories do not know of each other', async () => {
      await put(first)
      const other = `${repository}-2`
      names.push(other)
      const change = { files: texts({ 'b.txt': 'b' }), message: 'B', now }
      const proposal = await world.repositories.propose(world.client, other, change, signal)
      expect(proposal).toMatchObject({ former: undefined, changed: ['b.txt'] })
      expect(await world.repositories.remove(world.client, other, signal)).toBe(true)
      expect(await subjects()).toEqual(['A demo'])
    })

    test('addresses end with the name, and the one to push to is another', () => {
      const { read, push } = world.repositories.url(repository)
      expect(new URL(read).pathname).toBe(`/${repository}`)
      expect(new URL(push).pathname).toBe(`/${repository}`)
      expect(push).not.toBe(read)
    })

    test.each(['playground', '', '..', 'a/b', 'a.b', 'A', '-a', 'a-', '.play-1', 'a\n', 'a'.repeat(64)])(
      'nothing is done with the name %j',
      async (refused) => {
        const { repositories, client } = world
        const bug = { id: 'BUG_UNEXPECTED' }
        const change = { files: first, message: 'A demo', now }
        const proposal = { commit: '0'.repeat(40), former: undefined, changed: [], diff: '' }
        expect(() => repositories.url(refused)).toThrow(expect.objectContaining(bug) as Error)
        await expect(repositories.propose(client, refused, change, signal)).rejects.toMatchObject(bug)
        await expect(repositories.accept(client, refused, proposal, signal)).rejects.toMatchObject(bug)
        await expect(repositories.revert(client, refused, proposal.commit, signal)).rejects.toMatchObject(bug)
        await expect(repositories.remove(client, refused, signal)).rejects.toMatchObject(bug)
      },
    )
  })
}
