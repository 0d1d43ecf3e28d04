/** The step that takes a component out of a cluster: whatever is left of it, and nothing else. */
import type { KubeObject } from '../../domain/cluster.ts'
import type { Component, RemoveOptions } from '../../domain/component.ts'
import { defineStep, type Step } from '../../engine/step.ts'
import { waitUntil, type Probe } from '../../engine/wait.ts'
import { listObjects, readManifest, refOf } from './component-objects.ts'

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
      const samples = await samplesOf(component, options, signal)
      return (await listObjects(client, component, samples, signal)).length === 0 ? {} : undefined
    },
    async run({ use, signal, report }) {
      const client = await options.client(use(access))
      const samples = await samplesOf(component, options, signal)
      const look = async (): Promise<Probe<object>> => {
        const objects = await listObjects(client, component, samples, signal)
        if (objects.length === 0) return { done: true, value: {} }
        const living = objects.filter(({ metadata }) => metadata['deletionTimestamp'] === undefined)
        await Promise.all(living.map((object) => client.delete(refOf(object), signal)))
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

/** One object of each kind that the component may have left, at least. */
async function samplesOf(
  component: Component,
  options: RemoveOptions,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const objects = await readManifest(component.manifest, options, signal)
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: component.namespace } }
  return [namespace, ...objects, ...component.extraObjects, ...(component.generate?.() ?? [])]
}
