/** Objects that would be stuck for ever if the component that minds them went first. */
import type { KubeObject } from '../../domain/cluster.ts'
import type { Component } from '../../domain/component.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import { noSuchKind } from './component-objects.ts'

/** All objects, in any namespace, that the component must outlive. */
export async function outlived(
  { mustOutlive = [] }: Component,
  client: Pick<ClusterClient, 'list'>,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(
    mustOutlive.map(async (ref) => {
      const items = await client.list({ ...ref, metadataOnly: true }, signal).catch(noSuchKind)
      return items.map((item) => ({ ...item, ...ref }))
    }),
  )
  return lists.flat()
}
