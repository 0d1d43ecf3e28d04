/** What the verbs answer: plain data, the same for a person's table and for `--output json`. */
export type { LayerFinding } from './certificate.ts'
import type { LayerFinding } from './certificate.ts'
import type { Health } from './cluster.ts'
import type { ComponentState } from './component-registry.ts'
import type { Endpoint } from './endpoint.ts'
import type { Phase } from './playground.ts'
import type { PortMapping } from './port-mapping.ts'
import type { ApplicationState } from './slots.ts'
import type { ClusterStanding, Found } from './source.ts'

/** What a person has after `up`. */
export interface UpResult {
  readonly name: string
  readonly context: string
  readonly kubeconfig: string
  readonly server: string
  readonly kubernetesVersion: string
  readonly nodes: number
  readonly components: readonly string[]
  /** ISO 8601 instant after which `play gc` removes it; absent where it stays. */
  readonly expiresAt?: string
  /** Ids of the steps that changed something; empty when everything was as wanted. */
  readonly changed: readonly string[]
}

/** What `--dry-run` says: the ids of the steps that would change something, or that come after one of them. */
export interface DryRun {
  readonly name: string
  readonly wouldRun: readonly string[]
}

/** A finding with the things themselves; none where the place could not be looked at. */
export interface Reading extends LayerFinding {
  readonly items: readonly Found[]
}

/** What `down` can say afterwards. */
export interface DownResult {
  readonly name: string
  /** False when there was nothing of that name. */
  readonly existed: boolean
  readonly findings: readonly LayerFinding[]
  /** Path of the certificate; absent where there was nothing of that name and nothing was written. */
  readonly certificate?: string
  /** Milliseconds between the two looks at least. */
  readonly settleMs?: number
  /** The person's own repository, which is left as it is; absent where there is none. */
  readonly kept?: string
}

/** What `down --dry-run` says: what there is, and so would go. */
export interface DownForecast {
  readonly name: string
  readonly wouldRemove: readonly { readonly layer: string; readonly what: string }[]
}

/** One thing of a playground that is there. */
export interface InventoryRow {
  readonly playground: string
  /** `orphan`: of a playground whose state is gone; `shared`: of all of them, and then `playground` is empty. */
  readonly owner: 'playground' | 'orphan' | 'shared'
  readonly layer: string
  readonly what: string
  /** ISO 8601 instant; null where nobody knows. */
  readonly createdAt: string | null
}

/** Answer of `play inventory`. */
export interface InventoryResult {
  readonly rows: readonly InventoryRow[]
  /** Places that could not be looked at: without any, what is not in the rows is not there. */
  readonly unknown: readonly { readonly playground: string; readonly finding: LayerFinding }[]
}

/** Answer of `play extend`. */
export interface ExtendResult {
  readonly name: string
  /** ISO 8601 instant; null where it stays from now on. */
  readonly expiresAt: string | null
}

/** One thing that `play gc` removes, or would. */
export interface GarbageRow {
  readonly kind: 'expired playground' | 'orphaned cluster' | 'process' | 'lock' | 'temporary file' | 'log'
  readonly what: string
  /** Why it may go, in words; where it was left, why. */
  readonly reason: string
  /** What came of it; absent where nothing was done. */
  readonly removed?: boolean
}

/** One component that a playground can have. */
export interface ComponentRow {
  readonly id: string
  readonly slot: string
  readonly version: string
  /** Slots that must be filled for it. */
  readonly needs: readonly string[]
  readonly summary: string
  readonly byDefault: boolean
  readonly installed: boolean
  /** False when a bundle is in use that lacks an image of it. */
  readonly available: boolean
  /** What the playground has of it; null where it is not installed, or since an older play. */
  readonly installedVersion: string | null
}

/** What a person has after `component upgrade`. */
export interface UpgradeResult extends UpResult {
  /** The components that were asked for. `from` is null where nobody noted which version there was. */
  readonly versions: readonly { readonly id: string; readonly from: string | null; readonly to: string }[]
}

/** Something that `play open` can open. */
export interface EndpointRow {
  readonly name: string
  /** What a person finds there. */
  readonly title: string
  readonly scheme: Endpoint['scheme']
  /** Id of the component that offers it. */
  readonly component: string
}

/** What `play open` opened. Goes to whoever asked for it, never into an event or a log: it may hold a password. */
export interface OpenResult {
  readonly endpoint: string
  readonly title: string
  readonly url: string
  /** Port of this machine. */
  readonly port: number
  /** Present where a login is asked for. */
  readonly user?: string
  /** Present only where it was asked for. */
  readonly password?: string
  /** A command that tells the password, where it is not told here. */
  readonly passwordFrom?: string
}

/** Health of one part of a playground. */
export interface PartStatus extends Health {
  readonly id: string
  readonly title: string
  readonly version: string
  /** Whether it is in line with git; absent where nothing keeps it so. */
  readonly sync?: ApplicationState['sync']
  /** ISO 8601 instant at which its oldest workload was made. */
  readonly createdAt?: string
  readonly memory?: ComponentState['memory']
}

/** Everything that `status` tells. */
export interface Status {
  readonly name: string
  readonly phase: Phase
  /** True when the cluster and every component are healthy. */
  readonly healthy: boolean
  readonly kubernetesVersion: string
  readonly nodes: number
  readonly engine: string
  readonly context: string
  readonly kubeconfig: string
  readonly server: string | null
  /** ISO 8601 instants; it stays where `expiresAt` is null. */
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly cluster: Health
  /** The list of applications itself; null where nothing keeps it in line with git. */
  readonly git: { readonly sync: ApplicationState['sync']; readonly reason: string } | null
  readonly components: readonly PartStatus[]
  /** What `play open` can open. */
  readonly endpoints: readonly EndpointRow[]
  /** Ports of the node that are published on this machine. */
  readonly ports: readonly PortMapping[]
}

/** One row of `list`. */
export interface ListRow {
  readonly name: string
  readonly phase: Phase | 'damaged'
  readonly cluster: ClusterStanding | 'unknown'
  readonly kubernetesVersion: string
  readonly nodes: number
  readonly createdAt: string
  /** ISO 8601 instant after which `play gc` removes it; null where it stays. */
  readonly expiresAt: string | null
}
