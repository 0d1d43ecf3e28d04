/** `play status` and `play list`: what there is, by looking. */
import type { ClusterAccess, Health } from '../domain/cluster.ts'
import type { Component } from '../domain/component.ts'
import type { ComponentRegistry, ComponentState } from '../domain/component-registry.ts'
import { PlayError } from '../domain/errors.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import type { Ports, StateStore } from '../domain/ports.ts'
import type { ListRow, PartStatus, Status } from '../domain/results.ts'
import type { ApplicationState } from '../domain/slots.ts'
import type { ClusterStanding, Source, SourceContext } from '../domain/source.ts'
import { endpointRows } from './endpoint-rows.ts'
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

/** What the API was asked for, all at once: the engine takes as long to tell how the cluster stands. */
interface Asked {
  readonly access: ClusterAccess
  readonly ready: Promise<boolean>
  readonly parts: Promise<Parts>
}

/** What the API tells, whether or not it is worth telling. */
interface Parts {
  readonly components: readonly ComponentState[]
  readonly applications: readonly ApplicationState[]
}

async function look(
  context: SourceContext,
  { source, components }: { readonly source: Source; readonly components: ComponentRegistry },
  signal: AbortSignal,
): Promise<Status> {
  const { state, folder, ports } = context
  const { spec } = state
  const installed = spec.components.map((id) => components.find(id))
  const [standing, asked] = await Promise.all([
    source.observe(context, signal),
    ports
      .kubeconfigs()
      .then((kubeconfigs) => kubeconfigs.readOwn(`${folder}/kubeconfig`))
      .then((access) =>
        access === undefined ? undefined : ask(access, context, { components, installed }, signal),
      ),
  ])
  const cluster = await clusterHealth(standing, asked?.ready)
  const parts = cluster.status === 'healthy' ? await asked?.parts : undefined
  const rows = installed.map((component, index) => partStatus(component, parts?.components[index], parts))
  return {
    name: spec.name,
    phase: state.phase,
    healthy: [cluster, ...rows].every((part) => part.status === 'healthy'),
    kubernetesVersion: spec.kubernetesVersion,
    nodes: spec.nodes,
    engine: state.engine,
    context: state.cluster,
    kubeconfig: `${folder}/kubeconfig`,
    server: asked?.access.server ?? null,
    createdAt: state.createdAt,
    expiresAt: state.expiresAt ?? null,
    cluster,
    git: gitStatus(spec.components, parts),
    components: rows,
    endpoints: endpointRows(installed),
    ports: spec.ports ?? [],
  }
}

/** Starts all requests. What comes of them counts only if the cluster runs; closing the client ends them. */
function ask(
  access: ClusterAccess,
  context: SourceContext,
  {
    components,
    installed,
  }: { readonly components: ComponentRegistry; readonly installed: readonly Component[] },
  signal: AbortSignal,
): Asked {
  const client = context.client(access)
  const ready = client.then((api) => api.ready(signal))
  const ids = installed.map(({ id }) => id)
  const gitOps = components.gitOps(ids)
  const parts = client.then(async (api): Promise<Parts> => {
    const [states, applications = []] = await Promise.all([
      components.states(installed, api, signal),
      gitOps?.states(api, gitOps.names(ids), signal),
    ])
    return { components: states, applications }
  })
  // Where the cluster does not run nobody waits for them.
  for (const each of [ready, parts]) each.catch(() => undefined)
  return { access, ready, parts }
}

function partStatus(
  { id, title, version }: Component,
  state: ComponentState | undefined,
  parts: Parts | undefined,
): PartStatus {
  const health = state ?? { status: 'unknown', reason: 'the cluster does not answer' }
  const application = parts?.applications.find(({ name }) => name === id)
  if (application === undefined) return { id, title, version, ...health }
  const { sync, message } = application
  return { id, title, version, ...health, sync, ...(message === '' ? {} : { reason: message }) }
}

/** The application that is no component's: it keeps the others in line. */
function gitStatus(ids: readonly string[], parts: Parts | undefined): Status['git'] {
  const top = parts?.applications.find(({ name }) => !ids.includes(name))
  return top === undefined ? null : { sync: top.sync, reason: top.message }
}

async function clusterHealth(
  standing: ClusterStanding,
  ready: Promise<boolean> | undefined,
): Promise<Health> {
  if (standing === 'absent') return { status: 'missing', reason: 'the cluster is gone' }
  if (standing !== 'running') return { status: 'unhealthy', reason: `the cluster is ${standing}` }
  if (ready === undefined) return { status: 'unhealthy', reason: 'there is no kubeconfig for it' }
  return (await ready)
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
    const nothing = { kubernetesVersion: '', nodes: 0, createdAt: '', expiresAt: null }
    return { name, phase: 'damaged', cluster: 'unknown', ...nothing }
  }
  const client = (): Promise<never> => Promise.reject(new Error('list needs no API client'))
  const context: SourceContext = { ports, state, folder: states.folder(name), timeoutMs: 0, client }
  const cluster = await source.observe(context, signal).catch((): 'unknown' => 'unknown')
  const { kubernetesVersion, nodes } = state.spec
  const { phase, createdAt, expiresAt = null } = state
  return { name, phase, cluster, kubernetesVersion, nodes, createdAt, expiresAt }
}
