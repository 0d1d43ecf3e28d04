/** How components are now: health, age and memory of each, from a few lists for all of them. */
import type { Health, KubeObject } from '../../domain/cluster.ts'
import { componentLabel, type Component } from '../../domain/component.ts'
import type { ComponentState } from '../../domain/component-registry.ts'
import type { ClusterClient, PodMemory } from '../../domain/ports.ts'
import { parseBytes } from '../../domain/quantity.ts'
import { combine, workloadHealth } from './health.ts'
import { troubleOf } from './pod-trouble.ts'

/** As the cluster tells it, in the order of `components`. Memory in use stays away where nodes do not tell it. */
export async function componentStates(
  components: readonly Component[],
  client: Pick<ClusterClient, 'list' | 'podMemory'>,
  signal: AbortSignal,
): Promise<readonly ComponentState[]> {
  const workloads = (kind: string): Promise<readonly KubeObject[]> =>
    client.list({ apiVersion: 'apps/v1', kind, labelSelector: componentLabel }, signal)
  const [deployments, statefulSets, pods, memory] = await Promise.all([
    workloads('Deployment'),
    workloads('StatefulSet'),
    client.list({ apiVersion: 'v1', kind: 'Pod' }, signal),
    // A kubelet that does not answer says nothing of how the component is.
    client.podMemory(signal).catch(() => undefined),
  ])
  return components.map(({ id }) => {
    const own = [...deployments, ...statefulSets].filter(
      ({ metadata }) => metadata.labels?.[componentLabel] === id,
    )
    const createdAt = own.map(({ metadata }) => metadata.creationTimestamp ?? '').sort()[0] ?? ''
    const theirs = pods.filter((pod) => isUp(pod) && own.some((workload) => isOf(pod, workload)))
    return {
      ...combine([...own.map(standingHealth), ...theirs.flatMap(troubleHealth)]),
      ...(createdAt === '' ? {} : { createdAt }),
      ...memoryOf(theirs, memory),
    }
  })
}

/** Whoever waits takes what is scaled to nothing for done; who asks wants to know that it does nothing. */
function standingHealth(workload: KubeObject): Health {
  const { replicas } = (workload['spec'] ?? {}) as { replicas?: number }
  if (replicas !== 0) return workloadHealth(workload)
  return { status: 'unhealthy', reason: `${workload.metadata.name} is scaled to nothing` }
}

function troubleHealth(pod: KubeObject): Health[] {
  const trouble = troubleOf(pod)
  if (trouble === undefined) return []
  const words = trouble.kind === 'image' ? trouble.reason : `crashes ${trouble.end}`
  return [{ status: 'unhealthy', reason: `pod ${pod.metadata.name}: ${words}` }]
}

/** Pods that have ended hold no memory. */
function isUp({ status }: KubeObject): boolean {
  const { phase = '' } = (status ?? {}) as { phase?: string }
  return phase !== 'Succeeded' && phase !== 'Failed'
}

function isOf(pod: KubeObject, workload: KubeObject): boolean {
  const { selector } = (workload['spec'] ?? {}) as { selector?: { matchLabels?: Record<string, string> } }
  const wanted = Object.entries(selector?.matchLabels ?? {})
  return (
    pod.metadata.namespace === workload.metadata.namespace &&
    wanted.length > 0 &&
    wanted.every(([name, value]) => pod.metadata.labels?.[name] === value)
  )
}

function memoryOf(
  pods: readonly KubeObject[],
  told: readonly PodMemory[] | undefined,
): Pick<ComponentState, 'memory'> {
  if (pods.length === 0) return {}
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)
  const used = (told ?? []).filter(({ namespace, name }) =>
    pods.some(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
  )
  const requestedBytes = sum(pods.map(requestedBytesOf))
  // What is told of some pods only would be taken for all there is.
  if (used.length < pods.length) return { memory: { requestedBytes } }
  return { memory: { requestedBytes, usedBytes: sum(used.map(({ usedBytes }) => usedBytes)) } }
}

interface Container {
  readonly restartPolicy?: string
  readonly resources?: { readonly requests?: { readonly memory?: string } }
}

/** Containers that stay; what init containers ask for is given back when they end. */
function requestedBytesOf({ spec }: KubeObject): number {
  const { containers = [], initContainers = [] } = (spec ?? {}) as Partial<
    Record<string, readonly Container[]>
  >
  const staying = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')]
  return staying.reduce((sum, { resources }) => sum + parseBytes(resources?.requests?.memory ?? '0'), 0)
}
