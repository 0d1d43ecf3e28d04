/** The pods of what a demo deploys: how their rollout is shown, and the last words of one that does not come to run. */
import type { KubeObject } from '../../domain/cluster.ts'
import { isReady } from '../../domain/pod-status.ts'
import type { ClusterClient, WatchEvent } from '../../domain/ports.ts'
import type { TaskPhase, WatchedTask } from '../../engine/events.ts'

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: { readonly reason?: string; readonly exitCode?: number; readonly startedAt?: string }
}

interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
  readonly restartCount?: number
  readonly state?: ContainerState
}

interface PodStatus {
  readonly phase?: string
  readonly conditions?: readonly { type: string; status: string; lastTransitionTime?: string }[]
  readonly containerStatuses?: readonly ContainerStatus[]
}

function statusOf(pod: KubeObject): PodStatus {
  return pod['status'] ?? {}
}

/** True for a pod that something keeps running, rather than one that runs to an end. */
export function isDeployed({ metadata }: KubeObject): boolean {
  const owners = (metadata['ownerReferences'] ?? []) as readonly { readonly kind: string }[]
  return owners.some(({ kind }) => ['ReplicaSet', 'StatefulSet', 'DaemonSet'].includes(kind))
}

/** A pod of a rollout, as what a step watches: it has succeeded once it is ready. */
export function podTask({ type, object: pod }: WatchEvent): WatchedTask {
  const { name, creationTimestamp } = pod.metadata
  const { conditions = [], containerStatuses = [] } = statusOf(pod)
  const ready = conditions.find((one) => one.type === 'Ready' && one.status === 'True')
  const startedAt = containerStatuses
    .map(({ state }) => (state?.running ?? state?.terminated)?.startedAt)
    .find((at) => at !== undefined)
  return {
    task: name,
    after: [],
    phase: phaseOf(pod, type, ready !== undefined, startedAt !== undefined),
    message: ready === undefined ? reasonOf(pod) : '',
    pod: name,
    ...(creationTimestamp === undefined ? {} : { createdAt: creationTimestamp }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(ready?.lastTransitionTime === undefined ? {} : { finishedAt: ready.lastTransitionTime }),
  }
}

function phaseOf(
  { metadata }: KubeObject,
  type: WatchEvent['type'],
  ready: boolean,
  started: boolean,
): TaskPhase {
  if (type === 'deleted' || metadata['deletionTimestamp'] !== undefined) return 'stopped'
  if (ready) return 'succeeded'
  return started ? 'running' : 'waiting'
}

/** Why it is not ready, in Kubernetes' words; empty where that cannot be told. */
function reasonOf(pod: KubeObject): string {
  const states = statusOf(pod).containerStatuses ?? []
  const waiting = states.map(({ state }) => state?.waiting?.reason).find(Boolean)
  const ended = states.map(({ state }) => state?.terminated).find((end) => end !== undefined)
  if (waiting !== undefined) return waiting
  return ended === undefined ? '' : `${ended.reason ?? 'ended'}, exit code ${String(ended.exitCode ?? 0)}`
}

/** Lines of a log that an error shows. */
const keptLines = 20

/** Of each deployed pod that is not ready: why, and the end of its log. Asked for an error, so it never throws. */
export async function lastWords(
  client: ClusterClient,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const [pods, events] = await Promise.all([
      client.list({ apiVersion: 'v1', kind: 'Pod', namespace }, signal),
      client.list({ apiVersion: 'v1', kind: 'Event', namespace }, signal),
    ])
    const troubled = pods.filter((pod) => isDeployed(pod) && !isReady(pod))
    const words = await Promise.all(
      troubled.map(async (pod) => [
        `${pod.metadata.name}: ${reasonOf(pod) || lastWarning(pod, events) || 'not ready'}`,
        // A log that cannot be read, such as that of a run before which is gone, must not cost the reasons.
        ...(await logsOf(client, pod, namespace, signal).catch(() => [])),
      ]),
    )
    return words.flat()
  } catch {
    signal.throwIfAborted()
    return []
  }
}

/** The newest complaint about the pod, such as a probe that fails; empty when there is none. */
function lastWarning({ metadata: { name } }: KubeObject, events: readonly KubeObject[]): string {
  const found = events.filter(
    ({ type, involvedObject }) =>
      type === 'Warning' && (involvedObject as { readonly name?: string } | undefined)?.name === name,
  )
  const newest = found.toSorted((one, other) => timeOf(one).localeCompare(timeOf(other))).at(-1)
  return typeof newest?.['message'] === 'string' ? newest['message'].trim() : ''
}

function timeOf({ lastTimestamp, metadata }: KubeObject): string {
  return typeof lastTimestamp === 'string' ? lastTimestamp : (metadata.creationTimestamp ?? '')
}

async function logsOf(
  client: ClusterClient,
  pod: KubeObject,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { name } = pod.metadata
  const lines: string[] = []
  for (const container of statusOf(pod).containerStatuses ?? []) {
    const { waiting } = container.state ?? {}
    if (waiting?.message !== undefined) lines.push(`${name}: ${waiting.message}`)
    const run = runWithLog(container)
    if (run === undefined) continue
    const log = { namespace, name, container: container.name, follow: false, tailLines: keptLines, ...run }
    for await (const line of client.logs(log, signal)) lines.push(`${name}: ${line}`)
  }
  return lines
}

/** Which of the container's runs has written something: this one, or the one before; undefined where neither has. */
function runWithLog({
  state = {},
  restartCount = 0,
}: ContainerStatus): { readonly previous: boolean } | undefined {
  if (state.running !== undefined || state.terminated !== undefined) return { previous: false }
  return restartCount > 0 ? { previous: true } : undefined
}
