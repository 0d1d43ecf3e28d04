/** Is a workload rolled out? The rules of `kubectl rollout status`; pure. */
import type { Health, KubeObject } from '../../domain/cluster.ts'

interface WorkloadStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
}

/** What runs pods, which is what a component waits for. */
export function isWorkload({ kind }: Pick<KubeObject, 'kind'>): boolean {
  return kind === 'Deployment' || kind === 'StatefulSet'
}

/** Health of a Deployment or StatefulSet: everything wanted is updated and ready, and nothing of before is left. */
export function workloadHealth(object: KubeObject): Health {
  const spec = object['spec'] as { replicas?: number } | undefined
  const status = (object['status'] ?? {}) as WorkloadStatus
  const wanted = spec?.replicas ?? 1
  const generation = object.metadata['generation'] as number | undefined
  const ready = readyOfNewest(status)
  const observed = (status.observedGeneration ?? 0) >= (generation ?? 0)
  if (observed && ready >= wanted) return { status: 'healthy', reason: '' }
  return { status: 'progressing', reason: `${object.metadata.name} ${String(ready)}/${String(wanted)} ready` }
}

/** A roll-out that is stuck keeps the old ones, which are ready and do not count. */
function readyOfNewest({
  updatedReplicas = 0,
  replicas = updatedReplicas,
  readyReplicas = 0,
}: WorkloadStatus): number {
  const old = Math.max(0, replicas - updatedReplicas)
  return Math.max(0, Math.min(readyReplicas - old, updatedReplicas))
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
