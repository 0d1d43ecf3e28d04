/** Objects that would be stuck for ever if the component that minds them went first. */
import type { KubeObject } from '../../domain/cluster.ts'
import type { Component } from '../../domain/component.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import { listKinds } from './component-objects.ts'

/** All objects, in any namespace, that the component must outlive. */
export function outlived(
  { mustOutlive = [] }: Component,
  client: Pick<ClusterClient, 'list'>,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  return listKinds(client, mustOutlive, signal)
}
