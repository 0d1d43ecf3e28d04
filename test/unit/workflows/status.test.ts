import { beforeEach, describe, expect, test, vi } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import type { Status } from '../../../src/domain/results.ts'
import { kindSource } from '../../../src/sources/kind/index.ts'
import { list, status } from '../../../src/workflows/status.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'

let world: FakeWorld
const { signal } = new AbortController()

beforeEach(() => {
  world = new FakeWorld()
})

function look(name = 'dev'): Promise<Status> {
  return status(name, world.ports, { source: kindSource, components: componentRegistry }, signal)
}

const workflows = { name: 'dev', source: 'kind', kubernetesVersion: '1.34.10', nodes: 1 } as const

/** Puts the workload of Argo Workflows there, ready or not. */
function putController(ready: number): void {
  const cluster = world.cluster('dev')
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argo' } })
  cluster.put({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'workflow-controller',
      namespace: 'argo',
      labels: { 'dev.play.component': 'argo-workflows' },
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { replicas: 1, selector: { matchLabels: { app: 'controller' } } },
    status: { updatedReplicas: 1, readyReplicas: ready },
  })
  cluster.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'controller-1', namespace: 'argo', labels: { app: 'controller' } },
    spec: { containers: [{ name: 'main', resources: { requests: { memory: '64Mi' } } }] },
  })
  cluster.memory = [{ namespace: 'argo', name: 'controller-1', usedBytes: 1000 }]
}

/** Puts an Application there that could not be compared. */
function putApplication(name: string, sync: string, message: string): void {
  const cluster = world.cluster('dev')
  const group = 'argoproj.io'
  const names = { kind: 'Application', plural: 'applications' }
  cluster.put({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `applications.${group}` },
    spec: { group, scope: 'Namespaced', names, versions: [{ name: 'v1alpha1' }] },
  })
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } })
  cluster.put({
    apiVersion: `${group}/v1alpha1`,
    kind: 'Application',
    metadata: { name, namespace: 'argocd' },
    status: { sync: { status: sync }, conditions: [{ type: 'ComparisonError', message }] },
  })
}

