/** Everything on the engine that belongs to one cluster, and nothing that belongs to somebody else. */
import { PlayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/playground.ts'
import type { ContainerEngine, EngineContainer } from '../../domain/ports.ts'
import type { SourceContext } from '../../domain/source.ts'
import { judge } from './ownership.ts'

/** What is there, and the volumes that may be. */
export interface Closure {
  readonly engine: ContainerEngine
  readonly containers: readonly EngineContainer[]
  /** Volumes that are there for certain. */
  readonly present: readonly string[]
  /** These, and those that were noted before and may be gone. */
  readonly volumes: readonly string[]
}

/**
 * Looks. A volume that only bears the label of a node belongs to whose cluster has the name: so it counts as ours only
 * where no other stands. Throws CLUSTER_FOREIGN, and ENGINE_DOWN or ENGINE_FAILED: an error is never absence.
 */
export async function closureOf(
  context: SourceContext,
  engine: ContainerEngine,
  signal: AbortSignal,
): Promise<Closure> {
  const cluster = clusterName(context.state.spec.name)
  const containers = await engine.clusterContainers(cluster, signal)
  const look = judge(containers, context.folder)
  if (look.is === 'foreign') throw PlayError.of('CLUSTER_FOREIGN', { cluster, reason: look.reason })
  const labelled = await engine.clusterVolumes(cluster, signal)
  const present = [...new Set([...containers.flatMap(volumesOf), ...labelled])]
  const volumes = [...new Set([...present, ...(context.volumes?.known() ?? [])])]
  return { engine, containers, present, volumes }
}

/** Names of the volumes that a container has. */
export function volumesOf({ mounts }: EngineContainer): string[] {
  return mounts.flatMap(({ volume }) => volume ?? [])
}
