/** The GitRemote port on the person's own git: commits are made in a bare, blobless copy that lasts as long as the work. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PlayError } from '../domain/errors.ts'
import type { BranchCopy, ExternalGit, GitRemote, GitRemotes } from '../domain/git-remote.ts'
import { sshHost } from '../domain/git-url.ts'
import type { ProcessOptions, ProcessResult, ProcessRunner } from '../domain/process-runner.ts'
import { hasCode } from '../domain/system-error.ts'
import { readCredentials } from './git-credentials.ts'

/** What remotes are made from. */
export interface GitRemoteSettings {
  readonly processes: ProcessRunner
  /** The person's home folder: .ssh/known_hosts is there. */
  readonly home: string
}

/** Makes the port. */
export function createGitRemotes(settings: GitRemoteSettings): GitRemotes {
  return { open: (git, folder) => createGitRemote(settings, git, folder) }
}

type RunGit = (
  args: readonly string[],
  options: Omit<ProcessOptions, 'env'> & { readonly env?: Readonly<Record<string, string>> },
) => Promise<ProcessResult>

function createGitRemote(
  { processes, home }: GitRemoteSettings,
  git: ExternalGit,
  folder: string,
): GitRemote {
  const { options, env } = accessOf(git)
  const run: RunGit = async (args, more) => {
    await readCredentials(git)
    return processes.run('git', [...options, ...args], { ...more, env: { ...env, ...more.env } })
  }
  return {
    copy: (signal, work) => withCopy({ run, git, folder, signal }, work),
    git: (args, signal) => run(args, { signal }),
    credentials: () => readCredentials(git),
    knownHosts: (signal) => findKnownHosts(git, home, processes, signal),
  }
}

/** Settings that give git the credentials by their path. */
function accessOf({ credentials, knownHosts, url }: ExternalGit): {
  readonly options: readonly string[]
  readonly env: Readonly<Record<string, string>>
} {
  // Nobody sits at a terminal that git could ask.
  const env = { GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '' }
  if (sshHost(url) !== undefined) {
    const hosts = knownHosts === undefined ? [] : ['-o', `UserKnownHostsFile=${quoted(knownHosts)}`]
    const key = credentials === undefined ? [] : ['-i', quoted(credentials), '-o', 'IdentitiesOnly=yes']
    const words = [...key, ...hosts]
    if (words.length === 0) return { options: [], env }
    return {
      options: [],
      env: { ...env, GIT_SSH_COMMAND: ['ssh', '-o', 'BatchMode=yes', ...words].join(' ') },
    }
  }
  if (credentials === undefined) return { options: [], env }
  // Told that a server refused them, the store would delete the credentials from the person's file: it is only read.
  const helper = `!f() { test "$1" != get || git credential-store --file=${quoted(credentials)} get; }; f`
  return { options: ['-c', 'credential.helper=', '-c', `credential.helper=${helper}`], env }
}

/** One word for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

interface Copying {
  readonly run: RunGit
  readonly git: ExternalGit
  readonly folder: string
  readonly signal: AbortSignal
}

async function withCopy<R>(copying: Copying, work: (copy: BranchCopy) => Promise<R>): Promise<R> {
  const place = await temporaryFolder(copying.folder)
  try {
    const git = gitIn(place, copying)
    await git.run('make a copy of the repository', ['init', '--quiet', '--bare', '--template='])
    await git.run('make a copy of the repository', ['config', 'remote.origin.url', copying.git.url])
    return await work(await fetchBranch(git, copying.git))
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

interface GitInCopy {
  readonly tryRun: (args: readonly string[], input?: string) => Promise<ProcessResult>
  /** Answers what git printed; throws GIT_REFUSED. */
  readonly run: (what: string, args: readonly string[], input?: string) => Promise<string>
}

function gitIn(place: string, { run, git: { url }, signal }: Copying): GitInCopy {
  // Its words are read; and nothing may go on in the folder that is about to be removed.
  const quiet = ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', '-c', 'core.hooksPath=/dev/null']
  const env = { LC_ALL: 'C', LANGUAGE: '' }
  const tryRun: GitInCopy['tryRun'] = (args, input) =>
    run([...quiet, '--git-dir', place, ...args], { signal, env, ...(input === undefined ? {} : { input }) })
  return {
    tryRun,
    async run(what, args, input) {
      const result = await tryRun(args, input)
      if (result.exitCode !== 0) throw refusal(what, url, result)
      return result.stdout.trim()
    },
  }
}

