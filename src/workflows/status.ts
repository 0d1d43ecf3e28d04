/** `play status` and `play list`: what there is, by looking. */
import type { Health } from '../domain/cluster.ts'
import type { ComponentRegistry } from '../domain/component-registry.ts'
import { PlayError } from '../domain/errors.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import type { ClusterClient, Ports, StateStore } from '../domain/ports.ts'
import type { ListRow, PartStatus, Status } from '../domain/results.ts'
import type { ApplicationState } from '../domain/slots.ts'
import type { ClusterStanding, Source, SourceContext } from '../domain/source.ts'
import { shareClient } from './shared-client.ts'

/** Looks at one playground; throws PLAYGROUND_NOT_FOUND. */
export async function status(
  name: string,
  ports: Ports,
  parts: { readonly source: Source; readonly components: ComponentRegistry },
  signal: AbortSignal,
): Promise<Status> {
  const states = await ports.states()
  const state = await requireState(name, states)
  const shared = shareClient(ports)
  const context: SourceContext = {
    ports,
    state,
    folder: states.folder(name),
    timeoutMs: 0,
    client: shared.get,
  }
  try {
    return await look(context, parts, signal)
  } finally {
    await shared.close()
  }
}

/** The state of a playground that must be there; throws PLAYGROUND_NOT_FOUND with the known names. */
export async function requireState(name: string, states: StateStore): Promise<PlaygroundState> {
  const state = await states.read(name)
  if (state !== undefined) return state
  throw PlayError.of('PLAYGROUND_NOT_FOUND', { name, known: await states.list() })
}

async function look(
  context: SourceContext,
  { source, components }: { readonly source: Source; readonly components: ComponentRegistry },
  signal: AbortSignal,
): Promise<Status> {
  const { state, folder, ports } = context
  const { spec } = state
  const [standing, access] = await Promise.all([
    source.observe(context, signal),
    ports.kubeconfigs().then((kubeconfigs) => kubeconfigs.readOwn(`${folder}/kubeconfig`)),
  ])
  const client = standing === 'running' && access !== undefined ? await context.client(access) : undefined
  const cluster = await clusterHealth(standing, client, signal)
  const answering = cluster.status === 'healthy' ? client : undefined
  const gitOps = components.gitOps(spec.components)
  const states = answering === undefined ? undefined : gitOps?.states(answering, spec.components, signal)
  const inLine = async (id: string): Promise<{ sync?: ApplicationState['sync']; reason?: string }> => {
    const found = (await states)?.find(({ name }) => name === id)
    if (found === undefined) return {}
    return { sync: found.sync, ...(found.message === '' ? {} : { reason: found.message }) }
  }
  const rows = await Promise.all(
    spec.components.map(async (id): Promise<PartStatus> => {
      const component = components.find(id)
      const health: Health =
        answering === undefined
          ? { status: 'unknown', reason: 'the cluster does not answer' }
          : await components.health(component, answering, signal)
      return { id, title: component.title, version: component.version, ...health, ...(await inLine(id)) }
    }),
  )
  return {
    name: spec.name,
    phase: state.phase,
    healthy: [cluster, ...rows].every((part) => part.status === 'healthy'),
    kubernetesVersion: spec.kubernetesVersion,
    nodes: spec.nodes,
    engine: state.engine,
    context: state.cluster,
    kubeconfig: `${folder}/kubeconfig`,
    server: access?.server ?? null,
    createdAt: state.createdAt,
    cluster,
    components: rows,
  }
}

async function clusterHealth(
  standing: ClusterStanding,
  client: ClusterClient | undefined,
  signal: AbortSignal,
): Promise<Health> {
  if (standing === 'absent') return { status: 'missing', reason: 'the cluster is gone' }
  if (standing !== 'running') return { status: 'unhealthy', reason: `the cluster is ${standing}` }
  if (client === undefined) return { status: 'unhealthy', reason: 'there is no kubeconfig for it' }
  const ready = await client.ready(signal)
  return ready
    ? { status: 'healthy', reason: '' }
    : { status: 'unhealthy', reason: 'its API does not answer' }
}

/** One row for each playground; a damaged or unreachable one is a row too. */
export async function list(ports: Ports, source: Source, signal: AbortSignal): Promise<readonly ListRow[]> {
  const states = await ports.states()
  const names = await states.list()
  return Promise.all(names.map((name) => row(name, ports, states, source, signal)))
}

async function row(
  name: string,
  ports: Ports,
  states: StateStore,
  source: Source,
  signal: AbortSignal,
): Promise<ListRow> {
  let state: PlaygroundState | undefined
  try {
    state = await states.read(name)
  } catch (error) {
    if (!(error instanceof PlayError)) throw error
  }
  if (state === undefined) {
    return { name, phase: 'damaged', cluster: 'unknown', kubernetesVersion: '', nodes: 0, createdAt: '' }
  }
  const client = (): Promise<never> => Promise.reject(new Error('list needs no API client'))
  const context: SourceContext = { ports, state, folder: states.folder(name), timeoutMs: 0, client }
  const cluster = await source.observe(context, signal).catch((): 'unknown' => 'unknown')
  const { kubernetesVersion, nodes } = state.spec
  return { name, phase: state.phase, cluster, kubernetesVersion, nodes, createdAt: state.createdAt }
}
