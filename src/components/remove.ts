/** The step that takes a component out of a cluster: whatever is left of it, and nothing else. */
import type { KubeObject } from '../domain/cluster.ts'
import { componentLabel, type Component, type RemoveOptions } from '../domain/component.ts'
import { PlayError } from '../domain/errors.ts'
import type { ClusterClient } from '../domain/ports.ts'
import { defineStep, type Step } from '../engine/step.ts'
import { waitUntil, type Probe } from '../engine/wait.ts'

/**
 * Deletes every object that bears the component's label, of the kinds that it has, and waits until they are gone. Where
 * applications are kept in line with git, their owner has deleted most of it before.
 */
export function removeStep(component: Component, options: RemoveOptions): Step<object> {
  const { access, after, timeoutMs, clock } = options
  return defineStep<object>({
    id: `${component.id}.remove`,
    title: `Remove ${component.title}`,
    after: [access, ...after],
    timeoutMs,
    async check({ use, signal }) {
      const client = await options.client(use(access))
      return (await left(component, options, client, signal)).length === 0 ? {} : undefined
    },
    async run({ use, signal, report }) {
      const client = await options.client(use(access))
      const look = async (): Promise<Probe<object>> => {
        const objects = await left(component, options, client, signal)
        if (objects.length === 0) return { done: true, value: {} }
        const living = objects.filter(({ metadata }) => metadata['deletionTimestamp'] === undefined)
        await Promise.all(living.map((object) => client.delete(named(object), signal)))
        return { done: false, seen: `${String(objects.length)} objects are left` }
      }
      return waitUntil(look, {
        ...{ waitedFor: `the end of ${component.title}`, timeoutMs, intervalMs: 500, signal, clock },
        onChange: (seen) => {
          report.progress(seen)
        },
      })
    },
  })
}

function named({ apiVersion, kind, metadata }: KubeObject): Parameters<ClusterClient['delete']>[0] {
  const { name, namespace } = metadata
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }
}

async function left(
  component: Component,
  { assets, artifacts }: RemoveOptions,
  client: ClusterClient,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const { manifest } = component
  const objects = await ('asset' in manifest
    ? assets.objects(manifest.asset)
    : (await artifacts()).manifest(manifest.artifact, signal))
  const namespace = { apiVersion: 'v1', kind: 'Namespace' }
  const all = [namespace, ...objects, ...component.extraObjects, ...(component.generate?.() ?? [])]
  const kinds = new Map(all.map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, { apiVersion, kind }]))
  const labelSelector = `${componentLabel}=${component.id}`
  const lists = await Promise.all(
    [...kinds.values()].map(async (ref) => {
      const items = await client.list({ ...ref, labelSelector, metadataOnly: true }, signal).catch(noSuchKind)
      // Kinds come from the request: the API leaves them out of the items of a list of metadata.
      return items.map((item) => ({ ...item, ...ref }))
    }),
  )
  return lists.flat()
}

/** A kind whose definition is gone has no objects. */
function noSuchKind(error: unknown): KubeObject[] {
  if (error instanceof PlayError && error.id === 'API_REJECTED') return []
  throw error
}
