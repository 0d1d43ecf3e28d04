/** The plan of a cluster on kind: what is checked, made and waited for. */
import type { ClusterAccess, KubeObject } from '../../domain/cluster.ts'
import { PlayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/playground.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import type { SourceContext, SourceSteps } from '../../domain/source.ts'
import { defineStep, type Scope, type Step } from '../../engine/step.ts'
import { waitUntil, type Probe } from '../../engine/wait.ts'
import { waitForAccess } from './access.ts'
import { clearStep } from './clear.ts'
import { loadImagesStep, requireImagesStep } from './images.ts'
import { writeNodeFiles } from './node-files.ts'
import type { ClusterSeen } from './ownership.ts'
import { preflightSteps, type Preflight } from './preflight.ts'

/** Path of the playground's own kubeconfig. */
function kubeconfigPath(folder: string): string {
  return `${folder}/kubeconfig`
}

/** Makes the steps. `access` runs beside `stack`: components are applied while kind is still at work. */
export function kindSteps(options: SourceContext, after: readonly Step<unknown>[] = []): SourceSteps {
  const preflight = preflightSteps(options, after)
  const load = loadStep(options, preflight)
  const standing = clearStep(options, preflight)
  const access = accessStep(options, preflight, standing)
  const nodes = nodesStep(options, access)
  const network = networkStep(options, preflight, standing, access, nodes)
  return {
    preflight: [preflight.engine, preflight.seen, preflight.tools, preflight.image, ...preflight.ports],
    requireImages: (manifests) => requireImagesStep(options, preflight, manifests),
    cluster: (after) => {
      const stack = stackStep(options, preflight, standing, [load, ...after])
      return [load, standing, stack, access, nodes]
    },
    access,
    schedulable: nodes,
    network,
    loadImages: (manifests) =>
      loadImagesStep(options, preflight, { manifests, access, which: 'now', after: [] }),
    loadImagesForLater: (manifests, after) =>
      loadImagesStep(options, preflight, { manifests, access, which: 'later', after }),
  }
}

/** Takes a third of a second, which passes while the engine is asked what is there. */
function loadStep({ ports, state }: SourceContext, { engine, tools }: Preflight): Step<object> {
  return defineStep<object>({
    id: 'cluster.load',
    title: 'Load Pulumi',
    after: [engine, tools],
    readOnly: true,
    async run(scope) {
      const stack = await ports.stack(state.spec.name, scope.use(engine), scope.signal)
      // A cluster that was made before probably still stands, and then nothing of Pulumi is needed.
      if ((await stack.resources().catch(() => [])) === undefined) await stack.load()
      return {}
    },
  })
}

function stackStep(
  options: SourceContext,
  preflight: Preflight,
  standing: Step<ClusterSeen>,
  before: readonly Step<unknown>[],
): Step<{ readonly cluster: string }> {
  const { spec } = options.state
  const cluster = clusterName(spec.name)
  return defineStep<{ readonly cluster: string }>({
    id: 'cluster.stack',
    title: `Create the cluster ${cluster}`,
    after: [preflight.engine, standing, preflight.tools, preflight.image, ...preflight.ports, ...before],
    timeoutMs: options.timeoutMs,
    check: (scope) => Promise.resolve(scope.use(standing).is === 'running' ? { cluster } : undefined),
    async run(scope) {
      const seen = scope.use(standing)
      if (seen.is === 'stopped') await startNodes(scope, preflight, seen)
      else await bringUp(scope, options, preflight)
      return { cluster }
    },
  })
}

async function startNodes(
  scope: Scope,
  { engine }: Preflight,
  { containers }: Extract<ClusterSeen, { is: 'running' | 'stopped' }>,
): Promise<void> {
  scope.report.progress('the nodes were stopped; starting them')
  await Promise.all(containers.map(({ id }) => scope.use(engine).startContainer(id, scope.signal)))
}

async function bringUp(scope: Scope, options: SourceContext, preflight: Preflight): Promise<void> {
  const { ports, state } = options
  const { spec } = state
  const states = await ports.states()
  const mounts = await writeNodeFiles(states, state)
  const stack = await ports.stack(spec.name, scope.use(preflight.engine), scope.signal)
  const { kindProgram } = await import('./program.ts')
  const program = kindProgram({
    name: clusterName(spec.name),
    nodes: spec.nodes,
    kubernetesVersion: spec.kubernetesVersion,
    image: scope.use(preflight.image).reference,
    portMappings: spec.ports ?? [],
    mounts,
    containerdConfigPatches: [],
  })
  // The engine saw no cluster: whatever the stack's state still names is gone and must be asked for anew.
  const refresh = ((await stack.resources()) ?? []).length > 0
  await stack.up(program, { signal: scope.signal, report: scope.report, refresh })
}

function accessStep(
  options: SourceContext,
  preflight: Preflight,
  standing: Step<ClusterSeen>,
): Step<ClusterAccess> {
  const { ports, folder, state, timeoutMs, client } = options
  const path = kubeconfigPath(folder)
  return defineStep<ClusterAccess>({
    id: 'cluster.access',
    title: 'Reach the API server',
    after: [preflight.engine, standing],
    timeoutMs,
    async check(scope) {
      if (scope.use(standing).is !== 'running') return undefined
      const access = await (await ports.kubeconfigs()).readOwn(path)
      if (access === undefined) return undefined
      return (await answers(await client(access), scope.signal)) ? access : undefined
    },
    run: (scope) =>
      waitForAccess(
        {
          ports,
          engine: scope.use(preflight.engine),
          name: state.spec.name,
          kubeconfigPath: path,
          timeoutMs,
          client,
        },
        scope,
      ),
    describe: ({ server }) => server,
  })
}

async function answers(client: ClusterClient, signal: AbortSignal): Promise<boolean> {
  try {
    return await client.ready(signal)
  } catch (error) {
    // An address or certificate of a former cluster: the node's own kubeconfig is read again.
    if (error instanceof PlayError) return false
    throw error
  }
}

function nodesStep(options: SourceContext, access: Step<ClusterAccess>): Step<{ readonly nodes: number }> {
  const { nodes } = options.state.spec
  return defineStep<{ readonly nodes: number }>({
    id: 'cluster.nodes',
    title: nodes === 1 ? 'Wait for the node' : `Wait for ${String(nodes)} nodes`,
    after: [access],
    timeoutMs: options.timeoutMs,
    readOnly: true,
    async run(scope) {
      const client = await options.client(scope.use(access))
      const ready = new Set<string>()
      for await (const { type, object } of client.watch({ apiVersion: 'v1', kind: 'Node' }, scope.signal)) {
        if (type !== 'deleted' && isReady(object, nodes)) ready.add(object.metadata.name)
        else ready.delete(object.metadata.name)
        scope.report.progress(`${String(ready.size)} of ${String(nodes)} ready`)
        if (ready.size >= nodes) break
      }
      scope.signal.throwIfAborted()
      return { nodes: ready.size }
    },
    describe: (output) => `${String(output.nodes)} ready`,
  })
}

/** Services have addresses once kube-proxy has written its rules: asked on the node itself, since no object tells. */
function networkStep(
  { ports, state, timeoutMs, client }: SourceContext,
  { engine }: Preflight,
  standing: Step<ClusterSeen>,
  access: Step<ClusterAccess>,
  nodes: Step<unknown>,
): Step<object> {
  return defineStep<object>({
    id: 'cluster.services',
    title: 'Wait for the service network',
    after: [engine, standing, access, nodes],
    timeoutMs,
    readOnly: true,
    async run(scope) {
      const { signal } = scope
      // A node that has run all the time has had its rules for long, and asking takes a second.
      if (scope.use(standing).is === 'running') return {}
      const service = { apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'kubernetes' }
      const found = await (await client(scope.use(access))).get(service, signal)
      const spec = found?.['spec'] as { clusterIP?: string } | undefined
      const node = `${clusterName(state.spec.name)}-control-plane`
      const look = async (): Promise<Probe<object>> => {
        const { exitCode } = await scope.use(engine).exec(node, reaches(spec?.clusterIP ?? ''), signal)
        return exitCode === 0
          ? { done: true, value: {} }
          : { done: false, seen: 'kube-proxy is not done yet' }
      }
      return waitUntil(look, {
        ...{ waitedFor: 'the service network', timeoutMs, intervalMs: 300, signal, clock: ports.clock },
        onChange: (seen) => {
          scope.report.progress(seen)
        },
      })
    },
  })
}

/**
 * Looks for kube-proxy's rule for three seconds, then asks the API by the service's address, which also holds where rules
 * are kept elsewhere. Programs started in the node would take the processor that kube-proxy needs just then.
 */
function reaches(address: string): string[] {
  const rule = `iptables --wait --table nat --list-rules KUBE-SERVICES | grep --quiet -- '-d ${address}/32 '`
  const ask = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf', '--request-timeout', '600ms']
  const script = `for _ in $(seq 30); do ${rule} && exit 0; sleep 0.1; done 2>/dev/null; exec "$@"`
  return ['bash', '-c', script, 'bash', ...ask, '--server', `https://${address}`, 'get', '--raw', '/readyz']
}

const controlPlane = 'node-role.kubernetes.io/control-plane'

/**
 * The node's own word; and for a node that is alone, that kubeadm has ended: it gives the node this label and a taint,
 * and kind then takes the taint away. What is asked of the API before would only keep kubeadm from ending.
 */
function isReady(node: KubeObject, nodes: number): boolean {
  const status = node['status'] as { conditions?: { type: string; status: string }[] } | undefined
  const spec = node['spec'] as { taints?: { key: string }[] } | undefined
  const says = (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True')
  if (nodes > 1) return says
  const marked = node.metadata.labels?.[controlPlane] !== undefined
  return says && marked && !(spec?.taints ?? []).some(({ key }) => key === controlPlane)
}
