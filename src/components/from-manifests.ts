/** Steps that install a component: read its manifest, apply it, wait until it is ready. */
import type { Health, KubeObject } from '../domain/cluster.ts'
import {
  componentLabel,
  digestAnnotation,
  type Component,
  type InstallOptions,
  type InstallSteps,
} from '../domain/component.ts'
import { PlayError } from '../domain/errors.ts'
import type { ClusterClient } from '../domain/ports.ts'
import { defineStep, type Scope, type Step } from '../engine/step.ts'
import { listObjects, readManifest } from './component-objects.ts'
import { combine, hopelessness, workloadHealth } from './health.ts'
import { transform } from './transform.ts'

/** Makes the three steps. */
export function installSteps(component: Component, options: InstallOptions): InstallSteps {
  const { id, title } = component
  const manifest = defineStep<readonly KubeObject[]>({
    id: `${id}.manifest`,
    title: `Read the manifest of ${title} ${component.version}`,
    readOnly: true,
    async run({ signal, report }) {
      const artifacts = await options.artifacts()
      const objects = await readManifest(component.manifest, options, signal, report)
      const { root, adoption } = options
      return transform(objects, { component, root, adoption, preloaded: artifacts.bundled })
    },
    describe: (objects) => `${String(objects.length)} objects`,
  })
  const part = (
    name: string,
    label: string,
    belongs: (object: KubeObject) => boolean,
    after: Step<unknown>[],
  ) =>
    defineStep<{ readonly objects: number }>({
      id: `${id}.${name}`,
      title: label,
      after: [options.access, manifest, ...after],
      timeoutMs: options.timeoutMs,
      async check(scope) {
        const client = await options.client(scope.use(options.access))
        const objects = scope.use(manifest).filter(belongs)
        const there = await allApplied(client, component, objects, scope.signal)
        return there ? { objects: objects.length } : undefined
      },
      run: (scope) => applyAll(scope, options, component, scope.use(manifest).filter(belongs)),
      describe: ({ objects }) => `${String(objects)} objects`,
    })
  const apply = part('apply', `Install ${title} ${component.version}`, (object) => !isWorkload(object), [
    options.schedulable,
  ])
  const start = part('start', `Start ${title}`, isWorkload, [apply, options.network])
  const ready = defineStep<Health>({
    id: `${id}.ready`,
    title: `Wait for ${title}`,
    after: [start],
    timeoutMs: options.timeoutMs,
    readOnly: true,
    run: async (scope) =>
      waitReady(scope, component, await options.client(scope.use(options.access)), scope.use(manifest)),
  })
  return { manifest, apply, start, ready }
}

/** Looks at every object by kind: each must be there with the digest of what would be applied. */
async function allApplied(
  client: ClusterClient,
  component: Component,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<boolean> {
  const there = await listObjects(client, component, objects, signal)
  const found = new Set(there.map(mark))
  return objects.every((object) => found.has(mark(object)))
}

function mark({ kind, metadata }: KubeObject): string {
  return [kind, metadata.namespace ?? '', metadata.name, metadata.annotations?.[digestAnnotation] ?? ''].join(
    '/',
  )
}

async function applyAll(
  scope: Scope,
  { client, access, adoption }: InstallOptions,
  component: Component,
  objects: readonly KubeObject[],
): Promise<{ objects: number }> {
  const connection = await client(scope.use(access))
  const rank = ({ kind }: KubeObject): number => (kind === 'Namespace' ? 0 : 1)
  let done = 0
  const generated = objects.some(({ kind }) => kind === 'Namespace') ? (component.generate?.() ?? []) : []
  for (const wave of [0, 1]) {
    // Behind the namespace, before the pods that would wait for them.
    if (wave === 1)
      await Promise.all(generated.map((object) => createIfMissing(connection, object, scope.signal)))
    await Promise.all(
      objects
        .filter((object) => rank(object) === wave)
        .map(async (object) => {
          await connection.apply(object, scope.signal, adoption?.fieldManager)
          done += 1
          scope.report.progress(`${String(done)} of ${String(objects.length)} objects`, done / objects.length)
        }),
    )
  }
  return { objects: objects.length }
}

async function createIfMissing(
  client: ClusterClient,
  object: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  const { apiVersion, kind, metadata } = object
  const { name, namespace } = metadata
  const found = await client.get(
    { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) },
    signal,
  )
  if (found === undefined) await client.create(object, signal)
}

/** What runs pods, which is what a component waits for. */
function isWorkload({ kind }: KubeObject): boolean {
  return kind === 'Deployment' || kind === 'StatefulSet'
}

async function waitReady(
  scope: Scope,
  component: Component,
  client: ClusterClient,
  objects: readonly KubeObject[],
): Promise<Health> {
  const wanted = new Map(
    objects
      .filter(isWorkload)
      .map(({ metadata, kind }) => [metadata.name, { kind, health: missing(metadata.name) }]),
  )
  const stop = new AbortController()
  const signal = AbortSignal.any([scope.signal, stop.signal])
  const follow = async (kind: string): Promise<void> => {
    const labelSelector = `${componentLabel}=${component.id}`
    const ref = { apiVersion: 'apps/v1', kind, namespace: component.namespace, labelSelector }
    for await (const { type, object } of client.watch(ref, signal)) {
      const entry = wanted.get(object.metadata.name)
      if (entry === undefined || entry.kind !== kind) continue
      entry.health = type === 'deleted' ? missing(object.metadata.name) : workloadHealth(object)
      const all = combine([...wanted.values()].map(({ health }) => health))
      if (all.status === 'healthy') stop.abort()
      else scope.report.progress(all.reason)
    }
  }
  const kinds = [...new Set([...wanted.values()].map(({ kind }) => kind))]
  try {
    await Promise.all([...kinds.map(follow), watchPods(component, client, signal)])
  } catch (error) {
    // A watch that was still being opened when the last workload became ready ends with the abort.
    if (!stop.signal.aborted) throw error
  } finally {
    stop.abort()
  }
  scope.signal.throwIfAborted()
  return { status: 'healthy', reason: '' }
}

/** Throws COMPONENT_UNHEALTHY as soon as a pod says that waiting is in vain. */
async function watchPods(component: Component, client: ClusterClient, signal: AbortSignal): Promise<void> {
  const { namespace, title } = component
  for await (const { type, object } of client.watch({ apiVersion: 'v1', kind: 'Pod', namespace }, signal)) {
    const reason = type === 'deleted' ? undefined : hopelessness(object)
    if (reason !== undefined)
      throw PlayError.of('COMPONENT_UNHEALTHY', { component: title, reason, namespace })
  }
}

function missing(name: string): Health {
  return { status: 'missing', reason: `${name} is missing` }
}

/** Health of a component as the cluster tells it now: every workload it has there. */
export async function componentHealth(
  component: Component,
  client: ClusterClient,
  signal: AbortSignal,
): Promise<Health> {
  const ref = {
    apiVersion: 'apps/v1',
    namespace: component.namespace,
    labelSelector: `${componentLabel}=${component.id}`,
  }
  const lists = await Promise.all(
    ['Deployment', 'StatefulSet'].map((kind) => client.list({ ...ref, kind }, signal)),
  )
  return combine(lists.flat().map(workloadHealth))
}
