/** Where clusters come from: the contract of a source. */
import type { Scope, Step } from '../engine/step.ts'
import type { ClusterAccess, KubeObject } from './cluster.ts'
import type { PlaygroundState } from './playground.ts'
import type { ClusterClient, Ports } from './ports.ts'

/** What a source is given for one playground. */
export interface SourceContext {
  readonly ports: Ports
  readonly state: PlaygroundState
  /** The playground's folder, absolute. */
  readonly folder: string
  /** Patience for a single step, milliseconds. */
  readonly timeoutMs: number
  /** Volumes that must be gone; absent where nothing is removed. */
  readonly volumes?: VolumeNotes
  readonly client: (access: ClusterAccess) => Promise<ClusterClient>
  /** Whether an `up` has ever ended with this cluster, so that there may be work in it; absent where nobody knows. */
  readonly handedOver?: boolean
}

/** Volumes by name: nothing but such a note leads to one whose container is gone. */
export interface VolumeNotes {
  /** All that were ever noted for this playground. */
  known(): readonly string[]
  /** On disk when it resolves. Throws STATE_UNWRITABLE. */
  note(volumes: readonly string[]): Promise<void>
}

/** How a cluster is removed. */
export interface DestroyOptions {
  /** Steps that must have ended before. */
  readonly after: readonly Step<unknown>[]
  /** By name alone: Pulumi is not asked to. */
  readonly withoutPulumi: boolean
}

/** The steps that make a cluster. */
export interface SourceSteps {
  readonly preflight: readonly Step<unknown>[]
  /** Refuses manifests with images that neither a bundle nor the nodes that are there hold. Makes nothing. */
  readonly requireImages: (manifests: readonly Step<readonly KubeObject[]>[]) => Step<unknown>
  /** No cluster is made before `after` has ended. */
  readonly cluster: (after: readonly Step<unknown>[]) => readonly Step<unknown>[]
  /** Brings images into the nodes that are not there and that nodes cannot pull. */
  readonly loadImages: (manifests: readonly Step<readonly KubeObject[]>[]) => Step<unknown>
  /** The same for what controllers will have pods run some day: behind `after`, since nobody waits for it. */
  readonly loadImagesForLater: (
    manifests: readonly Step<readonly KubeObject[]>[],
    after: readonly Step<unknown>[],
  ) => Step<unknown>
  /** Yields the way in; what runs in the cluster comes after it. */
  readonly access: Step<ClusterAccess>
  /** Ends when pods can be scheduled. */
  readonly schedulable: Step<unknown>
  /** Ends when pods reach the API by its service address. */
  readonly network: Step<unknown>
}

/** One place where something of a playground could be, and how to look there. */
export interface Query {
  /** Such as container, volume, kubeconfig. */
  readonly layer: string
  /** What is looked for, in words that a person can check by hand. */
  readonly looked: string
  /** Everything of the playground that is there. Throws when it could not look: that is never "nothing". */
  readonly find: (signal: AbortSignal) => Promise<readonly Found[]>
}

/** One thing that is there. */
export interface Found {
  /** In words that a person can find it by. */
  readonly what: string
  /** ISO 8601 instant; absent where nobody knows. */
  readonly createdAt?: string
}

/** A cluster of play without a playground: its state is gone, or is in a folder that is not ours. */
export interface Orphan {
  /** Name of the playground it was made for. */
  readonly name: string
  readonly cluster: string
  /** Folder of that playground, as the mark on its nodes tells. */
  readonly folder: string
  /** Names of its containers. */
  readonly containers: readonly string[]
  /** ISO 8601 instant of the oldest of them. */
  readonly createdAt: string
}

/** How a cluster stands, by looking. */
export type ClusterStanding = 'running' | 'stopped' | 'absent' | 'foreign'

/** A source of clusters. */
export interface Source {
  readonly id: string
  readonly title: string
  /** Nothing of the cluster is looked at or changed before `after` has ended. */
  createSteps(context: SourceContext, after?: readonly Step<unknown>[]): SourceSteps
  /** Ordered steps that remove everything the source made, whatever is still there. */
  destroySteps(context: SourceContext, options: DestroyOptions): readonly Step<unknown>[]
  /**
   * The places that must be empty afterwards. Volumes are only known by their containers: ask before destroying. Throws
   * CLUSTER_FOREIGN for what is not ours, and ENGINE_CHANGED where the engine that answers is not the recorded one.
   */
  queries(context: SourceContext, signal: AbortSignal): Promise<readonly Query[]>
  observe(context: SourceContext, signal: AbortSignal): Promise<ClusterStanding>
  /** Removes by name and label, without Pulumi, whatever is still there; repeated until the look at the end finds nothing. */
  sweep(context: SourceContext, scope: Scope, knownVolumes: readonly string[]): Promise<void>
  /** Clusters that bear play's mark and whose folder, as `isThere` tells, is not there. */
  orphans(
    ports: Ports,
    isThere: (folder: string) => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<readonly Orphan[]>
  /** Removes the containers and volumes of one, after having looked that it still is one. */
  removeOrphan(orphan: Orphan, ports: Ports, scope: Scope): Promise<void>
}
