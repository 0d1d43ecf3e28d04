/** The slot `registry`, and where registries are: components and sources both have to know. */

/** A registry of the person's own, instead of the one in the cluster. Holds no secret. */
export interface ExternalRegistry {
  /** As parseRegistryUrl answers it: https or http, perhaps with a path that every image's name begins with. */
  readonly url: string
  /** Absolute path of a file as docker's config.json. */
  readonly credentials?: string
}

/** What opens a registry for pods and nodes. */
export interface RegistryCredentials {
  /** A config.json of docker with this registry's entry alone. Secret. */
  readonly dockerConfig: string
  /** True when others than its owner may read the file it came from. */
  readonly isReadByOthers: boolean
}

/** What fills the slot `registry` promises. Addresses are host:port, perhaps with a path; images are named after them. */
export interface Registry {
  /** Where pods push. */
  readonly pushAddress: string
  /** What the images of pods are named after, and where nodes therefore pull. */
  readonly pullAddress: string
  /** True when it is not encrypted, which whoever pushes has to be told. */
  readonly plainHttp: boolean
  /** The Secret of type kubernetes.io/dockerconfigjson that opens it; there as soon as a builder is. */
  readonly credentials?: { readonly namespace: string; readonly name: string }
}

/** The component that is a registry in the cluster. */
export const clusterRegistryId = 'registry'

/** The registry in the cluster has one address for both, so that what was pushed runs under the same name. */
export const clusterRegistry: Registry = {
  pushAddress: 'registry.registry.svc.cluster.local:5000',
  pullAddress: 'registry.registry.svc.cluster.local:5000',
  plainHttp: true,
}

/**
 * Host and port of its service: fixed, since nodes are told before there is one. kind gives services 10.96.0.0/16, and
 * Kubernetes hands out the first 256 addresses of that only when the others are used up.
 */
export const clusterRegistryService = '10.96.0.50:5000'

/** Where the credentials of a registry of the person's own are: beside the builder, which pushes. */
export const registrySecret = { namespace: 'buildkit', name: 'play-registry' } as const

/** The registry of a playground: the person's own, else the one in the cluster; undefined where there is neither. */
export function registryOf(spec: {
  readonly components: readonly string[]
  readonly registry?: ExternalRegistry
}): Registry | undefined {
  if (spec.registry === undefined)
    return spec.components.includes(clusterRegistryId) ? clusterRegistry : undefined
  const { url, credentials } = spec.registry
  const address = url.replace(/^https?:\/\//, '')
  return {
    pushAddress: address,
    pullAddress: address,
    plainHttp: plainHttpHost(url) !== undefined,
    ...(credentials === undefined ? {} : { credentials: registrySecret }),
  }
}

/** Host and port of a registry that nodes must be told of when they are made: one that is not encrypted. */
export function plainHttpHost(url: string | undefined): string | undefined {
  return /^http:\/\/([^/]+)/.exec(url ?? '')?.[1]
}
