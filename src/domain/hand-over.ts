/** Handing the platform over to git and to the cluster itself: what it needs and what it yields. */
import type { Clock } from '../engine/clock.ts'
import type { Step } from '../engine/step.ts'
import type { ClusterAccess } from './cluster.ts'
import type { Component, InstallSteps } from './component.ts'
import type { GitRemote } from './git-remote.ts'
import type { ClusterClient } from './ports.ts'
import type { ApplicationState } from './slots.ts'

/** What play published last, so that the next run writes only what it wants differently. */
export interface Remembered {
  /** Digests of what the files were made from, by component: files are not made anew to see that they are the same. */
  readonly inputs: Readonly<Record<string, string>>
  /** sha256 of each file's content, by path, sorted. */
  readonly files: Readonly<Record<string, string>>
}

/** How a publication ended. */
export interface Published {
  readonly head: string
  readonly digest: string
  /** Files that the commit wrote or deleted; 0 when the repository already had it and there is no new commit. */
  readonly changed: number
}

/** What is on the branch that holds the platform. */
export interface LastPublished {
  /** Newest commit, whoever made it. */
  readonly head: string
  /** Digest that the newest of play's own commits carries; undefined when there is none of them. */
  readonly digest: string | undefined
}

/** What is to be published. */
export interface Publication {
  /** Text of each file, by path with forward slashes. */
  readonly tree: ReadonlyMap<string, string>
  /** sha256 of each file that play published last, by path; undefined where that is not known. */
  readonly former: Readonly<Record<string, string>> | undefined
  /** Tells which paths of `former` stay published as they are; none if left out. The tree has none of them. */
  readonly keeps?: (path: string) => boolean
  readonly message: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The repository that holds the platform, whoever serves it. */
export interface PlatformRepository {
  /** As pods reach it. */
  readonly url: string
  readonly branch: string
  /** What is published; undefined when the branch is not there. A repository that cannot be read is an error. */
  lastPublished(signal: AbortSignal): Promise<LastPublished | undefined>
  /**
   * Puts the tree on top of the branch with one commit. Only files that differ from what play published last are
   * written, so that a person's changes to others stay; what play published and no longer wants is deleted. Where the
   * last publication is not the one that is remembered, all files are written.
   */
  publish(publication: Publication, signal: AbortSignal): Promise<Published>
}

/** What handing over needs from outside. */
export interface HandOverOptions {
  /** Id of the playground. */
  readonly root: string
  readonly installs: readonly { readonly component: Component; readonly steps: InstallSteps }[]
  /** Components that stay exactly as they are, in the cluster and in git; the whole platform is at hand if left out. */
  readonly kept?: {
    /** Name of the playground. */
    readonly name: string
    readonly components: readonly Component[]
  }
  readonly client: (access: ClusterAccess) => Promise<ClusterClient>
  readonly access: Step<ClusterAccess>
  readonly clock: Clock
  /** Patience for a single step, milliseconds. */
  readonly timeoutMs: number
  /** What `remember` was given last; undefined when there is nothing. */
  readonly former: () => Promise<Remembered | undefined>
  /** Keeps what is published now, durably, until the next run. */
  readonly remember: (published: Remembered) => Promise<void>
  /** The person's own repository, which holds the platform instead of the one that fills `git`. */
  readonly external?: {
    /** Name of the playground. */
    readonly name: string
    readonly url: string
    readonly branch: string
    readonly remote: GitRemote
  }
}

/** The steps, in their order. */
export interface HandOverSteps {
  /** What is looked at before anything is made: that the person's own repository can be reached, and may be written. */
  readonly preflight: readonly Step<unknown>[]
  /** What lets the cluster read that repository. */
  readonly access: readonly Step<unknown>[]
  readonly publish: Step<Published>
  readonly adopt: Step<{ readonly applications: number }>
  /** Reads only, and may be left out where nobody waits. */
  readonly synced: Step<readonly ApplicationState[]>
}