describe('status', () => {
  test('of a healthy playground tells all about it', async () => {
    const { createdAt } = await world.makePlayground('dev', {
      spec: { ...workflows, components: ['argo-workflows'] },
    })
    putController(1)
    expect(await look()).toEqual({
      name: 'dev',
      phase: 'ready',
      healthy: true,
      kubernetesVersion: '1.34.10',
      nodes: 1,
      engine: 'podman',
      context: 'play-dev',
      kubeconfig: '/states/playgrounds/dev/kubeconfig',
      server: 'https://127.0.0.1:36443',
      createdAt,
      expiresAt: null,
      cluster: { status: 'healthy', reason: '' },
      git: null,
      components: [
        {
          ...{
            id: 'argo-workflows',
            title: 'Argo Workflows',
            version: '4.0.7',
            status: 'healthy',
            reason: '',
          },
          createdAt: '2026-01-01T00:00:00Z',
          memory: { requestedBytes: 64 * 2 ** 20, usedBytes: 1000 },
        },
      ],
      endpoints: [],
      ports: [],
    })
  })

  test('says what can be opened, and which ports of the node are published', async () => {
    const ports = [{ hostPort: 8080, containerPort: 30_080 }]
    await world.makePlayground('dev', { spec: { ...workflows, components: ['git', 'registry'], ports } })
    const { endpoints, ports: published } = await look()
    expect(endpoints).toMatchObject([
      { name: 'git', scheme: 'git', component: 'git' },
      { name: 'registry', scheme: 'http', component: 'registry' },
    ])
    expect(published).toEqual(ports)
  })

  test('goes without what pods use where nodes do not tell', async () => {
    await world.makePlayground('dev', { spec: { ...workflows, components: ['argo-workflows'] } })
    putController(1)
    const refused = { object: "the nodes' statistics", reason: 'error dialing the kubelet' }
    world.cluster('dev').fail('podMemory', PlayError.of('API_REJECTED', refused))
    const { healthy, components } = await look()
    expect(healthy).toBe(true)
    expect(components[0]?.memory).toEqual({ requestedBytes: 64 * 2 ** 20 })
  })

  test('tells what is wrong with the list of applications, in the words of who compares it', async () => {
    await world.makePlayground('dev', { spec: { ...workflows, components: ['argo-cd'] } })
    const reason = 'Failed to unmarshal "git.yaml": error converting YAML to JSON: yaml: line 3: no mapping'
    putApplication('playground', 'Unknown', `rpc error: code = Unknown desc = ${reason}`)
    putApplication('argo-cd', 'OutOfSync', reason)
    const { git, components } = await look()
    expect(git).toEqual({ sync: 'unknown', reason })
    expect(components.find(({ id }) => id === 'argo-cd')).toMatchObject({ sync: 'out-of-sync', reason })
  })

  test('asks engine and API at the same time', async () => {
    await world.makePlayground('dev', { spec: { ...workflows, components: ['argo-workflows'] } })
    const { calls } = world.cluster('dev')
    const observe: typeof kindSource.observe = async (...args) => {
      await vi.waitFor(() => {
        expect(calls).toEqual(expect.arrayContaining(['ready', 'podMemory', 'list Pod', 'list Deployment']))
      })
      return kindSource.observe(...args)
    }
    const parts = { source: { ...kindSource, observe }, components: componentRegistry }
    expect(await status('dev', world.ports, parts, signal)).toMatchObject({ cluster: { status: 'healthy' } })
  })

  test('changes nothing', async () => {
    await world.makePlayground('dev')
    const before = world.snapshot()
    await look()
    expect(world.snapshot()).toEqual(before)
    expect(world.states.writes).toHaveLength(1)
  })

  test.each<[string, () => void, string, string]>([
    [
      'a workload that is not ready',
      () => {
        putController(0)
      },
      'progressing',
      'workflow-controller 0/1 ready',
    ],
    ['a component that is not there', () => undefined, 'missing', ''],
  ])('says why %s is not healthy', async (_what, prepare, health, reason) => {
    await world.makePlayground('dev', { spec: { ...workflows, components: ['argo-workflows'] } })
    prepare()
    const { healthy, cluster, components } = await look()
    expect(healthy).toBe(false)
    expect(cluster.status).toBe('healthy')
    expect(components[0]).toMatchObject({ status: health, reason })
  })

  test.each<[string, () => void, object]>([
    [
      'is gone',
      () => {
        world.engine.containers.clear()
      },
      { status: 'missing', reason: 'the cluster is gone' },
    ],
    [
      'was stopped',
      () => {
        for (const [id, node] of world.engine.containers)
          world.engine.containers.set(id, { ...node, state: 'exited' })
      },
      { status: 'unhealthy', reason: 'the cluster is stopped' },
    ],
    [
      'is somebody else’s now',
      () => {
        world.engine.containers.clear()
        world.engine.addNode('play-dev')
      },
      { status: 'unhealthy', reason: 'the cluster is foreign' },
    ],
    [
      'has no kubeconfig',
      () => {
        world.kubeconfigs.own.clear()
      },
      { status: 'unhealthy', reason: 'there is no kubeconfig for it' },
    ],
    [
      'does not answer',
      () => {
        world.cluster('dev').isReady = false
      },
      { status: 'unhealthy', reason: 'its API does not answer' },
    ],
  ])('says that a cluster %s, and claims nothing of its components', async (_what, happen, cluster) => {
    await world.makePlayground('dev', { spec: { ...workflows, components: ['argo-cd'] } })
    happen()
    expect(await look()).toMatchObject({
      healthy: false,
      cluster,
      components: [{ id: 'argo-cd', status: 'unknown', reason: 'the cluster does not answer' }],
    })
  })

  test('of a name that does not exist names those that do', async () => {
    await world.makePlayground('workshop')
    await expect(look('dev')).rejects.toMatchObject({
      id: 'PLAYGROUND_NOT_FOUND',
      exitCode: 4,
      suggestions: ['There are: workshop', 'play up dev'],
    })
  })

  test('is an error where the state cannot be read or no engine answers, never "gone"', async () => {
    await world.makePlayground('dev')
    world.engineError = PlayError.of('ENGINE_MISSING', { looked: ['podman'] })
    await expect(look()).rejects.toMatchObject({ id: 'ENGINE_MISSING' })
    world.engineError = undefined
    world.engine.failWith = PlayError.of('ENGINE_DOWN', { engine: 'podman' })
    await expect(look()).rejects.toMatchObject({ id: 'ENGINE_DOWN' })
    world.states.damaged.add('dev')
    await expect(look()).rejects.toMatchObject({ id: 'STATE_DAMAGED' })
  })
})

describe('list', () => {
  test('is empty where there is nothing, and asks no engine', async () => {
    world.engineError = new Error('must not be asked')
    expect(await list(world.ports, kindSource, signal)).toEqual([])
  })

  test('has one row for each playground, as its cluster stands', async () => {
    await world.makePlayground('one')
    await world.makePlayground('two', { phase: 'failed' })
    world.engine.containers.delete('id-of-play-two-control-plane')
    expect(await list(world.ports, kindSource, signal)).toMatchObject([
      { name: 'one', phase: 'ready', cluster: 'running', kubernetesVersion: '1.34.10', nodes: 1 },
      { name: 'two', phase: 'failed', cluster: 'absent' },
    ])
  })

  test('has a row for a damaged one too, and for one without a state', async () => {
    await world.makePlayground('one')
    await world.states.writePrivate('empty', 'owner-1', '')
    world.states.damaged.add('broken')
    const rows = await list(world.ports, kindSource, signal)
    expect(rows.map(({ name, phase, cluster }) => [name, phase, cluster])).toEqual([
      ['broken', 'damaged', 'unknown'],
      ['empty', 'damaged', 'unknown'],
      ['one', 'ready', 'running'],
    ])
  })

  test('says unknown where no engine answers', async () => {
    await world.makePlayground('dev')
    world.engineError = PlayError.of('ENGINE_MISSING', { looked: ['podman'] })
    expect(await list(world.ports, kindSource, signal)).toMatchObject([
      { name: 'dev', phase: 'ready', cluster: 'unknown' },
    ])
  })
})
