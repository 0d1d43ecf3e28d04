import { beforeEach, describe, expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import { kindSource } from '../../../src/sources/kind/index.ts'
import {
  addComponent,
  listComponents,
  removeComponent,
  upgradeComponents,
  type ComponentOptions,
} from '../../../src/workflows/component.ts'
import type { Component } from '../../../src/domain/component.ts'
import type { ComponentRegistry } from '../../../src/domain/component-registry.ts'
import type { UpgradeResult } from '../../../src/domain/results.ts'
import { editPodTemplate } from '../../../src/components/install/transform.ts'
import { up } from '../../../src/workflows/up.ts'
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
    const left = ['git', 'argo-cd', 'registry', 'buildkit']
    expect(result).toMatchObject({ components: left })
    expect(result).toMatchObject({ changed: ['gitops.publish', 'gitops.adopt', 'argo-workflows.remove'] })
    const cluster = world.cluster('dev')
    expect(cluster.object({ apiVersion: 'v1', kind: 'Namespace', name: 'argo' })).toBeUndefined()
    expect(cluster.objects({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argo' })).toEqual([])
    expect(cluster.objects({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argocd' })).toHaveLength(
      1,
    )
    expect(world.states.states.get('dev')?.spec.components).toEqual(left)
    expect((await runUp(world)).changed).toEqual([])
  })

  test('works where nothing keeps the platform in line with git', async () => {
    await runUp(world, { without: ['argo-cd'] })
    expect(await remove('argo-workflows')).toMatchObject({ changed: ['argo-workflows.remove'] })
  })

  test('that is not there changes nothing', async () => {
    await runUp(world)
    expect(await remove('argocd-ui')).toMatchObject({ changed: [] })
  })

  test('is refused when another needs it', async () => {
    online()
    await runUp(world)
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
      components: ['git', 'argo-cd', 'argo-workflows', 'registry', 'buildkit'],
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
  await runUp(world, { without: ['registry', 'buildkit'] })
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

test('the list says which of them a bundle lacks', async () => {
  world.artifacts.images.set('docker.io/pulumi/pulumi-kubernetes-operator:v2.9.0', '/bundle/operator.tar')
  const lacking = (await listComponents('dev', world.ports, componentRegistry)).filter(
    (row) => !row.available,
  )
  expect(lacking.map(({ id }) => id)).toEqual(['tekton'])
  online()
  const rows = await listComponents('dev', world.ports, componentRegistry)
  expect(rows.every(({ available }) => available)).toBe(true)
})

test('the list says which of them a playground has', async () => {
  const there = async (): Promise<string[]> =>
    (await listComponents('dev', world.ports, componentRegistry))
      .filter(({ installed }) => installed)
      .map(({ id }) => id)
  expect(await there()).toEqual([])
  await runUp(world)
  expect(await there()).toEqual(['git', 'argo-cd', 'argo-workflows', 'registry', 'buildkit'])
})

describe('upgrading', () => {
  const argo = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argo', name: 'workflow-controller' }
  const argoCdController = {
    ...argo,
    kind: 'StatefulSet',
    namespace: 'argocd',
    name: 'argocd-application-controller',
  }
  const older = olderRegistry({ 'argo-workflows': '4.0.6', 'argo-cd': '3.5.0' })

  function olderRegistry(versions: Readonly<Record<string, string>>): ComponentRegistry {
    const aged = (component: Component): Component => {
      const version = versions[component.id]
      if (version === undefined) return component
      const mark = (object: Parameters<Component['adjust']>[0]) =>
        editPodTemplate(component.adjust(object), (container) => ({ ...container, env: [{ name: 'OLD' }] }))
      return { ...component, version, adjust: mark }
    }
    const all = componentRegistry.all.map(aged)
    return { ...componentRegistry, all, find: (id) => aged(componentRegistry.find(id)) }
  }

  const upWith = (components: ComponentRegistry) => {
    const asked = { name: 'dev', with: [], without: [], timeoutMs: 60_000, mergeKubeconfig: true, wait: true }
    return world.run(up(asked, world.ports, { source: kindSource, components }, world.session()))
  }
  const upgrade = async (component?: string): Promise<UpgradeResult> => {
    const asked = { name: 'dev', timeoutMs: 60_000, ...(component === undefined ? {} : { component }) }
    const result = await world.run(upgradeComponents(asked, world.ports, registries, world.session()))
    if ('wouldRun' in result) throw new Error('this was a dry run')
    return result
  }
  const isOld = (ref: typeof argo): boolean =>
    JSON.stringify(world.cluster('dev').object(ref)).includes('"OLD"')
  /** Paths that are written or deleted from now on. */
  const listenToGit = (): (() => readonly string[]) => {
    const cluster = world.cluster('dev')
    const answer = cluster.onExec
    const paths: string[] = []
    cluster.onExec = (command) => {
      const stream = command.stdin?.toString() ?? ''
      paths.push(...[...stream.matchAll(/^(?:M 100644 inline|D) (.+)$/gm)].map(([, path = '']) => path))
      return answer(command)
    }
    return () => paths
  }
  const versions = () => world.states.states.get('dev')?.versions

  test('a component leaves all others as they are, and up brings those along', async () => {
    await upWith(older)
    expect(versions()).toMatchObject({ 'argo-workflows': '4.0.6', 'argo-cd': '3.5.0' })
    const published = listenToGit()
    const result = await upgrade('argo-workflows')
    expect(published()).not.toHaveLength(0)
    expect(published().filter((path) => !path.startsWith('platform/argo-workflows/'))).toEqual([])
    expect(result.versions).toEqual([{ id: 'argo-workflows', from: '4.0.6', to: '4.0.7' }])
    expect(result.changed).toEqual(['argo-workflows.start', 'gitops.publish', 'gitops.adopt'])
    expect([isOld(argo), isOld(argoCdController)]).toEqual([false, true])
    expect(versions()).toMatchObject({ 'argo-workflows': '4.0.7', 'argo-cd': '3.5.0' })
    expect((await runUp(world)).changed).toEqual(['argo-cd.start', 'gitops.publish', 'gitops.adopt'])
    expect(isOld(argoCdController)).toBe(false)
    expect((await runUp(world)).changed).toEqual([])
  })

  test('says which version comes after which', async () => {
    await upWith(older)
    await upgrade('argo-workflows')
    const titles = world
      .eventsOf('plan.ready')
      .at(-1)
      ?.steps.map(({ title }) => title)
    expect(titles).toContain('Upgrade Argo Workflows 4.0.6 → 4.0.7')
    expect(titles).not.toContainEqual(expect.stringContaining('Install'))
  })

  test('changes nothing where the version is there already', async () => {
    await runUp(world)
    expect(await upgrade('argo-cd')).toMatchObject({
      changed: [],
      versions: [{ id: 'argo-cd', from: '3.5.1', to: '3.5.1' }],
    })
    expect((await runUp(world)).changed).toEqual([])
  })

  test('all of them is what up does', async () => {
    await upWith(older)
    const { versions: each } = await upgrade()
    expect(each.filter(({ from, to }) => from !== to).map(({ id }) => id)).toEqual([
      'argo-cd',
      'argo-workflows',
    ])
    expect((await runUp(world)).changed).toEqual([])
  })

  test('is refused, before anything is changed, where nobody knows what was published', async () => {
    await upWith(older)
    world.states.files.get('dev')?.delete('published.json')
    await expect(upgrade('argo-workflows')).rejects.toMatchObject({
      ...{ id: 'PUBLISHED_UNKNOWN', exitCode: 4 },
      suggestions: [expect.stringContaining('play up dev') as unknown],
    })
    expect(isOld(argo)).toBe(true)
    expect(world.states.states.get('dev')?.phase).toBe('ready')
    await runUp(world)
    expect(isOld(argo)).toBe(false)
  })

  test('works where nothing keeps the platform in line with git', async () => {
    const asked = {
      name: 'dev',
      with: [],
      without: ['argo-cd'],
      timeoutMs: 60_000,
      mergeKubeconfig: true,
      wait: true,
    }
    await world.run(up(asked, world.ports, { source: kindSource, components: older }, world.session()))
    expect((await upgrade('argo-workflows')).changed).toEqual(['argo-workflows.start'])
  })

  test('one that is not there says how to add it', async () => {
    await runUp(world)
    await expect(upgrade('argocd-ui')).rejects.toMatchObject({
      ...{ id: 'COMPONENT_NEEDED', exitCode: 4 },
      suggestions: ['play component add argocd-ui dev'],
    })
  })

  test('is announced by the list', async () => {
    await upWith(older)
    const row = async (id: string) =>
      (await listComponents('dev', world.ports, componentRegistry)).find((each) => each.id === id)
    expect(await row('argo-workflows')).toMatchObject({ installedVersion: '4.0.6', version: '4.0.7' })
    expect(await row('argocd-ui')).toMatchObject({ installedVersion: null })
    const { versions: unused = {}, ...ofAnOlderPlay } = world.states.states.get('dev') ?? never()
    expect(unused).toHaveProperty('git')
    await world.states.write(ofAnOlderPlay)
    expect(await row('argo-workflows')).toMatchObject({ installed: true, installedVersion: null })
  })
})

function never(): never {
  throw new Error('there is no playground')
}
