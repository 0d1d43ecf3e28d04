/** Handing the platform over to git and to the cluster itself: what it needs and what it yields. */
import type { Clock } from '../engine/clock.ts'
import type { Step } from '../engine/step.ts'
import type { ClusterAccess } from './cluster.ts'
import type { Component, InstallSteps } from './component.ts'
import type { ClusterClient } from './ports.ts'
import type { ApplicationState } from './slots.ts'

/** What play published last, so that the next run writes only what it wants differently. */
export interface Remembered {
  /** Digest of what the files were made from: files are not made anew to see that they are the same. */
  readonly inputs: string
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

/** What handing over needs from outside. */
export interface HandOverOptions {
  /** Id of the playground. */
  readonly root: string
  readonly installs: readonly { readonly component: Component; readonly steps: InstallSteps }[]
  readonly client: (access: ClusterAccess) => Promise<ClusterClient>
  readonly access: Step<ClusterAccess>
  readonly clock: Clock
  /** Patience for a single step, milliseconds. */
  readonly timeoutMs: number
  /** What `remember` was given last; undefined when there is nothing. */
  readonly former: () => Promise<Remembered | undefined>
  /** Keeps what is published now, durably, until the next run. */
  readonly remember: (published: Remembered) => Promise<void>
}

/** The steps, in their order. */
export interface HandOverSteps {
  readonly publish: Step<Published>
  readonly adopt: Step<{ readonly applications: number }>
  /** Reads only, and may be left out where nobody waits. */
  readonly synced: Step<readonly ApplicationState[]>
}
