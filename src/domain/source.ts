/** Where clusters come from: the contract of a source. */
import type { Step } from '../engine/step.ts'
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
  readonly client: (access: ClusterAccess) => Promise<ClusterClient>
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
  readonly find: (signal: AbortSignal) => Promise<readonly string[]>
}

/** How a cluster stands, by looking. */
export type ClusterStanding = 'running' | 'stopped' | 'absent' | 'foreign'

/** A source of clusters. */
export interface Source {
  readonly id: string
  readonly title: string
  createSteps(context: SourceContext): SourceSteps
  /** Ordered steps that remove everything the source made, whatever is still there. */
  destroySteps(context: SourceContext): readonly Step<unknown>[]
  /** The places that must be empty afterwards. Volumes are only known by their containers: ask before destroying. */
  queries(context: SourceContext, signal: AbortSignal): Promise<readonly Query[]>
  observe(context: SourceContext, signal: AbortSignal): Promise<ClusterStanding>
}
