/** Plays Argo Workflows' controller for the workflow of `demo hello`: one pod, which a test lets say and do what it likes. */
import type { FakeCluster } from './fake-cluster.ts'
import { argoDefinition } from './demo-stage.ts'
import type { FakeWorld } from './fake-ports.ts'
import { PipelinePodActor, turns } from './pipeline-pods.ts'

const workflows = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace: 'demo-hello' }

/** How it goes. */
export interface HelloScript {
  /** What the pod writes; the message as a whale says it if left out. */
  readonly lines?: readonly string[]
  readonly exitCode?: number
  /** Everything at once, as a watch tells it that was cut for a while. */
  readonly atOnce?: boolean
  /** Its pod writes and goes on until the workflow is told to end. */
  readonly hangs?: boolean
}

interface Spec {
  readonly shutdown?: string
  readonly arguments: { readonly parameters: readonly { readonly name: string; readonly value: string }[] }
}

/** A playground with all that demos need, on whose cluster that workflow is played. */
export async function helloPlayground(
  world: FakeWorld,
  name = 'dev',
  script: HelloScript = {},
): Promise<void> {
  const components = ['git', 'argo-cd', 'argo-workflows', 'registry', 'buildkit']
  const spec = { name, source: 'kind', kubernetesVersion: '1.34.10', nodes: 1, components } as const
  await world.makePlayground(name, { spec })
  playHello(world.cluster(name), script)
}

/** Sets the reactions of a cluster. */
export function playHello(cluster: FakeCluster, script: HelloScript = {}): void {
  cluster.put(argoDefinition('Workflow'))
  cluster.whenApplied('Workflow', ({ metadata: { name }, spec }) => {
    const { arguments: given, shutdown } = spec as Spec
    if (shutdown !== undefined) {
      const status = { phase: 'Failed', message: `Stopped with strategy '${shutdown}'` }
      cluster.setStatus({ ...workflows, name }, status)
      return
    }
    const { parameters } = given
    const valueOf = (wanted: string): string => parameters.find((one) => one.name === wanted)?.value ?? ''
    const { lines = [`< ${valueOf('message')} >`], atOnce = false } = script
    const { exitCode = valueOf('break') === 'yes' ? 3 : 0 } = script
    const acts = actsOf(cluster, name, lines, exitCode).slice(0, script.hangs === true ? -2 : undefined)
    if (atOnce) for (const act of acts) act()
    else void perform(acts)
  })
}

/** Each act a few turns of the event loop after the other, as a controller works. */
async function perform(acts: readonly (() => void)[]): Promise<void> {
  for (const act of acts) {
    await turns()
    act()
  }
}

function actsOf(
  cluster: FakeCluster,
  name: string,
  lines: readonly string[],
  exitCode: number,
): readonly (() => void)[] {
  const labels = { 'workflows.argoproj.io/workflow': name }
  const pod = new PipelinePodActor(cluster, { name, namespace: workflows.namespace, labels }, ['main'])
  const phase = exitCode === 0 ? 'Succeeded' : 'Failed'
  const failed = exitCode === 0 ? {} : { message: `Error (exit code ${String(exitCode)})` }
  const times = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:04Z' }
  const node = { id: name, name, displayName: name, type: 'Pod', phase, ...times, ...failed }
  const running = { ...node, phase: 'Running', message: '', finishedAt: null }
  return [
    () => {
      cluster.setStatus({ ...workflows, name }, { phase: 'Running' })
      pod.create()
    },
    () => {
      pod.start()
      cluster.setStatus({ ...workflows, name }, { phase: 'Running', nodes: { [name]: running } })
    },
    () => {
      pod.write('main', lines)
    },
    () => {
      pod.end('main', { exitCode })
    },
    () => {
      cluster.setStatus({ ...workflows, name }, { phase, ...failed, nodes: { [name]: node } })
    },
  ]
}
