/** Plays Argo Workflows' controller for the workflow of `demo hello`: one pod, which a test lets say and do what it likes. */
import type { FakeCluster } from './fake-cluster.ts'
import { argoDefinition } from './demo-stage.ts'
import { PipelinePodActor, turns } from './pipeline-pods.ts'

const workflows = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace: 'demo-hello' }

/** How it goes. */
export interface HelloScript {
  /** What the pod writes; the message as a whale says it if left out. */
  readonly lines?: readonly string[]
  readonly exitCode?: number
  /** Everything at once, as a watch tells it that was cut for a while. */
  readonly atOnce?: boolean
}

interface Spec {
  readonly arguments: { readonly parameters: readonly { readonly name: string; readonly value: string }[] }
}

/** Sets the reactions of a cluster. */
export function playHello(cluster: FakeCluster, script: HelloScript = {}): void {
  cluster.put(argoDefinition('Workflow'))
  cluster.whenApplied('Workflow', ({ metadata: { name }, spec }) => {
    const { parameters } = (spec as Spec).arguments
    const valueOf = (wanted: string): string => parameters.find((one) => one.name === wanted)?.value ?? ''
    const { lines = [`< ${valueOf('message')} >`], atOnce = false } = script
    const { exitCode = valueOf('break') === 'yes' ? 3 : 0 } = script
    const acts = [...actsOf(cluster, name, lines, exitCode)]
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
  return [
    () => {
      cluster.setStatus({ ...workflows, name }, { phase: 'Running' })
      pod.create()
    },
    () => {
      pod.start()
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
