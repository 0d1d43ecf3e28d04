/** Is a workload rolled out? The rules of `kubectl rollout status`; pure. */
import type { Health, KubeObject } from '../domain/cluster.ts'

interface WorkloadStatus {
  readonly observedGeneration?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
}

/** Health of a Deployment or StatefulSet: everything wanted is updated and ready. */
export function workloadHealth(object: KubeObject): Health {
  const spec = object['spec'] as { replicas?: number } | undefined
  const status = (object['status'] ?? {}) as WorkloadStatus
  const wanted = spec?.replicas ?? 1
  const generation = object.metadata['generation'] as number | undefined
  const ready = Math.min(status.readyReplicas ?? 0, status.updatedReplicas ?? 0)
  const observed = (status.observedGeneration ?? 0) >= (generation ?? 0)
  if (observed && ready >= wanted) return { status: 'healthy', reason: '' }
  return { status: 'progressing', reason: `${object.metadata.name} ${String(ready)}/${String(wanted)} ready` }
}

/** The worst of several, with the reasons of all that are not healthy. */
export function combine(healths: readonly Health[]): Health {
  const order = ['unknown', 'missing', 'unhealthy', 'progressing', 'healthy'] as const
  const status = order.find((each) => healths.some((health) => health.status === each)) ?? 'missing'
  return {
    status,
    reason: healths
      .map((health) => health.reason)
      .filter(Boolean)
      .join(', '),
  }
}

interface ContainerState {
  readonly name: string
  readonly restartCount?: number
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } }
}

/**
 * Reasons of a waiting container that no waiting mends, and from how many restarts on. Images are tried again for a
 * while, and a configuration that is missing (CreateContainerConfigError) may be what another pod is about to make.
 */
const hopeless: Readonly<Record<string, number>> = {
  InvalidImageName: 0,
  ErrImageNeverPull: 0,
  CrashLoopBackOff: 5,
}

/** Why a pod will not become ready by waiting; undefined while there is hope. */
export function hopelessness(pod: KubeObject): string | undefined {
  const status = (pod['status'] ?? {}) as Readonly<Record<string, readonly ContainerState[] | undefined>>
  const containers = [...(status['initContainerStatuses'] ?? []), ...(status['containerStatuses'] ?? [])]
  const lost = containers.find(isHopeless)
  if (lost === undefined) return undefined
  const { reason, message } = lost.state?.waiting ?? {}
  return `container ${lost.name} of pod ${pod.metadata.name}: ${[reason, message].filter(Boolean).join(': ')}`
}

function isHopeless({ restartCount = 0, state }: ContainerState): boolean {
  const limit = hopeless[state?.waiting?.reason ?? '']
  return limit !== undefined && restartCount >= limit
}
