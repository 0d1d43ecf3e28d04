/** A playground whose images are in a registry of the person's own. */
import { beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../../src/sources/kind/program.ts'
import { buildkit } from '../../../src/components/builder/buildkit.ts'
import { componentRegistry } from '../../../src/components/index.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import { registrySecret } from '../../../src/domain/registry-slot.ts'
import { kindSource } from '../../../src/sources/kind/index.ts'
import { addComponent, removeComponent } from '../../../src/workflows/component.ts'
import { resolveRegistry } from '../../../src/workflows/external-registry.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { planUp, runUp } from './verbs.ts'

const registry = { url: 'https://ghcr.io/me', credentials: '/home/me/config.json' }
const plain = { url: 'http://10.89.0.1:5000/x' }
const secretRef = { apiVersion: 'v1', kind: 'Secret', ...registrySecret }

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
  // Nodes pull for themselves: no bundle lacks an image.
  world.artifacts.bundled = false
  world.engine.images.add('kindest/node:v1.34.10')
})

const secret = (): KubeObject | undefined => world.cluster('dev').object(secretRef)
const builder = (apiVersion: string, kind: string): string =>
  JSON.stringify(world.cluster('dev').object({ apiVersion, kind, namespace: 'buildkit', name: 'buildkit' }))
const options = (component: string): Parameters<typeof addComponent>[0] => ({
  ...{ name: 'dev', component, timeoutMs: 60_000 },
})
const registries = { source: kindSource, components: componentRegistry }

describe('up with a registry of one’s own', () => {
  test('lets the builder push there, and installs no other', async () => {
    const { components, changed } = await runUp(world, { registry })
    expect(components).toContain('buildkit')
    expect(components).not.toContain('registry')
    expect(changed).toContain('registry.access')
    const { id } = world.states.states.get('dev') ?? { id: '' }
    const text = Buffer.from('{"auths":{"ghcr.io":{"auth":"bWU6aHVudGVyMg=="}}}').toString('base64')
    expect(secret()).toMatchObject({
      metadata: { labels: { 'dev.play.component': 'buildkit', 'dev.play.root': id } },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': text },
    })
    expect(registrySecret.namespace).toBe(buildkit.namespace)
    expect(builder('apps/v1', 'Deployment')).toContain('"secretName":"play-registry"')
    expect(builder('v1', 'ConfigMap')).not.toContain('ghcr.io')
    const kept = JSON.stringify([[...world.states.states], [...world.states.files], world.events])
    expect(kept).not.toMatch(/hunter2|bWU6aHVudGVyMg|YldVNmFIVnVkR1Z5TWc/)
  })

  test('a second time changes nothing, and needs not be told again where it is', async () => {
    await runUp(world, { registry })
    expect((await runUp(world)).changed).toEqual([])
    expect(world.states.states.get('dev')?.spec.registry).toEqual(registry)
  })

  test('takes a new token to the cluster, and puts back a deleted one', async () => {
    await runUp(world, { registry })
    world.registryCredentials = () => ({ dockerConfig: '{"auths":{}}', isReadByOthers: false })
    expect((await runUp(world)).changed).toEqual(['registry.access'])
    expect(JSON.stringify(secret())).toContain(Buffer.from('{"auths":{}}').toString('base64'))
    world.cluster('dev').remove(secretRef)
    expect((await runUp(world)).changed).toEqual(['registry.access'])
  })

  test('takes credentials back that another registry does not have', async () => {
    await runUp(world, { registry })
    const { changed } = await runUp(world, { registry: { url: 'https://quay.io/me' } })
    expect(changed).toContain('registry.access')
    expect(secret()).toBeUndefined()
    expect(builder('apps/v1', 'Deployment')).not.toContain('play-registry')
    expect((await runUp(world)).changed).toEqual([])
  })

  test('without a builder has nobody push, and gives it to one that is added', async () => {
    await runUp(world, { registry, without: ['buildkit'] })
    expect(secret()).toBeUndefined()
    await world.run(addComponent(options('buildkit'), world.ports, registries, world.session()))
    expect(secret()).toBeDefined()
    expect(world.states.states.get('dev')?.spec.components).not.toContain('registry')
  })

  test('that is not encrypted is told to nodes and builder, and warned of', async () => {
    await runUp(world, { registry: plain, nodes: 2 })
    expect(secret()).toBeUndefined()
    expect(builder('v1', 'ConfigMap')).toContain('\\n[registry.\\"10.89.0.1:5000\\"]\\n  http = true\\n')
    expect(builder('apps/v1', 'Deployment')).not.toContain('play-registry')
    expect(world.states.files.get('dev')?.get('own-registry-hosts.toml')).toContain(
      '[host."http://10.89.0.1:5000"]',
    )
    const destination = '/etc/containerd/certs.d/10.89.0.1_5000_/hosts.toml'
    const source = '/states/playgrounds/dev/own-registry-hosts.toml'
    for (const { mounts } of world.engine.containers.values())
      expect(mounts).toContainEqual({ source, destination })
    expect(JSON.stringify(world.eventsOf('warning'))).toContain(`${plain.url} is not encrypted`)
  })

  test('warns of credentials that others can read', async () => {
    world.registryCredentials = () => ({ dockerConfig: '{"auths":{}}', isReadByOthers: true })
    await runUp(world, { registry })
    expect(JSON.stringify(world.eventsOf('warning'))).toContain('chmod 600 /home/me/config.json')
  })

  test('whose credentials are not to be had makes no cluster, and changes no playground that is there', async () => {
    const refused = PlayError.of('REGISTRY_CREDENTIALS', { path: '/x', host: 'ghcr.io', reason: 'none' })
    world.registryCredentials = () => {
      throw refused
    }
    await expect(runUp(world, { registry })).rejects.toBe(refused)
    expect(world.engine.containers.size).toBe(0)
    expect(world.states.states.has('dev')).toBe(false)
    await runUp(world)
    await expect(runUp(world, { registry })).rejects.toBe(refused)
    expect(world.states.states.get('dev')).toMatchObject({ phase: 'ready' })
    expect(world.states.states.get('dev')?.spec.registry).toBeUndefined()
  })

  test('takes the place of the one in the cluster, which may go then', async () => {
    await runUp(world)
    await runUp(world, { registry })
    expect(builder('apps/v1', 'Deployment')).toContain('play-registry')
    await world.run(removeComponent(options('registry'), world.ports, registries, world.session()))
    expect(world.states.states.get('dev')?.spec.components).not.toContain('registry')
    const again = world.run(addComponent(options('registry'), world.ports, registries, world.session()))
    await expect(again).rejects.toMatchObject({ id: 'USAGE_INVALID' })
  })

  test('in a dry run writes nothing', async () => {
    const { wouldRun } = await planUp(world, { registry })
    expect(wouldRun).toContain('registry.access')
    expect(world.engine.containers.size).toBe(0)
  })
})

