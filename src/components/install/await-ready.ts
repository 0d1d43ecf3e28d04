/** Waits until everything of a component that runs pods is rolled out. */
import type { Health, KubeObject } from '../../domain/cluster.ts'
import { componentLabel, type Component, type InstallOptions } from '../../domain/component.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import type { Scope } from '../../engine/step.ts'
import { combine, isWorkload, workloadHealth } from './health.ts'
import { watchPods, workloadOfPod } from './watch-pods.ts'

/** Throws what a pod says that waiting does not mend. */
export async function awaitReady(
  scope: Scope,
  component: Component,
  options: InstallOptions,
  objects: readonly KubeObject[],
): Promise<Health> {
  const [client, { bundled }] = await Promise.all([
    options.client(scope.use(options.access)),
    options.artifacts(),
  ])
  const workloads = objects.filter(isWorkload)
  const wanted = new Map(
    workloads.map(({ metadata, kind }) => [metadata.name, { kind, health: missing(metadata.name) }]),
  )
  const stop = new AbortController()
  const signal = AbortSignal.any([scope.signal, stop.signal])
  const onChange = (kind: string, name: string, health: Health): void => {
    const entry = wanted.get(name)
    if (entry === undefined || entry.kind !== kind) return
    entry.health = health
    const all = combine([...wanted.values()].map((each) => each.health))
    if (all.status === 'healthy') stop.abort()
    else scope.report.progress(all.reason)
  }
  const othersReady = (workload: string): boolean =>
    [...wanted].every(([name, { health }]) => name === workload || health.status === 'healthy')
  const kinds = [...new Set(workloads.map(({ kind }) => kind))]
  const pods = {
    ...{ component, playground: options.name, bundled, client, clock: options.clock, othersReady },
    workloadOf: (pod: string) => workloadOfPod(pod, workloads),
  }
  try {
    await Promise.all([
      ...kinds.map((kind) => follow(client, component, kind, onChange, signal)),
      watchPods(pods, signal),
    ])
  } catch (error) {
    // Watches and sleeps that were under way when the last workload became ready end with the abort.
    if (!stop.signal.aborted) throw error
  } finally {
    stop.abort()
  }
  scope.signal.throwIfAborted()
  return { status: 'healthy', reason: '' }
}

async function follow(
  client: ClusterClient,
  { id, namespace }: Component,
  kind: string,
  onChange: (kind: string, name: string, health: Health) => void,
  signal: AbortSignal,
): Promise<void> {
  const ref = { apiVersion: 'apps/v1', kind, namespace, labelSelector: `${componentLabel}=${id}` }
  for await (const { type, object } of client.watch(ref, signal)) {
    const { name } = object.metadata
    onChange(kind, name, type === 'deleted' ? missing(name) : workloadHealth(object))
  }
}

function missing(name: string): Health {
  return { status: 'missing', reason: `${name} is missing` }
}
