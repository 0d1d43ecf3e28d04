/** A stage on which the steps of one component are run as `up` runs them. */
import { createPackageAssets } from '../../src/adapters/package-assets.ts'
import { componentRegistry } from '../../src/components/index.ts'
import type { ClusterAccess, KubeObject } from '../../src/domain/cluster.ts'
import type { Adoption } from '../../src/domain/component.ts'
import { createEmitter, type RunEvent } from '../../src/engine/events.ts'
import { noLedger } from '../../src/engine/ledger.ts'
import { createPlan } from '../../src/engine/plan.ts'
import { runPlan, type RunOutcome } from '../../src/engine/run-plan.ts'
import { defineStep } from '../../src/engine/step.ts'
import { toErrorData } from '../../src/workflows/session.ts'
import { FakeArtifacts } from './fake-artifacts.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeCluster } from './fake-cluster.ts'
import { packageRoot } from './fake-ports.ts'
import { letTimePass } from './let-time-pass.ts'

/** The Deployment of Argo CD, which is what a stage installs unless told otherwise. */
export const server = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'argocd',
  name: 'argocd-server',
}

/** Its StatefulSet. */
export const controller = { ...server, kind: 'StatefulSet', name: 'argocd-application-controller' }

/** A pod of Argo CD, of its Deployment unless it is named otherwise. */
export function pod(status: object, name = 'argocd-server-1', metadata: object = {}): KubeObject {
  const containers = [{ name: 'main', image: 'example.org/server:1' }]
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', spec: { containers }, status },
    metadata: { name, namespace: 'argocd', ...metadata },
  }
}

/** What a test may choose; times in milliseconds. */
export interface InstallChoice {
  readonly wait?: boolean
  readonly timeoutMs?: number
  readonly adoption?: Adoption
}

/** One cluster for a test; runs follow one another in it. */
export class InstallStage {
  readonly cluster = new FakeCluster()
  readonly artifacts = new FakeArtifacts()
  /** Of all runs. */
  readonly events: RunEvent[] = []
  readonly clock = new FakeClock()

  /** Runs the steps of a component. */
  async install(id = 'argo-cd', choice: InstallChoice = {}): Promise<RunOutcome> {
    const { wait = true, timeoutMs = 60_000, adoption } = choice
    const { cluster, clock } = this
    const access = defineStep<ClusterAccess>({
      id: 'access',
      title: 'Reach the API server',
      readOnly: true,
      run: () => Promise.resolve({ kubeconfigPath: '/k', context: 'c', server: cluster.server }),
    })
    const steps = componentRegistry.install(componentRegistry.find(id), {
      ...{ root: '01h', name: 'dev', clock, access, schedulable: access, network: access },
      ...{ adoption, timeoutMs },
      images: () => access,
      required: () => access,
      artifacts: () => Promise.resolve(this.artifacts),
      assets: createPackageAssets(packageRoot),
      client: () => Promise.resolve(cluster),
    })
    const { manifest, apply, start, ready } = steps
    const all = [access, manifest, apply, start, ...(wait ? [ready] : [])]
    const emit = createEmitter({
      ...{ run: 'r', subject: 's', now: () => clock.now() },
      sink: (event) => this.events.push(event),
    })
    const { signal } = new AbortController()
    const plan = createPlan([{ name: 'All', steps: all }])
    return letTimePass(clock, runPlan(plan, { emit, clock, ledger: noLedger, signal, toErrorData }))
  }

  /** Ids of the steps that changed something in a run that must succeed. */
  async changes(id?: string, choice?: InstallChoice): Promise<readonly string[]> {
    const outcome = await this.install(id, choice)
    if (outcome.kind !== 'succeeded') throw new Error(`the run ${outcome.kind}`, { cause: outcome })
    return outcome.changed
  }

  /** Plays the controllers of workloads. */
  rollOut(): void {
    for (const kind of ['Deployment', 'StatefulSet'])
      this.cluster.whenApplied(kind, ({ metadata: { name, namespace = '' } }) => {
        this.cluster.setStatus(
          { apiVersion: 'apps/v1', kind, namespace, name },
          { updatedReplicas: 1, readyReplicas: 1 },
        )
      })
  }

  /** Requests that write, in order. */
  writes(): string[] {
    return this.cluster.calls.filter((call) => /^(apply|patch|create|delete)/.test(call))
  }
}
