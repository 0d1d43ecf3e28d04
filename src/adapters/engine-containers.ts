/** Reads the containers that `inspect` of docker and podman describes; pure. */
import type { EngineContainer } from '../domain/ports.ts'

interface Binding {
  readonly HostIp?: string
  readonly HostPort?: string
}

type Bindings = Readonly<Record<string, readonly Binding[] | null>> | null

/** The fields that both engines have, in the same places. */
interface Inspected {
  readonly Id: string
  readonly Name: string
  /** RFC 3339, with more digits than ISO 8601 needs. */
  readonly Created: string
  readonly State: { readonly Status: string }
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> | null }
  readonly Mounts: readonly {
    readonly Type: string
    readonly Name?: string
    readonly Source: string
    readonly Destination: string
  }[]
  readonly HostConfig?: { readonly PortBindings?: Bindings }
  readonly NetworkSettings?: { readonly Ports?: Bindings }
}

/** The containers in the JSON of `inspect`. Throws an Error for anything else. */
export function parseContainers(json: string): readonly EngineContainer[] {
  const list: unknown = JSON.parse(json)
  if (!Array.isArray(list)) throw new Error('inspect did not answer with a list')
  return list.map((one: Inspected) => ({
    id: one.Id,
    // Docker writes a slash before the name.
    name: one.Name.replace(/^\//, ''),
    state: one.State.Status,
    image: one.Config.Image,
    createdAt: new Date(one.Created).toISOString(),
    labels: one.Config.Labels ?? {},
    mounts: one.Mounts.map((mount) => ({
      source: mount.Source,
      destination: mount.Destination,
      ...(mount.Type === 'volume' && mount.Name !== undefined ? { volume: mount.Name } : {}),
    })),
    ports: publishedPorts(one),
  }))
}

/** What is published now, or what will be again: Docker forgets the ports of a stopped container. */
function publishedPorts({ NetworkSettings, HostConfig }: Inspected): EngineContainer['ports'] {
  const now = portsOf(NetworkSettings?.Ports)
  return now.length > 0 ? now : portsOf(HostConfig?.PortBindings)
}

function portsOf(bindings: Bindings | undefined): EngineContainer['ports'] {
  return Object.entries(bindings ?? {}).flatMap(([port, hosts]) => {
    const [container, protocol] = port.split('/')
    if (protocol !== 'tcp') return []
    return (hosts ?? []).flatMap(({ HostIp, HostPort }) => {
      // A port that the engine chooses at each start is empty or 0 until then.
      const host = Number(HostPort ?? '')
      return host > 0 ? [{ container: Number(container), host, address: HostIp ?? '' }] : []
    })
  })
}
