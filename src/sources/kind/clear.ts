/** What an interrupted run left of a cluster: told from a cluster that is whole, and removed. */
import { PlayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/playground.ts'
import type { StackRunner } from '../../domain/ports.ts'
import type { SourceContext } from '../../domain/source.ts'
import { defineStep, type Step } from '../../engine/step.ts'
import type { ClusterSeen } from './ownership.ts'
import type { Preflight } from './preflight.ts'
import { removeByName } from './remove.ts'

/**
 * Yields what stands once everything is away that no later step could go on with: the nodes of a cluster whose making was
 * cut off, which never gets ready and whose name kind refuses, and volumes that had no node yet. A cluster that an `up`
 * has handed to anybody stays whatever it looks like: there is work in it.
 */
export function clearStep(
  context: SourceContext,
  { engine, seen, tools }: Pick<Preflight, 'engine' | 'seen' | 'tools'>,
): Step<ClusterSeen> {
  const { ports, state } = context
  const cluster = clusterName(state.spec.name)
  return defineStep<ClusterSeen>({
    id: 'cluster.clear',
    title: 'Remove what an interrupted run left',
    after: [engine, seen, tools],
    async check(scope) {
      const stands = scope.use(seen)
      if (context.handedOver === true) return stands
      const stack = await ports.stack(state.spec.name, scope.use(engine), scope.signal)
      if (stands.is !== 'absent') return (await isWhole(context, stack, stands)) ? stands : undefined
      // Where no engine of Pulumi ever began, nothing can be left.
      if ((await stack.resources().catch(() => [])) === undefined) return stands
      return (await scope.use(engine).clusterVolumes(cluster, scope.signal)).length === 0 ? stands : undefined
    },
    async run(scope) {
      const held = scope.use(engine)
      await removeByName(context, scope, held)
      if ((await held.clusterContainers(cluster, scope.signal)).length === 0) return { is: 'absent' }
      throw PlayError.of('ENGINE_FAILED', { engine: held.name, what: `remove the nodes of ${cluster}` })
    },
    describe: ({ is }) => (is === 'absent' ? 'nothing left' : 'the cluster is whole'),
  })
}

/**
 * Pulumi names what it has made to its end. Of a playground whose state was lost nobody knows whether it was handed over,
 * so there only a creation that is known to have been cut off counts against it.
 */
async function isWhole(
  { state, handedOver }: SourceContext,
  stack: StackRunner,
  stands: ClusterSeen,
): Promise<boolean> {
  if (await stack.leftUnfinished()) return false
  if (handedOver === undefined) return true
  const made = ((await stack.resources()) ?? []).some(({ id }) => id === clusterName(state.spec.name))
  return made && 'containers' in stands && stands.containers.length === state.spec.nodes
}
