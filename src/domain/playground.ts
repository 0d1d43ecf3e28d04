/** What the user has, what was wanted, and what is kept on disk about it. */

import type { ExternalGit } from './git-remote.ts'
import type { PortMapping } from './port-mapping.ts'
import type { ExternalRegistry } from './registry-slot.ts'

/** The wanted side. */
export interface PlaygroundSpec {
  readonly name: string
  /** Source of the cluster. */
  readonly source: 'kind'
  /** Such as 1.34.10, without a v. */
  readonly kubernetesVersion: string
  /** Control-plane and workers together; at least 1. */
  readonly nodes: number
  /** Ids of components, in the order of installation. */
  readonly components: readonly string[]
  /** Ports of the node published on this machine; absent when there are none. */
  readonly ports?: readonly PortMapping[]
  /** The person's own repository of the platform; absent where it is inside the cluster. */
  readonly git?: ExternalGit
  /** The person's own image registry; absent where it is inside the cluster, or where there is none. */
  readonly registry?: ExternalRegistry
}

export type Phase = 'creating' | 'ready' | 'failed' | 'destroying'

/** Version of the state document; raised with a migration when its shape changes. */
export const stateSchemaVersion = 1

/** What play believes about a playground; reality wins over it. Holds no secret. */
export interface PlaygroundState {
  readonly schemaVersion: typeof stateSchemaVersion
  /** Root id: a ULID in lower case, immutable, written into everything that is made. */
  readonly id: string
  readonly spec: PlaygroundSpec
  readonly phase: Phase
  /** ISO 8601 instants. */
  readonly createdAt: string
  readonly updatedAt: string
  /** Name of the kind cluster. */
  readonly cluster: string
  /** Container engine that runs it. */
  readonly engine: 'docker' | 'podman'
  /** Context in the user's kubeconfig; absent when it was left alone. */
  readonly mergedContext?: {
    readonly path: string
    readonly context: string
    readonly formerContext: string | null
  }
  /** Version of each component that the last `up` installed, by id; absent where an older play made the playground. */
  readonly versions?: Readonly<Record<string, string>>
  /** After this ISO 8601 instant `play gc` removes it; absent where it stays until somebody does. */
  readonly expiresAt?: string
  /** Which engine of that name: another daemon knows nothing of what this one holds. Absent where an older play made it. */
  readonly engineIdentity?: string
  /** Whether the container network `kind` was there before play made its first cluster. */
  readonly networkExistedBefore: boolean
}

/** Name of the kind cluster and of the context of playground `name`. */
export function clusterName(name: string): string {
  return `play-${name}`
}
