/** Whose is this cluster? Answered from what the container engine shows, not from our files; pure. */
import { dirname } from 'node:path'
import type { EngineContainer } from '../../domain/ports.ts'

/** Where every node of ours has its marker mounted; `inspect` shows it even when the node is stopped. */
export const markerPath = '/kind/play-owner'

/** The marker's file name in the playground's folder: so its path carries the folder and the id. */
export function markerFile(id: string): string {
  return `owner-${id}`
}

/** What stands under a cluster's name. */
export type ClusterSeen =
  | { readonly is: 'absent' }
  | { readonly is: 'foreign'; readonly reason: string }
  | { readonly is: 'running' | 'stopped'; readonly containers: readonly EngineContainer[] }

/** Judges the containers that carry the cluster's name. `folder` is the playground's own. */
export function judge(containers: readonly EngineContainer[], folder: string): ClusterSeen {
  if (containers.length === 0) return { is: 'absent' }
  for (const container of containers) {
    const owner = ownerOf(container)
    if (owner === undefined) return { is: 'foreign', reason: `${container.name} has no mark of play` }
    if (owner !== folder)
      return { is: 'foreign', reason: `${container.name} belongs to the playground in ${owner}` }
  }
  return { is: containers.every(({ state }) => state === 'running') ? 'running' : 'stopped', containers }
}

/** Folder of the playground that the container's mark names; undefined without a mark. */
export function ownerOf({ mounts }: EngineContainer): string | undefined {
  const marker = mounts.find(({ destination }) => destination === markerPath)
  return marker === undefined ? undefined : dirname(hostPath(marker.source))
}

/** Docker Desktop runs in a virtual machine, and some of its versions show a path as that machine sees it. */
function hostPath(source: string): string {
  return source.replace(/^\/host_mnt(?=\/)/, '')
}
