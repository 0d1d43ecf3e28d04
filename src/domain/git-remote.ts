/** A repository of the person's own: where it is, and what this machine's git does with it. */
import type { ProcessResult } from './process-runner.ts'

/** Where the platform is published instead of inside the cluster. Holds no secret. */
export interface ExternalGit {
  /** https, http or ssh, without user or token in it. */
  readonly url: string
  readonly branch: string
  /** Absolute path: for https lines as git-credential-store(1) has them, for ssh a private key without a passphrase. */
  readonly credentials?: string
  /** Absolute path of what is used instead of the person's own known_hosts. */
  readonly knownHosts?: string
}

/** What opens the repository for a reader that is not this machine. */
export type RepositoryCredentials =
  { readonly username: string; readonly password: string } | { readonly sshPrivateKey: string }

/** The commits of the branch as they were a moment ago, in a folder that ends with the work on it. */
export interface BranchCopy {
  /** Newest commit; undefined for an empty repository, and for a branch that is not there. */
  readonly head: string | undefined
  /** Message of the newest commit that has a line of this pattern (basic regular expression); undefined without one. */
  message(pattern: string): Promise<string | undefined>
  /** Paths that commits of this author wrote or deleted. */
  paths(email: string): Promise<readonly string[]>
  /**
   * Makes the commit of a stream for `git fast-import` on refs/heads/main, which stands for the branch, and pushes it.
   * Answers the commit, or undefined where the branch has moved meanwhile. Throws GIT_REFUSED with the server's words.
   */
  push(stream: string): Promise<string | undefined>
}

/** One such repository. Its methods throw GIT_CREDENTIALS, and GIT_REFUSED with git's words. */
export interface GitRemote {
  /** Fetches the branch, without contents of files where the server can leave them out, and works on it. */
  copy<R>(signal: AbortSignal, work: (copy: BranchCopy) => Promise<R>): Promise<R>
  /** Runs git in the person's settings and language, with the credentials; whatever the exit code. */
  git(args: readonly string[], signal: AbortSignal): Promise<ProcessResult>
  /** Undefined where none were given. */
  credentials(): Promise<RepositoryCredentials | undefined>
  /** The lines of known_hosts about an ssh server; empty for other addresses. Throws where there are none. */
  knownHosts(signal: AbortSignal): Promise<string>
}

/** Opens them; nothing is reached before it is used. */
export interface GitRemotes {
  /** `folder`: where copies are made, if it is there. */
  open(git: ExternalGit, folder: string): GitRemote
}
