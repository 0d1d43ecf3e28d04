/** `play logs`: what the pods of a component say. */
import type { Component } from '../domain/component.ts'
import type { ComponentRegistry } from '../domain/component-registry.ts'
import type { KubeObject } from '../domain/cluster.ts'
import { PlayError } from '../domain/errors.ts'
import type { ClusterClient, Ports } from '../domain/ports.ts'
import { requireStanding } from './reach.ts'
import { shareClient } from './shared-client.ts'

/** What was asked for. */
export interface LogsOptions {
  readonly name: string
  readonly component: string
  /** Goes on until the containers end or the signal aborts. */
  readonly follow: boolean
}

/** One line of one container. */
export interface LogLine {
  readonly pod: string
  readonly container: string
  readonly line: string
}

/** Hands over each line as it comes, and answers how many there were. Throws COMPONENT_NEEDED if it is not installed. */
export async function logs(
  options: LogsOptions,
  ports: Ports,
  components: ComponentRegistry,
  say: (line: LogLine) => void,
  signal: AbortSignal,
): Promise<{ readonly lines: number }> {
  const component = components.find(options.component)
  const { state, access } = await requireStanding(options.name, ports)
  if (!state.spec.components.includes(component.id)) {
    const params = { name: options.name, component: component.id, neededBy: 'play logs' }
    throw PlayError.of('COMPONENT_NEEDED', params)
  }
  const shared = shareClient(ports)
  let lines = 0
  try {
    const client = await shared.get(access)
    const containers = await containersOf(component, client, signal)
    await Promise.all(
      containers.map(async ({ pod, container }) => {
        const source = { namespace: component.namespace, name: pod, container, follow: options.follow }
        for await (const line of client.logs(source, signal)) {
          lines += 1
          say({ pod, container, line })
        }
      }),
    )
  } finally {
    await shared.close()
  }
  return { lines }
}

interface PodStatus {
  readonly containerStatuses?: readonly { readonly name: string; readonly containerID?: string }[]
}

/** Containers that have started at least once: the others have no log yet. */
async function containersOf(
  { namespace }: Component,
  client: ClusterClient,
  signal: AbortSignal,
): Promise<{ readonly pod: string; readonly container: string }[]> {
  const pods = await client.list({ apiVersion: 'v1', kind: 'Pod', namespace }, signal)
  return pods.flatMap((pod: KubeObject) => {
    const status = pod['status'] as PodStatus | undefined
    return (status?.containerStatuses ?? [])
      .filter(({ containerID }) => containerID !== undefined && containerID !== '')
      .map(({ name }) => ({ pod: pod.metadata.name, container: name }))
  })
}