async function fetchBranch(git: GitInCopy, { url, branch }: ExternalGit): Promise<BranchCopy> {
  const ref = `refs/heads/${branch}`
  const listed = await git.run('read the repository', ['ls-remote', 'origin', ref])
  const isThere = listed.split('\n').some((line) => line.endsWith(`\t${ref}`))
  const fetch = ['fetch', '--quiet', '--no-tags', '--filter=blob:none', 'origin', `+${ref}:refs/heads/main`]
  if (isThere) await git.run('read the repository', fetch)
  const log = async (...args: readonly string[]): Promise<string> =>
    isThere ? git.run('read the copy', ['log', ...args, 'refs/heads/main', '--']) : ''
  const tip = (): Promise<string> => git.run('read the copy', ['rev-parse', '--verify', 'refs/heads/main'])
  return {
    head: isThere ? await tip() : undefined,
    message: async (pattern) => (await log('-1', `--grep=${pattern}`, '--format=%B')) || undefined,
    async paths(email) {
      // Whether a file was renamed could only be told by its content, which is not here.
      const names = await log(`--author=<${email}>`, '--no-renames', '--name-only', '--format=')
      return names.split('\n').filter(Boolean)
    },
    async push(stream) {
      await git.run('make a commit', ['fast-import', '--quiet'], stream)
      const push = ['push', '--porcelain', '--no-signed', 'origin', `refs/heads/main:${ref}`]
      const result = await git.tryRun(push)
      if (result.exitCode === 0) return tip()
      if (hasMoved(result.stdout)) return undefined
      throw refusal('publish', url, result)
    },
  }
}

/** Below the playground's folder, which `down` removes; a dry run has none. */
async function temporaryFolder(folder: string): Promise<string> {
  return mkdtemp(join(folder, 'git-')).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return mkdtemp(join(tmpdir(), 'play-git-'))
    throw error
  })
}

/** Whether a push failed because somebody else was faster: before it, or while the server took it. */
function hasMoved(porcelain: string): boolean {
  const rejected = porcelain.split('\n').filter((line) => line.startsWith('!'))
  return rejected.some((line) =>
    /fetch first|non-fast-forward|cannot lock ref|failed to update ref|incorrect old value/.test(line),
  )
}

/** Lines of git's last words that an error keeps. */
const keptLines = 40

function refusal(what: string, url: string, { exitCode, stdout, stderr }: ProcessResult): PlayError {
  const details = `${stderr}\n${stdout}`.split('\n').filter((line) => line.trim() !== '')
  const said = (pattern: RegExp): string | undefined => details.find((line) => pattern.test(line))
  const reason = said(/^remote: (error|fatal)/i) ?? said(/^fatal:/) ?? said(/^error:/) ?? details.at(-1)
  return PlayError.of(
    'GIT_REFUSED',
    { what: `${what} ${url}`, reason: reason?.trim() ?? `exit code ${String(exitCode)}` },
    { details: details.slice(-keptLines), suggestions: [`git ls-remote ${url}`] },
  )
}

async function findKnownHosts(
  { url, knownHosts }: ExternalGit,
  home: string,
  processes: ProcessRunner,
  signal: AbortSignal,
): Promise<string> {
  const host = sshHost(url)
  if (host === undefined) return ''
  const own = join(home, '.ssh', 'known_hosts')
  const files = knownHosts === undefined ? [own, '/etc/ssh/ssh_known_hosts'] : [knownHosts]
  for (const file of files) {
    const { exitCode, stdout } = await processes.run('ssh-keygen', ['-F', host, '-f', file], { signal })
    const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    if (exitCode === 0 && lines.length > 0) return `${lines.join('\n')}\n`
  }
  throw PlayError.of(
    'GIT_CREDENTIALS',
    { path: files[0] ?? own, reason: `the key of ${host} is not in it` },
    {
      suggestions: [
        `ssh-keyscan ${host} > known_hosts`,
        'Compare the key, then: --git-known-hosts known_hosts',
      ],
    },
  )
}
