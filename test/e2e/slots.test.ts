/** Every slot's contract, on a real cluster, for every implementation whose images the bundle has. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClusterClients } from '../../src/adapters/kube/cluster-client.ts'
import { argoApplications } from '../../src/components/gitops/argo-applications.ts'
import { pulumiStacks } from '../../src/components/infrastructure/pulumi-stacks.ts'
import { argoPipelines } from '../../src/components/pipelines/argo-pipelines.ts'
import { tektonPipelines } from '../../src/components/pipelines/tekton-pipelines.ts'
import type { ClusterClient } from '../../src/domain/ports.ts'
import type { UpResult } from '../../src/domain/results.ts'
import { clusterRegistry } from '../../src/domain/registry-slot.ts'
import { gitOpsContract } from '../contract/gitops.contract.ts'
import { infrastructureContract } from '../contract/infrastructure.contract.ts'
import { containerSetContract, pipelinesContract } from '../contract/pipelines.contract.ts'
import { pipelinesWorld } from '../contract/pipelines-worlds.ts'
import { registryContract } from '../contract/registry.contract.ts'
import { repositoriesWorld } from '../contract/repositories-worlds.ts'
import { repositoriesContract } from '../contract/repositories.contract.ts'
import { gitOpsWorld } from './gitops-world.ts'
import { infrastructureWorld } from './infrastructure-world.ts'
import { bundleHolds } from './platform.ts'
import { openSandbox, type Sandbox } from './playground.ts'
import { registryWorld } from './registry-world.ts'

const name = 'slots'
const patience = 120_000
const hasFull = bundleHolds('ghcr.io/tektoncd/pipeline/controller-10a3e32792f33651396d02b6855a6e36')
const hasOperator = bundleHolds('docker.io/pulumi/pulumi-kubernetes-operator')

let sandbox: Sandbox
let client: ClusterClient

beforeAll(async () => {
  sandbox = await openSandbox()
  const extra = hasFull ? ['--with', 'tekton,argocd-ui'] : []
  const { said, document } = await sandbox.json(['up', name, ...extra])
  expect(said, said.stderr).toMatchObject({ exitCode: 0 })
  const { kubeconfig, context, server } = (document as { result: UpResult }).result
  client = await createClusterClients({}).open({ kubeconfigPath: kubeconfig, context, server })
})

afterAll(async () => {
  client.close()
  const down = await sandbox.play(['down', name, '--yes'])
  await sandbox.close()
  expect(down, down.stderr).toMatchObject({ exitCode: 0 })
})

gitOpsContract('Argo CD', () => gitOpsWorld(argoApplications, client))
pipelinesContract('Argo Workflows', () => pipelinesWorld(argoPipelines, client), patience)
containerSetContract('Argo Workflows', () => pipelinesWorld(argoPipelines, client), patience)
repositoriesContract('Repositories of demos', () => Promise.resolve(repositoriesWorld(client)), patience)

if (hasFull) {
  pipelinesContract('Tekton', () => pipelinesWorld(tektonPipelines, client), patience)
  registryContract('The registry in the cluster', () =>
    Promise.resolve(registryWorld(sandbox, clusterRegistry)),
  )

  test('a component that another needs stays, and one that nobody needs goes', async () => {
    expect((await sandbox.play(['component', 'remove', 'registry', name])).exitCode).toBe(4)
    for (const component of ['buildkit', 'registry'])
      expect((await sandbox.play(['component', 'remove', component, name])).exitCode).toBe(0)
  })

  describe('Argo CD UI', () => {
    test('can be opened, with the address alone for scripts', async () => {
      const opened = sandbox.start(['open', 'argocd', '--name', name, '--print'])
      const address = await new Promise<string>((resolve) => {
        opened.stdout.once('data', (chunk: Buffer) => {
          resolve(chunk.toString().trim())
        })
      })
      expect(await (await fetch(`${address}/healthz`)).text()).toContain('ok')
      opened.kill('SIGTERM')
      expect((await opened).exitCode).toBe(143)
    })
  })
}

if (hasOperator) {
  infrastructureContract('The Pulumi operator', () =>
    Promise.resolve(infrastructureWorld(pulumiStacks, client, `play-${name}-control-plane`)),
  )
}

test('everything is healthy and in line with git after all that', async () => {
  const { document } = await sandbox.json(['status', name])
  expect(document).toMatchObject({ ok: true, result: { healthy: true } })
})
