/** Every place where something of one playground could be: what `down` must find empty and `inventory` shows. */
import type { StateStore } from '../domain/ports.ts'
import { playgroundVariable, type RunningProcess } from '../domain/running-process.ts'
import type { Found, Query, Source, SourceContext } from '../domain/source.ts'

/**
 * What the source made, then what is on this machine: the kubeconfig, with what crashed runs left beside it, and the
 * processes. The folder is a place of its own (`stateQuery`), since it goes last. Throws what Source.queries throws.
 * Volumes may be known by their containers alone, so ask before anything goes.
 */
export async function playgroundQueries(
  context: SourceContext,
  source: Source,
  signal: AbortSignal,
): Promise<readonly Query[]> {
  const made = await source.queries(context, signal)
  const entries = kubeconfigQuery(context)
  const find: Query['find'] = async (now) => [
    ...(await entries.find(now)),
    ...(await kubeconfigStrays(context)),
  ]
  return [
    ...made,
    { ...entries, looked: `${entries.looked}; its lock and temporary files`, find },
    processQuery(context),
  ]
}

/** What is a playground's own on this machine; can be looked for without an engine. */
export function localQueries(context: SourceContext): readonly Query[] {
  return [kubeconfigQuery(context), processQuery(context)]
}

/** The playground's folder: state, journal, Pulumi's files, its own kubeconfig, logs. */
export function stateQuery({ state, folder }: SourceContext, states: StateStore): Query {
  return {
    layer: 'state',
    looked: folder,
    find: async () => ((await states.exists(state.spec.name)) ? [{ what: folder }] : []),
  }
}

/** One process, in the words that `ps` finds it by. */
export function processFound({ pid, command, startedAt }: RunningProcess): Found {
  return {
    what: `${String(pid)} ${command}`,
    ...(startedAt === undefined ? {} : { createdAt: new Date(startedAt).toISOString() }),
  }
}

function kubeconfigQuery({ ports, state }: SourceContext): Query {
  const { cluster, mergedContext } = state
  return {
    layer: 'kubeconfig',
    looked: `context, cluster and user ${cluster}, and files that a run which is gone left beside it`,
    async find() {
      const kubeconfigs = await ports.kubeconfigs()
      const path = mergedContext?.path ?? kubeconfigs.userPath()
      const [isMerged, strays] = await Promise.all([
        kubeconfigs.contains(path, cluster),
        kubeconfigs.strays(path),
      ])
      return [...(isMerged ? [{ what: `${cluster} in ${path}` }] : []), ...strays.map((what) => ({ what }))]
    },
  }
}

/** They may hold credentials of any playground; Kubeconfigs.remove sweeps them away, so it must run for them as well. */
async function kubeconfigStrays({ ports, state }: SourceContext): Promise<readonly Found[]> {
  const kubeconfigs = await ports.kubeconfigs()
  const strays = await kubeconfigs.strays(state.mergedContext?.path ?? kubeconfigs.userPath())
  return strays.map((what) => ({ what }))
}

function processQuery({ ports, folder }: SourceContext): Query {
  return {
    layer: 'processes',
    looked: `processes with ${playgroundVariable}=${folder}`,
    find: async () => (await (await ports.processTable()).find(folder)).map(processFound),
  }
}
