import { beforeEach, describe, expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import { kindSource } from '../../../src/sources/kind/index.ts'
import {
  addComponent,
  listComponents,
  removeComponent,
  type ComponentOptions,
} from '../../../src/workflows/component.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { runUp } from './verbs.ts'

const registries = { source: kindSource, components: componentRegistry }
let world: FakeWorld

beforeEach(() => {
  world = new FakeWorld()
})

function options(component: string): ComponentOptions {
  return { name: 'dev', component, timeoutMs: 60_000 }
}

function remove(component: string): ReturnType<typeof removeComponent> {
  return world.run(removeComponent(options(component), world.ports, registries, world.session()))
}

/** Nodes pull for themselves: no bundle lacks an image. */
function online(): void {
  world.artifacts.bundled = false
  world.engine.images.add('kindest/node:v1.34.10')
}

describe('removing a component', () => {
  test('takes it out of git first, and then everything of it out of the cluster', async () => {
    await runUp(world)
    const result = await remove('argo-workflows')
    expect(result).toMatchObject({ components: ['git', 'argo-cd'] })
    expect(result).toMatchObject({ changed: ['gitops.publish', 'gitops.adopt', 'argo-workflows.remove'] })
    const cluster = world.cluster('dev')
    expect(cluster.object({ apiVersion: 'v1', kind: 'Namespace', name: 'argo' })).toBeUndefined()
    expect(cluster.objects({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argo' })).toEqual([])
    expect(cluster.objects({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argocd' })).toHaveLength(
      1,
    )
    expect(world.states.states.get('dev')?.spec.components).toEqual(['git', 'argo-cd'])
    expect((await runUp(world)).changed).toEqual([])
  })

  test('works where nothing keeps the platform in line with git', async () => {
    await runUp(world, { without: ['argo-cd'] })
    expect(await remove('argo-workflows')).toMatchObject({ changed: ['argo-workflows.remove'] })
  })

  test('that is not there changes nothing', async () => {
    await runUp(world)
    expect(await remove('registry')).toMatchObject({ changed: [] })
  })

  test('is refused when another needs it', async () => {
    online()
    await runUp(world, { with: ['buildkit'] })
    await expect(remove('registry')).rejects.toMatchObject({ id: 'COMPONENT_IN_USE', exitCode: 4 })
    await remove('buildkit')
    expect(await remove('registry')).toMatchObject({
      components: ['git', 'argo-cd', 'argo-workflows', 'pulumi-operator'],
    })
  })

  test('is refused while there are objects that only it can undo', async () => {
    online()
    await runUp(world)
    const stack = { apiVersion: 'pulumi.com/v1', kind: 'Stack', namespace: 'default', name: 'site' }
    const { apiVersion, kind, ...metadata } = stack
    world.cluster('dev').put({ apiVersion, kind, metadata })
    const refusal = { id: 'COMPONENT_HOLDS', exitCode: 4 }
    await expect(remove('pulumi-operator')).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining('Stack default/site') as unknown,
    })
    world.cluster('dev').remove(stack)
    expect(await remove('pulumi-operator')).toMatchObject({
      components: ['git', 'argo-cd', 'argo-workflows'],
    })
  })

  test.each(['git', 'argo-cd'])('is refused for %s, on which the platform stands', async (component) => {
    await runUp(world)
    await expect(remove(component)).rejects.toMatchObject({ id: 'COMPONENT_IN_USE' })
  })

  test('needs a playground and a known component', async () => {
    await expect(remove('argo-workflows')).rejects.toMatchObject({ id: 'PLAYGROUND_NOT_FOUND' })
    await expect(remove('argo')).rejects.toMatchObject({ id: 'USAGE_UNKNOWN_COMPONENT' })
  })
})

test('adding a component adds what it needs', async () => {
  online()
  await runUp(world)
  const adding = addComponent(options('buildkit'), world.ports, registries, world.session())
  expect(await world.run(adding)).toMatchObject({
    components: ['git', 'argo-cd', 'argo-workflows', 'pulumi-operator', 'registry', 'buildkit'],
  })
})

test('a component that shares a namespace comes and goes without it', async () => {
  online()
  await runUp(world, { with: ['argocd-ui'] })
  const cluster = world.cluster('dev')
  const deployments = (): string[] =>
    cluster
      .objects({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argocd' })
      .map(({ metadata }) => metadata.name)
  expect(deployments()).toContain('argocd-server')
  expect(deployments()).not.toContain('argocd-dex-server')
  await remove('argocd-ui')
  expect(cluster.object({ apiVersion: 'v1', kind: 'Namespace', name: 'argocd' })).toBeDefined()
})

test('the list says which of them a playground has', async () => {
  const there = async (): Promise<string[]> =>
    (await listComponents('dev', world.ports, componentRegistry))
      .filter(({ installed }) => installed)
      .map(({ id }) => id)
  expect(await there()).toEqual([])
  await runUp(world)
  expect(await there()).toEqual(['git', 'argo-cd', 'argo-workflows'])
})
