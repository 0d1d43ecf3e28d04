/** What a slot promises to the rest of play, whichever product fills it. */
import type { Clock } from '../engine/clock.ts'
import type { WaitOptions } from '../engine/wait.ts'
import type { Health, KubeObject } from './cluster.ts'
import type { RepositoryCredentials } from './git-remote.ts'
import type { ClusterClient } from './ports.ts'

/** One part of the platform, to be kept in line with a folder of a repository. */
export interface Application {
  readonly name: string
  /** Folder in the repository, without a slash at its ends. */
  readonly path: string
  /** Lower ones come first where order matters. */
  readonly wave: number
  /** Where its objects are that name no namespace. */
  readonly namespace: string
  /** True for what the rest stands on: when its application is removed, its objects stay. */
  readonly keep: boolean
}

/** How an application is doing. */
export interface ApplicationState {
  readonly name: string
  /** `unknown` also while a comparison that was asked for has not been made. */
  readonly sync: 'synced' | 'out-of-sync' | 'unknown'
  readonly health: Health['status']
  /** What is wrong, with file and line of the repository where they are known; empty when nothing is. */
  readonly message: string
  /** The commit it was compared with last; empty before. */
  readonly revision: string
  /** True when what is in the repository cannot be understood: only a commit mends that, waiting does not. */
  readonly broken: boolean
}

/** The slot `git`: repositories inside the cluster. */
export interface GitServer {
  readonly namespace: string
  /** Path of the repository of the platform, below the server's address. */
  readonly repository: string
  /** Port of the pod that takes pushes, for those who may port-forward to it. */
  readonly pushPort: number
  /** Name of the pod that serves now. Throws COMPONENT_UNHEALTHY when there is none. */
  pod(client: Pick<ClusterClient, 'list'>, signal: AbortSignal): Promise<string>
}

/** A commit that is in a repository and on no branch yet. */
export interface Proposal {
  readonly commit: string
  /** Newest commit of the branch before; undefined when there is none. */
  readonly former: string | undefined
  /** Paths that it writes anew; without any, `commit` is `former`. */
  readonly changed: readonly string[]
  /** Against `former`, as `git diff` prints it without colour. */
  readonly diff: string
}

/** Repositories of demos beside that of the platform, each with the branch `main`. Throws GIT_FAILED. */
export interface Repositories {
  /** Address for pods that read, and for those of pipelines that push. */
  url(name: string): { readonly read: string; readonly push: string }
  /** Makes the repository if need be, and a commit with these files on top of what is there. No other file changes. */
  propose(
    client: RepositoryClient,
    name: string,
    change: {
      readonly files: ReadonlyMap<string, string>
      readonly message: string
      /** Milliseconds since 1970. */
      readonly now: number
    },
    signal: AbortSignal,
  ): Promise<Proposal>
  /** Puts the branch on a proposal; fails when somebody has pushed in between. */
  accept(client: RepositoryClient, name: string, proposal: Proposal, signal: AbortSignal): Promise<void>
  /** One commit on top that brings back the files as they were before `commit`; answers the new one. */
  revert(client: RepositoryClient, name: string, commit: string, signal: AbortSignal): Promise<string>
  /** Deletes it; false when it was not there. */
  remove(client: RepositoryClient, name: string, signal: AbortSignal): Promise<boolean>
}

/** What working on repositories takes: to find their pod and to run commands there. */
export type RepositoryClient = Pick<ClusterClient, 'list' | 'exec'>

/** How long and how loudly to wait for applications. */
export interface SettleOptions {
  /** The commit that they must be in line with; whatever main is if left out. */
  readonly revision?: string
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Told what is not in line yet, and how far it has come. */
  readonly onPending: (text: string, fraction: number) => void
}

/** The slot `gitops`: keeps applications in line with a repository, and tells how they are. */
export interface GitOps {
  /** One object per application; the branch is `main` unless told. */
  applications(list: readonly Application[], repositoryUrl: string, branch?: string): readonly KubeObject[]
  /** The object that keeps the applications themselves in line with folder `apps`. */
  root(repositoryUrl: string, branch?: string): KubeObject
  /** The Secret that lets it read the repository; labelled as its component's, never to be committed. */
  repositoryAccess(repositoryUrl: string, credentials: RepositoryCredentials): KubeObject
  /** An object of its component, with these lines of known_hosts where it keeps those. */
  trustHosts(object: KubeObject, knownHosts: string): KubeObject
  /** Names of the applications of these components and of the one that keeps them in line. */
  names(components: readonly string[]): readonly string[]
  /** Names of all applications, whoever made them, that these files of the platform's repository belong to. */
  affected(
    client: Pick<ClusterClient, 'list'>,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[]>
  /** How these are now; one that is not there is `missing`. */
  states(
    client: Pick<ClusterClient, 'list'>,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly ApplicationState[]>
  /** All of `names` at each change of one of them, first at once; one that is not there is `missing`. Ends on abort. */
  observe(
    client: Pick<ClusterClient, 'watch'>,
    names: readonly string[],
    signal: AbortSignal,
  ): AsyncIterable<readonly ApplicationState[]>
  /** Waits until all are in line with git and healthy. Throws APPLICATION_BROKEN for what only a commit mends. */
  settle(
    client: Pick<ClusterClient, 'watch' | 'patch'>,
    names: readonly string[],
    options: SettleOptions,
  ): Promise<readonly ApplicationState[]>
  /** Deletes them with what they brought, and ends when they are gone; none is no error. Throws TimeoutError. */
  remove(
    client: Pick<ClusterClient, 'get' | 'delete' | 'patch'>,
    names: readonly string[],
    options: Pick<WaitOptions, 'timeoutMs' | 'signal' | 'clock'>,
  ): Promise<void>
  /** Has them compared with the repository now rather than at the next poll. */
  refresh(client: Pick<ClusterClient, 'patch'>, names: readonly string[], signal: AbortSignal): Promise<void>
}
