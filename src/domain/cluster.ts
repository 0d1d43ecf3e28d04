/** What the rest of the system knows of a cluster, whoever made it. */

/** How to reach a cluster. */
export interface ClusterAccess {
  /** Path of a kubeconfig with exactly this context, mode 0600. */
  readonly kubeconfigPath: string
  readonly context: string
  /** URL of the API server. */
  readonly server: string
}

/** A Kubernetes object as it travels: unknown fields are kept. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly uid?: string
    readonly resourceVersion?: string
    readonly creationTimestamp?: string
    readonly [field: string]: unknown
  }
  readonly [field: string]: unknown
}

/** How something in the cluster feels. `unknown` means the question could not be answered. */
export interface Health {
  readonly status: 'healthy' | 'progressing' | 'unhealthy' | 'missing' | 'unknown'
  /** A few words on why; empty when healthy. */
  readonly reason: string
}
