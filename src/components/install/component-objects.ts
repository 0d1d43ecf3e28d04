/** The objects of a component: as its manifest has them, and as a cluster has them now. */
import type { KubeObject } from '../../domain/cluster.ts'
import { componentLabel, type Component, type ManifestSource } from '../../domain/component.ts'
import { PlayError } from '../../domain/errors.ts'
import type { Artifacts, Assets, ClusterClient, ResourceRef } from '../../domain/ports.ts'
import type { Reporter } from '../../engine/step.ts'
import { isWorkload } from './health.ts'

/** Reads a manifest from where it comes from. Throws what the artifacts or assets throw. */
export async function readManifest(
  source: ManifestSource,
  from: { readonly artifacts: () => Promise<Artifacts>; readonly assets: Assets },
  signal: AbortSignal,
  report?: Reporter,
): Promise<readonly KubeObject[]> {
  if ('asset' in source) return from.assets.objects(source.asset)
  return (await from.artifacts()).manifest(source.artifact, signal, report)
}

/** Metadata of everything that bears the component's label, of the kinds of `samples`; nothing of a kind that is not served. */
export function listObjects(
  client: Pick<ClusterClient, 'list'>,
  component: Component,
  samples: readonly Pick<KubeObject, 'apiVersion' | 'kind'>[],
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const kinds = new Map(
    samples.map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, { apiVersion, kind }]),
  )
  const labelSelector = `${componentLabel}=${component.id}`
  return listKinds(client, [...kinds.values()], signal, { labelSelector })
}

/** Metadata of all objects of these kinds, or of those the selector chooses; nothing of a kind that is not served. */
export async function listKinds(
  client: Pick<ClusterClient, 'list'>,
  kinds: readonly ResourceRef[],
  signal: AbortSignal,
  selector: { readonly labelSelector?: string } = {},
): Promise<KubeObject[]> {
  const lists = await Promise.all(
    kinds.map(async (ref) => {
      const items = await client.list({ ...ref, ...selector, metadataOnly: true }, signal).catch(noSuchKind)
      // Kinds come from the request: the API leaves them out of the items of a list of metadata.
      return items.map((item) => ({ ...item, ...ref }))
    }),
  )
  return lists.flat()
}

/**
 * What is there of the kinds of `wanted`, where `wanted` would be, whoever made it. One request for each kind: metadata,
 * but workloads whole. Throws whatever the list throws, since who may not look does not know.
 */
export async function listPlaces(
  client: Pick<ClusterClient, 'list'>,
  wanted: readonly KubeObject[],
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const places = new Map(
    wanted.map(({ apiVersion, kind, metadata: { namespace } }) => [
      `${apiVersion} ${kind} ${namespace ?? ''}`,
      { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) },
    ]),
  )
  const lists = await Promise.all(
    [...places.values()].map(async (ref) => {
      const items = await client.list({ ...ref, metadataOnly: !isWorkload(ref) }, signal)
      return items.map((item) => ({ ...item, apiVersion: ref.apiVersion, kind: ref.kind }))
    }),
  )
  return lists.flat()
}

/** How an API addresses an object. */
export function refOf({ apiVersion, kind, metadata }: KubeObject): ResourceRef & { readonly name: string } {
  const { name, namespace } = metadata
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }
}

/** A kind whose definition is not there has no objects. */
function noSuchKind(error: unknown): KubeObject[] {
  if (error instanceof PlayError && error.id === 'API_REJECTED') return []
  throw error
}
