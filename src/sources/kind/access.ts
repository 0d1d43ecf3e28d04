/** The way into a kind cluster: read from the node itself as soon as its API answers, while kind is still at work. */
import type { ClusterAccess } from '../../domain/cluster.ts'
import { PlayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/playground.ts'
import type {
  ClusterClient,
  ContainerEngine,
  EngineContainer,
  Kubeconfigs,
  Ports,
} from '../../domain/ports.ts'
import type { Scope } from '../../engine/step.ts'
import { waitUntil, type Probe } from '../../engine/wait.ts'

/** Where kubeadm leaves the administrator's kubeconfig in a control-plane node. */
const adminConf = '/etc/kubernetes/admin.conf'
const apiPort = 6443

/** What finding a way in needs. */
export interface AccessOptions {
  readonly ports: Ports
  readonly engine: ContainerEngine
  readonly name: string
  readonly kubeconfigPath: string
  readonly timeoutMs: number
  readonly client: (access: ClusterAccess) => Promise<ClusterClient>
}

/** Waits for the node, for its API and for our credentials to be accepted; returns the way in. */
export async function waitForAccess(options: AccessOptions, scope: Scope): Promise<ClusterAccess> {
  const { ports, engine, name } = options
  const kubeconfigs = await ports.kubeconfigs()
  const wait = {
    waitedFor: 'the API server',
    timeoutMs: options.timeoutMs,
    signal: scope.signal,
    clock: ports.clock,
    onChange: (seen: string) => {
      scope.report.progress(seen)
    },
  }
  const findPort = async (): Promise<Probe<number>> => {
    const port = publishedPort(await engine.clusterContainers(clusterName(name), scope.signal))
    return port === undefined ? { done: false, seen: 'no node yet' } : { done: true, value: port }
  }
  // Asking the engine costs a tenth of a second of a processor that kind needs just then.
  const port = await waitUntil(findPort, { ...wait, intervalMs: 1000 })
  let access: ClusterAccess | undefined
  const look = async (): Promise<Probe<ClusterAccess>> => {
    // A connection is far cheaper than a command in the node, so that asks first.
    if (!(await ports.loopback.accepts(port, scope.signal)))
      return { done: false, seen: 'the API is not up yet' }
    access ??= await readAccess(options, kubeconfigs, port, scope.signal)
    if (access === undefined) return { done: false, seen: 'no credentials yet' }
    const accepted = await isAccepted(await options.client(access), scope.signal)
    return accepted ? { done: true, value: access } : { done: false, seen: 'the API is starting' }
  }
  return waitUntil(look, { ...wait, intervalMs: 400 })
}

function publishedPort(containers: readonly EngineContainer[]): number | undefined {
  const node = containers.find(({ name, state }) => name.endsWith('-control-plane') && state === 'running')
  return node?.ports.find(({ container }) => container === apiPort)?.host
}

async function readAccess(
  { engine, name, kubeconfigPath }: AccessOptions,
  kubeconfigs: Kubeconfigs,
  port: number,
  signal: AbortSignal,
): Promise<ClusterAccess | undefined> {
  const text = await engine.readFile(`${clusterName(name)}-control-plane`, adminConf, signal)
  if (text === undefined || !text.includes('client-key-data')) return undefined
  const server = `https://127.0.0.1:${String(port)}`
  return kubeconfigs.writeOwn({ text, path: kubeconfigPath, context: clusterName(name), server })
}

/** Ready, and past the moment in which kubeadm has not yet given its own administrator any rights. */
async function isAccepted(client: ClusterClient, signal: AbortSignal): Promise<boolean> {
  if (!(await client.ready(signal))) return false
  try {
    return (
      (await client.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }, signal)) !== undefined
    )
  } catch (error) {
    if (error instanceof PlayError && error.id === 'API_REJECTED') return false
    throw error
  }
}
