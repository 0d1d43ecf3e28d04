/** Watches the pods of a component while it starts, and gives up as soon as one says that waiting is in vain. */
import type { KubeObject } from '../../domain/cluster.ts'
import type { Component } from '../../domain/component.ts'
import { PlayError } from '../../domain/errors.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import type { Clock } from '../../engine/clock.ts'
import { lastWords } from './last-words.ts'
import { troubleOf, type CrashTrouble, type ImageTrouble, type PodTrouble } from './pod-trouble.ts'

/**
 * For this long after the images are on the nodes, what pods say of them may be from before: kubelet looks again after
 * 10 s, and half of that more (backOffPeriod and its jitter).
 */
const staleMs = 15_000
/** For an image that may yet come: enough for kubelet's second attempt, which it makes after 10 s. */
const imagePatienceMs = 20_000
/** Restarts that may be due to the order in which things start. */
const patientRestarts = 3
const intervalMs = 1000

/** What the watch is about. */
export interface PodWatch {
  readonly component: Component
  /** Name of the playground. */
  readonly playground: string
  /** True when images come from a bundle, so that no registry can help. */
  readonly bundled: boolean
  readonly client: ClusterClient
  readonly clock: Clock
  /** The workload that a pod belongs to; undefined for somebody else's. */
  readonly workloadOf: (pod: string) => string | undefined
  /** True when everything but this workload is ready. */
  readonly othersReady: (workload: string) => boolean
}

interface Case {
  readonly trouble: PodTrouble
  readonly workload: string
  /** When this trouble began, as far as it was seen; milliseconds. */
  readonly since: number
}

/**
 * Ends only with the signal, or throws IMAGE_UNAVAILABLE or, with the container's last words, COMPONENT_UNHEALTHY. Images
 * must be on their nodes before it is called, unless nodes pull them.
 */
export async function watchPods(watch: PodWatch, signal: AbortSignal): Promise<void> {
  const { client, clock, component, workloadOf } = watch
  const cases = new Map<string, Case>()
  const follow = async (): Promise<void> => {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: component.namespace }
    for await (const { type, object } of client.watch(ref, signal)) {
      const { name } = object.metadata
      const workload = workloadOf(name)
      const found = type === 'deleted' ? undefined : troubleOf(object)
      if (found === undefined || workload === undefined) cases.delete(name)
      else cases.set(name, { trouble: found, workload, since: since(cases.get(name), found, clock) })
    }
  }
  await Promise.all([follow(), judge(watch, cases, signal)])
}

/** Attempts to pull follow one another under changing reasons, and are one trouble. */
function since(known: Case | undefined, { kind, container }: PodTrouble, clock: Clock): number {
  const isSame = known?.trouble.kind === kind && known.trouble.container === container
  return isSame ? known.since : clock.now()
}

async function judge(watch: PodWatch, cases: ReadonlyMap<string, Case>, signal: AbortSignal): Promise<never> {
  const { clock } = watch
  const start = clock.now()
  const restartsWhenOthersReady = new Map<string, number>()
  for (;;) {
    await clock.sleep(intervalMs, signal)
    for (const [pod, { trouble, workload, since }] of cases) {
      if (trouble.kind === 'image') {
        const limit = trouble.definitive ? start + staleMs : since + imagePatienceMs
        if (clock.now() >= limit) throw imageUnavailable(watch, pod, trouble)
        continue
      }
      if (watch.othersReady(workload) && !restartsWhenOthersReady.has(pod))
        restartsWhenOthersReady.set(pod, trouble.restarts)
      if (isHopeless(trouble, restartsWhenOthersReady.get(pod)))
        throw await crashed(watch, pod, trouble, signal)
    }
  }
}

/** What crashes for want of something else must have been started once more after that was ready. */
function isHopeless({ restarts, lasting }: CrashTrouble, whenOthersReady = Infinity): boolean {
  return lasting || (restarts >= patientRestarts && restarts > whenOthersReady)
}

function imageUnavailable(
  { component, playground, bundled }: PodWatch,
  pod: string,
  { image, reason }: ImageTrouble,
): PlayError {
  const { title, namespace } = component
  return PlayError.of('IMAGE_UNAVAILABLE', {
    ...{ component: title, image, pod, namespace, bundled },
    reason: reason.replaceAll(/\s+/g, ' ').trim(),
    name: playground,
  })
}

async function crashed(
  { component, client }: PodWatch,
  pod: string,
  { container, restarts, end }: CrashTrouble,
  signal: AbortSignal,
): Promise<PlayError> {
  const { title, namespace } = component
  const details = await lastWords(client, { namespace, name: pod, container }, signal)
  const reason = `container ${container} of pod ${pod} crashed again after ${String(restarts)} restarts, ${end}`
  const suggestions = [
    `kubectl --namespace ${namespace} logs ${pod} --container ${container} --previous`,
    `kubectl --namespace ${namespace} describe pod ${pod}`,
  ]
  return PlayError.of(
    'COMPONENT_UNHEALTHY',
    { component: title, reason, namespace },
    { details, suggestions },
  )
}

/** The workload of a pod by its name: the longest that its name begins with. */
export function workloadOfPod(pod: string, workloads: readonly KubeObject[]): string | undefined {
  return workloads
    .map(({ metadata }) => metadata.name)
    .filter((name) => pod.startsWith(`${name}-`))
    .sort((one, other) => other.length - one.length)[0]
}
