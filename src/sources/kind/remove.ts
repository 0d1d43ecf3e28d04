/** Removes what a cluster has on the engine, by name and without Pulumi; a failure is told, and the rest goes on. */
import type { ContainerEngine } from '../../domain/ports.ts'
import { PlayError } from '../../domain/errors.ts'
import type { SourceContext } from '../../domain/source.ts'
import type { Scope } from '../../engine/step.ts'
import { closureOf } from './closure.ts'
import { recordedEngine } from './recorded-engine.ts'

/** Name of the network that kind makes and shares between all its clusters. */
export const kindNetwork = 'kind'

/**
 * A missing program, a damaged state, a container that will not go: nothing of this must keep the rest from going. So a
 * failure is only told; whether something is left is what the look at the end is for.
 */
export function warn(scope: Scope): (error: unknown) => undefined {
  return (error) => {
    scope.signal.throwIfAborted()
    const id = error instanceof PlayError ? error.id : 'STACK_FAILED'
    scope.report.warn(id, error instanceof Error ? error.message : String(error))
    return undefined
  }
}

/** Containers, then volumes, of which a container has to be gone first. Throws only CLUSTER_FOREIGN and unread answers. */
export async function removeByName(
  context: SourceContext,
  scope: Scope,
  engine: ContainerEngine,
): Promise<void> {
  const { signal, report } = scope
  const { containers, volumes } = await closureOf(context, engine, signal)
  await context.volumes?.note(volumes)
  if (containers.length > 0)
    report.progress(`removing containers: ${containers.map(({ name }) => name).join(', ')}`)
  await Promise.all(containers.map(({ id }) => engine.removeContainer(id, signal).catch(warn(scope))))
  if (volumes.length > 0) report.progress(`removing volumes: ${String(volumes.length)}`)
  await Promise.all(volumes.map((volume) => engine.removeVolume(volume, signal).catch(warn(scope))))
}

/** Answers false where no network of ours was there, or where somebody still uses it. */
export async function removeNetwork(engine: ContainerEngine, { signal, report }: Scope): Promise<boolean> {
  if (!(await engine.networkExists(kindNetwork, signal))) return false
  report.progress(`removing the network ${kindNetwork}`)
  return engine.removeNetwork(kindNetwork, signal)
}

/** One round of removing whatever is still there. Throws CLUSTER_FOREIGN, and when the engine does not answer. */
export async function kindSweep(
  context: SourceContext,
  scope: Scope,
  knownVolumes: readonly string[],
): Promise<void> {
  const engine = await recordedEngine(context, scope.signal)
  const noted = context.volumes
  const volumes = {
    known: () => [...(noted?.known() ?? []), ...knownVolumes],
    note: (names: readonly string[]) => noted?.note(names) ?? Promise.resolve(),
  }
  await removeByName({ ...context, volumes }, scope, engine)
  if (!context.state.networkExistedBefore) await removeNetwork(engine, scope).catch(warn(scope))
}
