/** `play open`: a port of this machine that leads to a port of a component's pods, for as long as it is wanted. */
import type { Component } from '../domain/component.ts'
import type { ComponentRegistry } from '../domain/component-registry.ts'
import { endpointUrl, type Endpoint } from '../domain/endpoint.ts'
import { PlayError } from '../domain/errors.ts'
import { nearest } from '../domain/names.ts'
import { isReady } from '../domain/pod-status.ts'
import type { ClusterClient, Ports } from '../domain/ports.ts'
import type { EndpointRow, OpenResult } from '../domain/results.ts'
import { endpointRows } from './endpoint-rows.ts'
import { requireStanding } from './reach.ts'
import { shareClient } from './shared-client.ts'

/** What is to be opened. */
export interface OpenOptions {
  /** The playground. */
  readonly name: string
  /** The endpoint; the only one there is if left out. */
  readonly endpoint: string | undefined
  /** Port of this machine; a free one if left out. */
  readonly localPort?: number
  /** Whether the password is to be told, and not only where it is. */
  readonly withPassword: boolean
}

/** What can be opened in a playground. Throws PLAYGROUND_NOT_FOUND or PLAYGROUND_NOT_READY. */
export async function endpoints(
  name: string,
  ports: Ports,
  components: ComponentRegistry,
): Promise<readonly EndpointRow[]> {
  const { state } = await requireStanding(name, ports)
  return endpointRows(state.spec.components.map((id) => components.find(id)))
}

/**
 * Forwards until the signal aborts, whatever becomes of the pods: each connection goes to the pod that serves then.
 * `show` is told once, as soon as connections are taken. Throws USAGE_UNKNOWN_ENDPOINT, USAGE_INVALID where one of several
 * must be named, COMPONENT_NEEDED, COMPONENT_UNHEALTHY when no pod serves it, PORT_TAKEN or STATE_UNWRITABLE.
 */
export async function openEndpoint(
  options: OpenOptions,
  ports: Ports,
  components: ComponentRegistry,
  show: (opened: OpenResult) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { state, access } = await requireStanding(options.name, ports)
  const { component, endpoint } = choose(options, state.spec.components, components)
  const folder = (await ports.states()).folder(options.name)
  // So that `play inventory` knows of it and `play down` ends it.
  const noted = await (await ports.processTable()).announce(folder, `play open ${endpoint.name}`)
  const shared = shareClient(ports)
  try {
    const client = await shared.get(access)
    const { namespace } = component
    const pod = (now: AbortSignal): Promise<string> => servingPod(client, component, endpoint, now)
    const [credentials] = await Promise.all([
      credentialsOf(client, { component, endpoint }, { ...options, context: state.cluster }, signal),
      pod(signal),
    ])
    const { localPort } = options
    const target = { namespace, pod, port: endpoint.port, ...(localPort === undefined ? {} : { localPort }) }
    const { port, closed } = await client.forward(target, signal)
    await show({
      endpoint: endpoint.name,
      title: endpoint.title,
      url: endpointUrl(endpoint, port),
      port,
      ...credentials,
    })
    await closed
    if (!signal.aborted)
      throw PlayError.of('API_UNREACHABLE', { server: access.server, reason: 'the port-forward broke' })
  } finally {
    await shared.close()
    await noted.end()
  }
}

interface Offer {
  readonly component: Component
  readonly endpoint: Endpoint
}

function offersOf(components: readonly Component[]): Offer[] {
  return components.flatMap((component) =>
    (component.endpoints ?? []).map((endpoint) => ({ component, endpoint })),
  )
}

function choose(
  { name, endpoint: wanted }: OpenOptions,
  installed: readonly string[],
  components: ComponentRegistry,
): Offer {
  if (wanted === undefined) return onlyOne(offersOf(installed.map((id) => components.find(id))))
  const offers = offersOf(components.all).filter(({ endpoint }) => endpoint.name === wanted)
  const there = offers.find(({ component }) => installed.includes(component.id))
  if (there !== undefined) return there
  const [missing] = offers
  if (missing !== undefined) {
    const params = { name, component: missing.component.id, neededBy: `play open ${wanted}` }
    throw PlayError.of('COMPONENT_NEEDED', params)
  }
  const known = [...new Set(offersOf(components.all).map(({ endpoint }) => endpoint.name))]
  throw PlayError.of('USAGE_UNKNOWN_ENDPOINT', { name: wanted, near: nearest(wanted, known), known })
}

function onlyOne(offers: readonly Offer[]): Offer {
  const [first, ...others] = offers
  if (first !== undefined && others.length === 0) return first
  const reason =
    first === undefined ? 'There is nothing to open in this playground' : 'Say which of these is to be opened'
  const suggestions = offers.map(({ endpoint }) => `play open ${endpoint.name}`)
  throw PlayError.of('USAGE_INVALID', { reason }, suggestions.length === 0 ? {} : { suggestions })
}

/** Name of a pod that is ready now. Throws COMPONENT_UNHEALTHY when there is none. */
async function servingPod(
  client: ClusterClient,
  { namespace, title }: Component,
  { selector }: Endpoint,
  signal: AbortSignal,
): Promise<string> {
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: selector }
  const pod = (await client.list(ref, signal)).find(isReady)
  if (pod !== undefined) return pod.metadata.name
  throw PlayError.of('COMPONENT_UNHEALTHY', { component: title, reason: 'no pod of it is ready', namespace })
}

/** Who may log in, and the password or the command that tells it; nothing where no login is asked for. */
async function credentialsOf(
  client: ClusterClient,
  { component: { namespace }, endpoint: { credentials } }: Offer,
  { withPassword, context }: { readonly withPassword: boolean; readonly context: string },
  signal: AbortSignal,
): Promise<Pick<OpenResult, 'user' | 'password' | 'passwordFrom'>> {
  if (credentials === undefined) return {}
  const { user, secret, key } = credentials
  const passwordFrom = `kubectl --context ${context} --namespace ${namespace} get secret ${secret} --output go-template='{{.data.${key} | base64decode}}'`
  if (!withPassword) return { user, passwordFrom }
  const found = await client.get({ apiVersion: 'v1', kind: 'Secret', namespace, name: secret }, signal)
  const encoded = (found?.['data'] as Readonly<Record<string, string>> | undefined)?.[key]
  // Whoever has changed the password deletes this Secret, as Argo CD's manual says.
  if (encoded === undefined) return { user }
  return { user, password: Buffer.from(encoded, 'base64').toString('utf8') }
}
