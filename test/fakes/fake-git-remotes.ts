/** Servers of git in memory: branches with messages of commits, and who gets in. */
import { createHash } from 'node:crypto'
import { PlayError } from '../../src/domain/errors.ts'
import type {
  BranchCopy,
  ExternalGit,
  GitRemote,
  GitRemotes,
  RepositoryCredentials,
} from '../../src/domain/git-remote.ts'
import { sshHost } from '../../src/domain/git-url.ts'
import type { ProcessResult } from '../../src/domain/process-runner.ts'

interface FakeCommit {
  readonly id: string
  readonly message: string
}

/** Strict: an address that the test has not made is refused as a server does. */
export class FakeGitRemotes implements GitRemotes {
  /** Commits of each branch, oldest first, by `URL#BRANCH`; those that are there take commits. */
  readonly branches = new Map<string, FakeCommit[]>()
  /** Calls of git besides those that publish. */
  readonly calls: (readonly string[])[] = []
  /** What git answers to them. */
  reply: Partial<ProcessResult> = {}
  /** What is in the file of credentials. */
  secret: RepositoryCredentials = { username: 'me', password: 'hunter2' }
  private readonly urls = new Set<string>()

  /** An empty repository. */
  add(url: string): this {
    this.urls.add(url)
    return this
  }

  open(git: ExternalGit): GitRemote {
    return {
      copy: (_signal, work) => work(this.copyOf(git)),
      git: (args) => {
        this.calls.push(args)
        return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...this.reply })
      },
      credentials: () => Promise.resolve(git.credentials === undefined ? undefined : this.secret),
      knownHosts: () => {
        const host = sshHost(git.url)
        return Promise.resolve(host === undefined ? '' : `${host} ssh-ed25519 AAAA\n`)
      },
    }
  }

  private copyOf({ url, branch }: ExternalGit): BranchCopy {
    if (!this.urls.has(url)) throw PlayError.of('GIT_REFUSED', { what: 'read', reason: 'fatal: not found' })
    const key = `${url}#${branch}`
    const commits = this.branches.get(key) ?? []
    const pattern = /^Play-Digest: [0-9a-f]{64}$/m
    return {
      head: commits.at(-1)?.id,
      message: () => Promise.resolve(commits.findLast(({ message }) => pattern.test(message))?.message),
      paths: () => Promise.resolve([]),
      push: (stream) => {
        const id = createHash('sha1').update(stream).digest('hex')
        this.branches.set(key, [...commits, { id, message: stream }])
        return Promise.resolve(id)
      },
    }
  }
}
