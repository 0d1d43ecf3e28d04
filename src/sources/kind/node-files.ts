/** Files of the playground's folder that every node has mounted, whatever is installed: mounts cannot be added later. */
import { clusterRegistry, clusterRegistryService } from '../../domain/registry-slot.ts'
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
 * Where nodes are told of the registry in the cluster. containerd takes `HOST_PORT_` for `HOST:PORT`, and in a mount a
 * colon ends the path. It looks there in our node image (config.toml), and by default in those of kind since 0.27.
 */
export const registryHostsPath = `/etc/containerd/certs.d/${clusterRegistry.pullAddress.replace(':', '_')}_/hosts.toml`

/** By its address, since nodes do not resolve the names of services. Read at each pull, so it may precede the registry. */
export const registryHosts = `server = "http://${clusterRegistryService}"

[host."http://${clusterRegistryService}"]
  capabilities = ["pull", "resolve"]
`

/** Writes the files. Throws STATE_UNWRITABLE. */
export async function writeNodeFiles(states: StateStore, { id, spec }: PlaygroundState): Promise<NodeFile[]> {
  const marker = await states.writePrivate(spec.name, markerFile(id), `${spec.name}\n`)
  const hosts = await states.writePrivate(spec.name, 'registry-hosts.toml', registryHosts)
  return [
    { hostPath: marker, containerPath: markerPath, readOnly: true },
    { hostPath: hosts, containerPath: registryHostsPath, readOnly: true },
  ]
}
