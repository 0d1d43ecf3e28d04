/** Files of the playground's folder that every node has mounted, whatever is installed: mounts cannot be added later. */
import { clusterRegistry, clusterRegistryService, plainHttpHost } from '../../domain/registry-slot.ts'
import type { PlaygroundState } from '../../domain/playground.ts'
import type { StateStore } from '../../domain/ports.ts'
import { markerFile, markerPath } from './ownership.ts'

/** A file that is mounted into a node; readable there, since a node's programs run as root. */
export interface NodeFile {
  readonly hostPath: string
  readonly containerPath: string
  readonly readOnly: true
}

/**
 * Where nodes are told how to reach a registry, by what images are named after. containerd takes `HOST_PORT_` for
 * `HOST:PORT`, and in a mount a colon ends the path. It looks there in our node image (config.toml), and by default in
 * those of kind since 0.27.
 */
function hostsPath(host: string): string {
  return `/etc/containerd/certs.d/${host.replace(/:(\d+)$/, '_$1_')}/hosts.toml`
}

/** By plain http, which nodes do with no registry unless told. Read at each pull, so it may precede the registry. */
function hostsBy(address: string): string {
  return `server = "http://${address}"

[host."http://${address}"]
  capabilities = ["pull", "resolve"]
`
}

/** Where nodes are told of the registry in the cluster. */
export const registryHostsPath = hostsPath(clusterRegistry.pullAddress)

/** By its address, since nodes do not resolve the names of services. */
export const registryHosts = hostsBy(clusterRegistryService)

/** Writes the files. Throws STATE_UNWRITABLE. */
export async function writeNodeFiles(states: StateStore, { id, spec }: PlaygroundState): Promise<NodeFile[]> {
  const file = async (name: string, text: string, containerPath: string): Promise<NodeFile> => {
    return { hostPath: await states.writePrivate(spec.name, name, text), containerPath, readOnly: true }
  }
  const own = plainHttpHost(spec.registry?.url)
  return [
    await file(markerFile(id), `${spec.name}\n`, markerPath),
    await file('registry-hosts.toml', registryHosts, registryHostsPath),
    ...(own === undefined ? [] : [await file('own-registry-hosts.toml', hostsBy(own), hostsPath(own))]),
  ]
}
