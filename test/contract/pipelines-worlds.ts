/** The worlds in which the contract of pipelines is held. */
import { createPackageAssets } from '../../src/adapters/package-assets.ts'
import { argoPipelines } from '../../src/components/pipelines/argo-pipelines.ts'
import { tektonPipelines } from '../../src/components/pipelines/tekton-pipelines.ts'
import type { Pipelines } from '../../src/domain/pipelines.ts'
import type { ClusterClient } from '../../src/domain/ports.ts'
import { playArgoWorkflows } from '../fakes/fake-argo-workflows.ts'
import { FakeCluster } from '../fakes/fake-cluster.ts'
import { packageRoot } from '../fakes/fake-ports.ts'
import { playTekton } from '../fakes/fake-tekton.ts'
import type { PipelinesWorld } from './pipelines.contract.ts'

const kinds: Readonly<Record<string, { readonly apiVersion: string; readonly kind: string }>> = {
  workflow: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' },
  pipelinerun: { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun' },
}

/** Any cluster, real or not, with the product in it; whoever opened the client closes it. */
export async function pipelinesWorld(pipelines: Pipelines, client: ClusterClient): Promise<PipelinesWorld> {
  const { signal } = new AbortController()
  const assets = createPackageAssets(packageRoot)
  for (const object of await assets.objects(`demos/hello/${pipelines.dialect}/access.yaml`))
    await client.apply(object, signal)
  return {
    pipelines,
    client,
    remove: async (run) => {
      const kind = kinds[pipelines.resource]
      if (kind === undefined) throw new Error(`${pipelines.resource} is not known`)
      await client.delete({ ...kind, ...run }, signal)
    },
    end: () => Promise.resolve(),
  }
}

/** A cluster in memory with a controller that plays what Argo Workflows tells. */
export function fakeArgoWorld(): Promise<PipelinesWorld> {
  const cluster = new FakeCluster()
  playArgoWorkflows(cluster)
  return pipelinesWorld(argoPipelines, cluster)
}

/** The same for Tekton. */
export function fakeTektonWorld(): Promise<PipelinesWorld> {
  const cluster = new FakeCluster()
  playTekton(cluster)
  return pipelinesWorld(tektonPipelines, cluster)
}
