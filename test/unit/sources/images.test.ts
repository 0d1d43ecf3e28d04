import { beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../../src/sources/kind/program.ts'
import { imagesOf } from '../../../src/sources/kind/images.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { planUp, runUp } from '../workflows/verbs.ts'

const server = 'quay.io/example/argocd-server:latest'
let world: FakeWorld

/** What each node's containerd holds. */
let held: Map<string, Set<string>>

beforeEach(() => {
  world = new FakeWorld()
  held = new Map()
  world.artifacts.images.set(server, '/bundle/argocd.tar')
  world.engine.onExec = ({ container, command, inputFile }) => {
    const images = held.get(container) ?? new Set<string>()
    held.set(container, images)
    if (command.includes('import') && inputFile === '/bundle/argocd.tar') images.add(server)
    return { exitCode: 0, stdout: command.includes('list') ? [...images].join('\n') : '', stderr: '' }
  }
})

function imports(): string[] {
  return world.engine.execs
    .filter(({ command }) => command.includes('import'))
    .map(({ container }) => container)
}

describe('images of a bundle', () => {
  test('are loaded into every node, once', async () => {
    expect((await runUp(world, { nodes: 2 })).changed).toContain('cluster.images')
    expect(imports()).toEqual(['play-dev-control-plane', 'play-dev-worker'])
    expect((await runUp(world)).changed).toEqual([])
    expect(imports()).toHaveLength(2)
  })

  test('are loaded again into the node that lost them', async () => {
    await runUp(world, { nodes: 2 })
    held.get('play-dev-worker')?.clear()
    expect((await runUp(world)).changed).toEqual(['cluster.images'])
    expect(imports().slice(2)).toEqual(['play-dev-worker'])
  })

  test('that cannot be loaded are an error with the node’s words', async () => {
    const exec = world.engine.onExec
    world.engine.onExec = (asked) =>
      asked.command.includes('import')
        ? { exitCode: 1, stdout: '', stderr: 'ctr: no space left' }
        : exec?.(asked)
    await expect(runUp(world)).rejects.toMatchObject({ id: 'ENGINE_FAILED', details: ['ctr: no space left'] })
  })

  test('are nobody’s concern where nodes pull for themselves', async () => {
    world.artifacts.images.clear()
    world.artifacts.bundled = false
    world.engine.images.add('kindest/node:v1.34.10')
    expect((await runUp(world)).changed).not.toContain('cluster.images')
    expect(world.engine.execs.filter(({ command }) => command[0] === 'ctr')).toEqual([])
  })
})

const controller = 'ghcr.io/tektoncd/pipeline/controller-10a3e32792f33651396d02b6855a6e36:v1.0.0'
const refusal = {
  id: 'BUNDLE_LACKS_IMAGE',
  exitCode: 8,
  message: `The bundle does not hold the image ${controller}, which the component tekton runs`,
  suggestions: ['From a checkout: make bundle PROFILE=full', 'play up dev --without tekton'],
}

describe('a component whose image is not in the bundle', () => {
  beforeEach(() => {
    const image = 'ko://github.com/tektoncd/pipeline/cmd/controller'
    const spec = { replicas: 1, template: { spec: { containers: [{ name: 'controller', image }] } } }
    const metadata = { name: 'tekton-pipelines-controller' }
    world.artifacts.manifests.set('tekton', [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tekton-pipelines' } },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec },
    ])
  })

  test('is refused before anything is made, and nothing is remembered of it', async () => {
    await expect(runUp(world, { with: ['tekton'] })).rejects.toMatchObject(refusal)
    expect(world.engine.containers.size).toBe(0)
    expect(world.stack('dev').calls.filter((call) => call.startsWith('up'))).toEqual([])
    expect(world.states.states.size).toBe(0)
    const stack = world.eventsOf('plan.ready')[0]?.steps.find(({ id }) => id === 'cluster.stack')
    expect(stack?.after).toContain('preflight.images')
  })

  test('is refused in the same words where nothing can be downloaded', async () => {
    world.artifacts.image = (reference) =>
      reference === controller
        ? Promise.reject(PlayError.of('ARTIFACT_MISSING', { artifact: reference, bundle: '/bundle' }))
        : Promise.resolve(world.artifacts.images.get(reference))
    await expect(runUp(world, { with: ['tekton'] })).rejects.toMatchObject(refusal)
  })

  test('is refused by a dry run too', async () => {
    await expect(planUp(world, { with: ['tekton'] })).rejects.toMatchObject(refusal)
  })

  test('does not stay wanted in a playground that runs', async () => {
    await runUp(world)
    const before = world.snapshot()
    await expect(runUp(world, { with: ['tekton'] })).rejects.toMatchObject(refusal)
    expect(world.snapshot()).toEqual(before)
    expect((await runUp(world)).changed).toEqual([])
  })

  test('is fine where every node holds the image already', async () => {
    await runUp(world, { nodes: 2 })
    held.get('play-dev-control-plane')?.add(controller)
    await expect(runUp(world, { with: ['tekton'] })).rejects.toMatchObject(refusal)
    held.get('play-dev-worker')?.add(controller)
    expect((await runUp(world, { with: ['tekton'] })).changed).toEqual(
      expect.arrayContaining(['tekton.apply', 'tekton.start', 'gitops.publish', 'gitops.adopt']),
    )
  })

  test('is pulled by the nodes where there is no bundle', async () => {
    world.artifacts.bundled = false
    world.engine.images.add('kindest/node:v1.34.10')
    expect((await runUp(world, { with: ['tekton'] })).components).toContain('tekton')
  })
})

test('the images of a manifest are those of its workloads, start containers and told ones included', () => {
  const args = ['--executor-image', 'c', '--executor-image-pull-policy', 'IfNotPresent']
  const containers = [{ image: 'a', args }, {}]
  const spec = { template: { spec: { containers, initContainers: [{ image: 'b' }] } } }
  const workload = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec }
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [] } }
  expect(
    imagesOf([workload, service, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } }]),
  ).toEqual(['a', 'c', 'b'])
})
