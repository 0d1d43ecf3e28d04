/** Every implementation of the slot `git`, each on real repositories in a temporary folder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { createGitRemotes } from '../../src/adapters/git-remote.ts'
import { externalRepository } from '../../src/components/git/external-repository.ts'
import { clusterRepository } from '../../src/components/git/repository.ts'
import type { GitRemote } from '../../src/domain/git-remote.ts'
import type { PlatformRepository } from '../../src/domain/hand-over.ts'
import { FakeCluster } from '../fakes/fake-cluster.ts'
import { makeBareRepository, startGitHttpServer } from '../fakes/git-http-server.ts'
import { runGit, serveGit } from '../fakes/local-git.ts'

/** One implementation with its repository; nothing has been published yet. */
export interface GitWorld {
  readonly repository: PlatformRepository
  /** The bare repository behind it. */
  readonly bare: string
  /** Somebody deletes the repository; where it is the person's own they make an empty one in its place. */
  lose(): Promise<void>
  /** Does something just before each of the next `times` commits of play arrives. */
  beforeCommit(times: number, work: () => Promise<void>): void
  close(): Promise<void>
}

/** Runs git on this machine; throws its words. */
export async function git(...args: string[]): Promise<string> {
  const { exitCode, stdout = '', stderr } = await runGit(['git', ...args])
  if (exitCode !== 0) throw new Error(stderr)
  return stdout
}

/** A person's commit, made in a working copy and pushed. */
export async function pushAsPerson(bare: string, path: string, text: string): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), 'play-person-'))
  await git('clone', '--quiet', bare, copy)
  await writeFile(join(copy, path), text)
  const me = ['-c', 'user.name=me', '-c', 'user.email=me@example.org']
  await git('-C', copy, 'add', '--all')
  await git('-C', copy, ...me, 'commit', '--quiet', '--message', 'Mine')
  await git('-C', copy, 'push', '--quiet', 'origin', 'HEAD:main')
  await rm(copy, { recursive: true })
}

/** Does `work` as often as it was asked for, then nothing. */
function countdown(): { arm: GitWorld['beforeCommit']; fire: () => Promise<void> } {
  let left = 0
  let doing: () => Promise<void> = () => Promise.resolve()
  return {
    arm(times, work) {
      left = times
      doing = work
    },
    async fire() {
      if (left === 0) return
      left -= 1
      await doing()
    },
  }
}

/** The daemon in the cluster: its scripts run with the git of this machine. */
export async function inClusterWorld(): Promise<GitWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'play-git-'))
  const bare = join(folder, 'playground')
  const cluster = new FakeCluster()
  serveGit(cluster, folder)
  const before = countdown()
  const { onExec } = cluster
  cluster.onExec = async (call) => {
    if (call.stdin !== undefined) await before.fire()
    const answer = await onExec(call)
    if (answer === undefined) throw new Error('nobody answers in the git pod')
    return answer
  }
  return {
    repository: clusterRepository(cluster),
    bare,
    lose: () => rm(bare, { recursive: true }),
    beforeCommit: before.arm,
    close: () => rm(folder, { recursive: true }),
  }
}

/** What a test of the external implementation may need besides. */
export interface ExternalWorld extends GitWorld {
  readonly remote: GitRemote
  readonly url: string
  readonly folder: string
  readonly home: string
  readonly credentials: string
}

/** Who publishes, and with what. */
export interface ExternalWishes {
  readonly name?: string
  readonly root?: string
  readonly hasPublished?: boolean
}

/** A server of the person's own, behind a password. */
export async function externalWorld(): Promise<ExternalWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'play-git-'))
  const root = join(folder, 'served')
  const home = join(folder, 'home')
  await mkdir(home)
  const bare = await makeBareRepository(root, 'me.git')
  const server = await startGitHttpServer({ root, user: 'me', password: 'p@ss word' })
  const credentials = join(folder, 'token')
  await writeFile(credentials, `http://me:p%40ss%20word@127.0.0.1:${String(server.port)}\n`, { mode: 0o600 })
  const url = `${server.url}/me.git`
  const processes = createProcessRunner({ env: { ...process.env, HOME: home } })
  const remote = createGitRemotes({ processes, home }).open({ url, branch: 'main', credentials }, folder)
  const before = countdown()
  const racing: GitRemote = {
    ...remote,
    copy: (signal, work) =>
      remote.copy(signal, (copy) =>
        work({
          ...copy,
          async push(stream) {
            await before.fire()
            return copy.push(stream)
          },
        }),
      ),
  }
  return {
    repository: asPlayground(racing, url),
    remote,
    url,
    bare,
    folder,
    home,
    credentials,
    async lose() {
      await rm(bare, { recursive: true })
      await makeBareRepository(root, 'me.git')
    },
    beforeCommit: before.arm,
    async close() {
      await server.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** The repository as one playground sees it. */
export function asPlayground(
  remote: GitRemote,
  url: string,
  { name = 'dev', root = '01h', hasPublished = false }: ExternalWishes = {},
): PlatformRepository {
  const published = (): Promise<boolean> => Promise.resolve(hasPublished)
  return externalRepository({ url, branch: 'main', remote, name, root, hasPublished: published })
}
