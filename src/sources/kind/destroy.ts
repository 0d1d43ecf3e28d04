/** Takes a kind cluster away: through Pulumi first, then by name whatever is left, then its marks on the engine. */
import { PlayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/playground.ts'
import type { ContainerEngine, EngineContainer } from '../../domain/ports.ts'
import type { Query, SourceContext } from '../../domain/source.ts'
import { defineStep, type Scope, type Step } from '../../engine/step.ts'
import { judge } from './ownership.ts'

/** Name of the network that kind makes and shares between all its clusters. */
const kindNetwork = 'kind'

interface Closure {
  readonly engine: ContainerEngine
  readonly containers: readonly EngineContainer[]
  readonly volumes: readonly string[]
}

/** The steps, in order; each is content with finding nothing. */
export function kindDestroySteps(context: SourceContext): readonly Step<unknown>[] {
  const { state, ports } = context
  const closure = defineStep<Closure>({
    id: 'cluster.closure',
    title: 'See what there is',
    readOnly: true,
    run: async ({ signal }) => closureOf(context, await ports.engine(signal), signal),
    describe: ({ containers, volumes }) =>
      `${String(containers.length)} containers, ${String(volumes.length)} volumes`,
  })
  const stack = defineStep<object>({
    id: 'cluster.destroy',
    title: 'Destroy the cluster',
    after: [closure],
    timeoutMs: context.timeoutMs,
    async check(scope) {
      const nothing = scope.use(closure).containers.length === 0
      return nothing && !(await (await ports.states()).exists(state.spec.name)) ? {} : undefined
    },
    async run(scope) {
      const { engine } = scope.use(closure)
      const states = await ports.states()
      // Without its files there is no stack, and nothing that would be worth a download of Pulumi.
      if (await states.exists(state.spec.name)) await destroyStack(context, scope, engine).catch(warn(scope))
      await removeByName(context, scope, engine)
      return {}
    },
  })
  const network = defineStep<{ readonly removed: boolean }>({
    id: 'cluster.network',
    title: 'Remove the network if it was ours',
    after: [closure, stack],
    check: (scope) =>
      Promise.resolve(
        state.networkExistedBefore && scope.use(closure).volumes.length === 0
          ? { removed: false }
          : undefined,
      ),
    async run(scope) {
      const { engine, volumes } = scope.use(closure)
      const { signal } = scope
      await Promise.all(volumes.map((volume) => engine.removeVolume(volume, signal).catch(warn(scope))))
      if (state.networkExistedBefore) return { removed: false }
      return { removed: (await removeNetwork(engine, signal).catch(warn(scope))) ?? false }
    },
    describe: ({ removed }) => (removed ? `${kindNetwork} removed` : 'not ours, or in use'),
  })
  return [closure, stack, network]
}

async function closureOf(
  context: SourceContext,
  engine: ContainerEngine,
  signal: AbortSignal,
): Promise<Closure> {
  const containers = await ourContainers(context, engine, signal)
  const volumes = containers.flatMap(({ mounts }) => mounts.map(({ volume }) => volume ?? '')).filter(Boolean)
  return { engine, containers, volumes }
}

/** The containers under the cluster's name, if they are ours; throws CLUSTER_FOREIGN if they are not. */
async function ourContainers(
  { state, folder }: SourceContext,
  engine: ContainerEngine,
  signal: AbortSignal,
): Promise<readonly EngineContainer[]> {
  const cluster = clusterName(state.spec.name)
  const containers = await engine.clusterContainers(cluster, signal)
  const look = judge(containers, folder)
  if (look.is === 'foreign') throw PlayError.of('CLUSTER_FOREIGN', { cluster, reason: look.reason })
  return containers
}

async function destroyStack(
  { ports, state }: SourceContext,
  scope: Scope,
  engine: ContainerEngine,
): Promise<void> {
  const { signal, report } = scope
  const runner = await ports.stack(state.spec.name, engine, signal)
  if ((await runner.resources()) !== undefined) await runner.destroy({ signal, report })
}

/**
 * A missing program, a damaged state, a container that will not go: nothing of this must keep the rest from going. So a
 * failure is only told; whether something is left is what the look at the end is for.
 */
function warn(scope: Scope): (error: unknown) => undefined {
  return (error) => {
    scope.signal.throwIfAborted()
    const id = error instanceof PlayError ? error.id : 'STACK_FAILED'
    scope.report.warn(id, error instanceof Error ? error.message : String(error))
    return undefined
  }
}

async function removeByName(context: SourceContext, scope: Scope, engine: ContainerEngine): Promise<void> {
  const left = await ourContainers(context, engine, scope.signal)
  await Promise.all(left.map(({ id }) => engine.removeContainer(id, scope.signal).catch(warn(scope))))
}

async function removeNetwork(engine: ContainerEngine, signal: AbortSignal): Promise<boolean> {
  if (!(await engine.networkExists(kindNetwork, signal))) return false
  return engine.removeNetwork(kindNetwork, signal)
}

/** Where something of the cluster could still be. Asked before the destruction, since volumes have no name of ours. */
export async function kindQueries(context: SourceContext, signal: AbortSignal): Promise<readonly Query[]> {
  const { state, ports } = context
  const cluster = clusterName(state.spec.name)
  const engine = await ports.engine(signal)
  const { volumes } = await closureOf(context, engine, signal)
  return [
    {
      layer: 'containers',
      looked: `${engine.name} ps --all --filter label=io.x-k8s.kind.cluster=${cluster}`,
      find: async (now) => (await engine.clusterContainers(cluster, now)).map(({ name }) => name),
    },
    {
      layer: 'volumes',
      looked:
        volumes.length === 0
          ? 'volumes of its containers (it had none)'
          : `${String(volumes.length)} volumes its containers had`,
      find: async (now) => {
        const exist = await Promise.all(volumes.map((volume) => engine.volumeExists(volume, now)))
        return volumes.filter((_, index) => exist[index])
      },
    },
    {
      layer: 'network',
      looked: state.networkExistedBefore
        ? `${kindNetwork} (not made by play, left alone)`
        : `${engine.name} network ${kindNetwork}`,
      find: (now) => leftNetwork(context, engine, now),
    },
  ]
}

/** The shared network is only left over when play made it and no cluster of anybody is using it. */
async function leftNetwork(
  { state }: SourceContext,
  engine: ContainerEngine,
  signal: AbortSignal,
): Promise<string[]> {
  if (state.networkExistedBefore || !(await engine.networkExists(kindNetwork, signal))) return []
  return (await engine.clusterNames(signal)).length > 0 ? [] : [kindNetwork]
}
