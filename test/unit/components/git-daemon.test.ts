import { expect, test } from 'vitest'
import { createPackageAssets } from '../../../src/adapters/package-assets.ts'
import { gitDaemon } from '../../../src/components/git/git-daemon.ts'
import { argoCd } from '../../../src/components/gitops/argo-cd.ts'
import { transform } from '../../../src/components/install/transform.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import pins from '../../../assets/versions.json' with { type: 'json' }
import { packageRoot } from '../../fakes/fake-ports.ts'

async function objects(): Promise<KubeObject[]> {
  const read = await createPackageAssets(packageRoot).objects('components/git/git-daemon.yaml')
  return transform(read, { component: gitDaemon, root: '01h', adoption: undefined, preloaded: true })
}

interface Container {
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
  readonly securityContext: unknown
}

interface Pod {
  readonly containers: readonly Container[]
  readonly automountServiceAccountToken: boolean
}

async function pod(): Promise<Pod> {
  const deployment = (await objects()).find(({ kind }) => kind === 'Deployment')
  return (deployment?.['spec'] as { template: { spec: Pod } }).template.spec
}

test('the git server is a deployment, two services and a network policy in a namespace of its own', async () => {
  const found = (await objects()).map(({ kind, metadata: { name, namespace } }) => [kind, namespace, name])
  expect(found).toEqual([
    ['Namespace', undefined, 'git'],
    ['Deployment', 'git', 'git'],
    ['Service', 'git', 'git'],
    ['Service', 'git', 'git-push'],
    ['NetworkPolicy', 'git', 'git'],
  ])
})

test('it runs in the image that Argo CD runs in, whose version is pinned', async () => {
  const { reference } = pins.images.find(({ name }) => name === 'argocd') ?? { reference: '' }
  expect(pins.manifests['argo-cd'].version).toBe(`v${argoCd.version}`)
  const { containers } = await pod()
  expect(containers.map(({ name, image }) => [name, image])).toEqual([
    ['git', reference],
    ['push', reference],
    ['push-pipelines', reference],
  ])
})

test('anybody may read, and only who is let in may push', async () => {
  const { containers } = await pod()
  const [read, push, pipelines] = containers.map(({ command }) => command.join(' '))
  expect(read).toContain('--port=9418 --disable=receive-pack --forbid-override=receive-pack')
  expect(push).toContain('--listen=127.0.0.1 --port=9419 --enable=receive-pack')
  expect(pipelines).toContain('--port=9420 --enable=receive-pack')
  const policy = (await objects()).find(({ kind }) => kind === 'NetworkPolicy')
  const { ingress } = policy?.['spec'] as { ingress: readonly { ports: object[]; from?: object[] }[] }
  expect(ingress.map(({ ports, from }) => [ports, from?.length])).toEqual([
    [[{ port: 9418, protocol: 'TCP' }], undefined],
    [[{ port: 9420, protocol: 'TCP' }], 2],
  ])
})

test('its pod may do nothing but serve its folder', async () => {
  const { containers, automountServiceAccountToken } = await pod()
  expect(automountServiceAccountToken).toBe(false)
  for (const { securityContext } of containers)
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    })
})
