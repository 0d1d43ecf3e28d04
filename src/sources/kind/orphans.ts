/** Clusters of play that no playground leads to any more, found by the mark on their nodes. */
import { basename } from 'node:path'
import { PlayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/playground.ts'
import type { ContainerEngine, EngineContainer, Ports } from '../../domain/ports.ts'
import type { Orphan } from '../../domain/source.ts'
import type { Scope } from '../../engine/step.ts'
import { volumesOf } from './closure.ts'
import { ownerOf } from './ownership.ts'

/** Each cluster whose nodes all bear the mark of one folder that is called as the cluster is, and that is not there. */
export async function kindOrphans(
  ports: Ports,
  isThere: (folder: string) => Promise<boolean>,
  signal: AbortSignal,
): Promise<readonly Orphan[]> {
  const engine = await ports.engine(signal)
  const names = await engine.clusterNames(signal)
  const orphans = names.map(async (cluster) => {
    const containers = await engine.clusterContainers(cluster, signal)
    const folder = folderOf(cluster, containers)
    if (folder === undefined || (await isThere(folder))) return []
    return [orphanOf(cluster, folder, containers)]
  })
  return (await Promise.all(orphans)).flat()
}

/**
 * Removes containers and volumes of one whose folder, as the caller has just seen, is not there. Throws CLUSTER_FOREIGN
 * when another cluster has the name by now, LEFTOVERS_FOUND when something does not go, and what the engine throws.
 */
export async function removeKindOrphan(orphan: Orphan, ports: Ports, scope: Scope): Promise<void> {
  const { signal } = scope
  const engine = await ports.engine(signal)
  const { containers, volumes } = await belongings(engine, orphan, signal)
  scope.report.progress(`removing ${containers.map(({ name }) => name).join(', ')}`)
  await Promise.all(containers.map(({ id }) => engine.removeContainer(id, signal)))
  await Promise.all(volumes.map((volume) => engine.removeVolume(volume, signal)))
  const exist = await Promise.all(volumes.map((volume) => engine.volumeExists(volume, signal)))
  const now = await belongings(engine, orphan, signal)
  const left = [
    ...now.containers.map(({ name }) => name),
    ...volumes.filter((_, index) => exist[index]),
    ...now.volumes,
  ]
  if (left.length === 0) return
  const details = [...new Set(left)]
  throw PlayError.of('LEFTOVERS_FOUND', { name: orphan.name, count: details.length }, { details })
}

async function belongings(
  engine: ContainerEngine,
  { cluster, folder }: Orphan,
  signal: AbortSignal,
): Promise<{ readonly containers: readonly EngineContainer[]; readonly volumes: readonly string[] }> {
  const containers = await engine.clusterContainers(cluster, signal)
  if (containers.length > 0 && folderOf(cluster, containers) !== folder)
    throw PlayError.of('CLUSTER_FOREIGN', {
      cluster,
      reason: `its nodes do not all bear the mark of ${folder}`,
    })
  const labelled = await engine.clusterVolumes(cluster, signal)
  return { containers, volumes: [...new Set([...containers.flatMap(volumesOf), ...labelled])] }
}

/** The folder that all containers name as their owner's; undefined where they do not, or where it has another name. */
function folderOf(cluster: string, containers: readonly EngineContainer[]): string | undefined {
  const folders = new Set(containers.map(ownerOf))
  const [folder] = folders
  const isOurs = folders.size === 1 && folder !== undefined && clusterName(basename(folder)) === cluster
  return isOurs ? folder : undefined
}

function orphanOf(cluster: string, folder: string, containers: readonly EngineContainer[]): Orphan {
  return {
    name: basename(folder),
    cluster,
    folder,
    containers: containers.map(({ name }) => name),
    createdAt: containers.map(({ createdAt }) => createdAt).sort()[0] ?? '',
  }
}
