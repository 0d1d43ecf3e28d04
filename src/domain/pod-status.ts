/** What a pod says of itself. */
import type { KubeObject } from './cluster.ts'

/** True while the pod may be asked: ready, and not on its way out. */
export function isReady({ metadata, status }: KubeObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: readonly { type: string; status: string }[] }
  const isUp = conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')
  return isUp && metadata['deletionTimestamp'] === undefined
}
