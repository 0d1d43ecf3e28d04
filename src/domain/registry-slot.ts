/** The slot `registry`, and where the registry in the cluster is: components and sources both have to know. */

/** What fills the slot `registry` promises. Addresses are host:port; images are named after them. */
export interface Registry {
  /** Where pods push. */
  readonly pushAddress: string
  /** What the images of pods are named after, and where nodes therefore pull. */
  readonly pullAddress: string
}

/** The registry in the cluster has one address for both, so that what was pushed runs under the same name. */
export const clusterRegistry: Registry = {
  pushAddress: 'registry.registry.svc.cluster.local:5000',
  pullAddress: 'registry.registry.svc.cluster.local:5000',
}

/**
 * Host and port of its service: fixed, since nodes are told before there is one. kind gives services 10.96.0.0/16, and
 * Kubernetes hands out the first 256 addresses of that only when the others are used up.
 */
export const clusterRegistryService = '10.96.0.50:5000'
