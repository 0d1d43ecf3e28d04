/** Follows one Argo workflow to its end: the state of each pod, and its log as it is written. */
import type { KubeObject } from '../domain/cluster.ts'
import type { DemoPart } from '../domain/demo.ts'
import { PlayError } from '../domain/errors.ts'
import type { ClusterClient } from '../domain/ports.ts'
import type { Reporter } from '../engine/step.ts'

interface NodeStatus {
  readonly id: string
  readonly displayName: string
  readonly type: string
  readonly phase: string
  readonly message?: string
  readonly startedAt?: string
  readonly finishedAt?: string
}

interface WorkflowStatus {
  readonly phase?: string
  readonly message?: string
  readonly nodes?: Readonly<Record<string, NodeStatus>>
}

/** How a workflow ended. */
export interface WorkflowEnd {
  readonly succeeded: boolean
  readonly reason: string
  readonly parts: readonly DemoPart[]
  /** Every log line, in the order in which it came. */
  readonly log: readonly string[]
}

/** What following needs. */
export interface FollowOptions {
  readonly client: ClusterClient
  readonly namespace: string
  readonly name: string
  readonly report: Reporter
  readonly signal: AbortSignal
}

/** What Argo's own executor writes into the container's log, beside what the program says. */
const executorLine = /^time=\S+ level=\w+ .*\bargo=true\b/

/** The label that Argo puts on every pod of a workflow. */
const workflowLabel = 'workflows.argoproj.io/workflow'

/** Follows the workflow until its phase is final. Only the signal bounds it: the caller's step has the deadline. */
export async function followWorkflow(options: FollowOptions): Promise<WorkflowEnd> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const log: string[] = []
  const pods = followPods({ ...options, signal }, log)
  try {
    const end = await finalStatus({ ...options, signal })
    // The log of a pod ends with it; what is still on its way belongs on the screen.
    await pods.logsDone()
    const failed = Object.values(end.nodes ?? {}).find(
      ({ type, phase }) => type === 'Pod' && phase !== 'Succeeded',
    )
    const reason = failed?.message ?? end.message ?? end.phase ?? ''
    return { succeeded: end.phase === 'Succeeded', reason, parts: partsOf(end), log }
  } finally {
    stop.abort()
    await pods.stopped
  }
}

async function finalStatus({
  client,
  namespace,
  name,
  report,
  signal,
}: FollowOptions): Promise<WorkflowStatus> {
  const ref = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    namespace,
    fieldSelector: `metadata.name=${name}`,
  }
  for await (const { type, object } of client.watch(ref, signal)) {
    if (type === 'deleted')
      throw PlayError.of('BUG_UNEXPECTED', { reason: `workflow ${name} was deleted meanwhile` })
    const status = (object['status'] ?? {}) as WorkflowStatus
    report.progress(`workflow ${status.phase ?? 'waiting for the controller'}`)
    if (['Succeeded', 'Failed', 'Error'].includes(status.phase ?? '')) return status
  }
  signal.throwIfAborted()
  throw new Error('the watch ended before the workflow')
}

function partsOf({ nodes }: WorkflowStatus): DemoPart[] {
  return Object.values(nodes ?? {})
    .filter(({ type }) => type === 'Pod')
    .map(({ id, displayName, phase, startedAt, finishedAt }) => ({
      name: displayName,
      pod: id,
      phase,
      durationMs: Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '') || 0,
    }))
}

/** Watches the pods and starts one log stream per pod as soon as its main container has started. */
function followPods(
  options: FollowOptions,
  log: string[],
): { stopped: Promise<void>; logsDone: () => Promise<void> } {
  const { client, namespace, name, report, signal } = options
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: `${workflowLabel}=${name}` }
  const streams = new Map<string, Promise<void>>()
  // A log or a pod watch that breaks costs the show, not the outcome, which the workflow's own status tells.
  const quietly = (error: unknown): void => {
    if (!signal.aborted) report.warn('API_REJECTED', error instanceof Error ? error.message : String(error))
  }
  const follow = (pod: KubeObject): void => {
    const id = pod.metadata.name
    if (!streams.has(id) && hasStarted(pod)) streams.set(id, streamLog(options, id, log).catch(quietly))
  }
  const watch = async (): Promise<void> => {
    for await (const { type, object } of client.watch(ref, signal)) {
      if (type === 'deleted') continue
      report.progress(`${object.metadata.name}: ${podState(object)}`)
      follow(object)
    }
  }
  return {
    stopped: watch().catch(quietly),
    logsDone: async () => {
      // The workflow may be over before the watch has told of its last pod.
      await client.list(ref, signal).then((pods) => {
        pods.forEach(follow)
      }, quietly)
      await Promise.all(streams.values())
    },
  }
}

async function streamLog(
  { client, namespace, report, signal }: FollowOptions,
  pod: string,
  log: string[],
): Promise<void> {
  for await (const line of client.logs({ namespace, name: pod, container: 'main', follow: true }, signal)) {
    if (executorLine.test(line)) continue
    log.push(line)
    report.log(line, pod)
  }
}

interface PodStatus {
  readonly phase?: string
  readonly containerStatuses?: readonly {
    readonly name: string
    readonly state?: Readonly<Record<string, { readonly reason?: string } | undefined>>
  }[]
}

function hasStarted(pod: KubeObject): boolean {
  const status = (pod['status'] ?? {}) as PodStatus
  const main = status.containerStatuses?.find(({ name }) => name === 'main')
  return main?.state?.['running'] !== undefined || main?.state?.['terminated'] !== undefined
}

/** A pod's state as kubectl shows it: the waiting reason where there is one, else the phase. */
function podState(pod: KubeObject): string {
  const status = (pod['status'] ?? {}) as PodStatus
  const waiting = status.containerStatuses?.map(({ state }) => state?.['waiting']?.reason).find(Boolean)
  return waiting ?? status.phase ?? 'Pending'
}