describe('a registry of one’s own on a cluster that stands', () => {
  test('may become another encrypted one', async () => {
    await runUp(world, { registry })
    await runUp(world, { registry: { url: 'https://quay.io/me' } })
    expect(world.states.states.get('dev')?.spec.registry).toEqual({ url: 'https://quay.io/me' })
  })

  test('may have another path', async () => {
    await runUp(world, { registry: plain })
    await runUp(world, { registry: { url: 'http://10.89.0.1:5000/y' } })
    expect(world.states.states.get('dev')?.spec.registry).toEqual({ url: 'http://10.89.0.1:5000/y' })
  })

  test.each([
    [undefined, plain, 'plain-http registry none, not 10.89.0.1:5000'],
    [plain, { url: 'http://10.89.0.2:5000' }, 'plain-http registry 10.89.0.1:5000, not 10.89.0.2:5000'],
    [plain, { url: 'https://10.89.0.1:5000/x' }, 'plain-http registry 10.89.0.1:5000, not none'],
  ])('stays what nodes were told (%j to %j)', async (former, next, message) => {
    await runUp(world, former === undefined ? {} : { registry: former })
    await expect(runUp(world, { registry: next })).rejects.toMatchObject({
      id: 'SPEC_CHANGED',
      message: expect.stringContaining(message) as string,
    })
  })
})

describe('what was asked for', () => {
  test('of one registry says nothing of another', () => {
    expect(resolveRegistry({}, registry)).toEqual({ registry })
    expect(resolveRegistry({ credentials: '/new' }, registry)).toEqual({
      registry: { ...registry, credentials: '/new' },
    })
    expect(resolveRegistry(plain, registry)).toEqual({ registry: plain })
    expect(resolveRegistry(undefined, undefined)).toEqual({})
    expect(() => resolveRegistry({ credentials: '/x' }, undefined)).toThrow('name it with --registry URL')
  })
})
