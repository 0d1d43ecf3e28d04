/** The places on the engine where something of a cluster could be. */
import { clusterName } from '../../domain/playground.ts'
import { isPresumed } from '../../domain/presumed-state.ts'
import type { ContainerEngine } from '../../domain/ports.ts'
import type { Found, Query, SourceContext } from '../../domain/source.ts'
import { closureOf, volumesOf, type Closure } from './closure.ts'
import { recordedEngine } from './recorded-engine.ts'
import { kindNetwork } from './remove.ts'

/** Made before anything goes, since volumes have no name of ours; what else was noted of them is asked for as well. */
export async function kindQueries(context: SourceContext, signal: AbortSignal): Promise<readonly Query[]> {
  const { state } = context
  const cluster = clusterName(state.spec.name)
  const engine = await recordedEngine(context, signal)
  const before = await closureOf(context, engine, signal)
  return [
    {
      layer: 'containers',
      looked: `${engine.name} ps --all --filter label=io.x-k8s.kind.cluster=${cluster}`,
      find: async (now) =>
        (await closureOf(context, engine, now)).containers.map(({ name, createdAt }) => ({
          what: name,
          createdAt,
        })),
    },
    {
      layer: 'volumes',
      looked: `${engine.name} volume ls: ${String(before.volumes.length)} that its containers had, and any with their label`,
      find: (now) => leftVolumes(context, before, now),
    },
    {
      layer: 'network',
      looked: networkWords(context, engine),
      find: (now) => leftNetwork(context, before, now),
    },
  ]
}

function networkWords({ state }: SourceContext, engine: ContainerEngine): string {
  if (!state.networkExistedBefore) return `${engine.name} network ${kindNetwork}`
  const why = isPresumed(state) ? 'the record of who made it is lost' : 'not made by play'
  return `${kindNetwork} (${why}, left alone)`
}

async function leftVolumes(context: SourceContext, before: Closure, signal: AbortSignal): Promise<Found[]> {
  const { engine } = before
  const now = await closureOf(context, engine, signal)
  const maybe = [...new Set([...now.volumes, ...before.volumes])].filter(
    (name) => !now.present.includes(name),
  )
  const exist = await Promise.all(maybe.map((volume) => engine.volumeExists(volume, signal)))
  const made = new Map(
    [...before.containers, ...now.containers].flatMap((container) =>
      volumesOf(container).map((volume) => [volume, container.createdAt] as const),
    ),
  )
  return [...now.present, ...maybe.filter((_, index) => exist[index])].map((what) => {
    const createdAt = made.get(what)
    return createdAt === undefined ? { what } : { what, createdAt }
  })
}

/** The shared network is only left over when play made it and no cluster of anybody is using it. */
async function leftNetwork(
  { state }: SourceContext,
  { engine }: Closure,
  signal: AbortSignal,
): Promise<Found[]> {
  if (state.networkExistedBefore || !(await engine.networkExists(kindNetwork, signal))) return []
  return (await engine.clusterNames(signal)).length > 0 ? [] : [{ what: kindNetwork }]
}
