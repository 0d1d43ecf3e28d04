import { beforeEach, describe, expect, test } from 'vitest'
import { PlayError } from '../../../src/domain/errors.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { planUp, runUp } from './verbs.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

describe('up refuses', () => {
  test('a cluster of that name that play did not make, and touches nothing', async () => {
    world.engine.addNode('play-dev')
    const before = world.snapshot()
    const error: unknown = await runUp(world).catch((each: unknown) => each)
    expect(error).toMatchObject({ id: 'CLUSTER_FOREIGN', exitCode: 4 })
    expect((error as PlayError).suggestions).toContainEqual(
      expect.stringContaining('kind delete cluster --name play-dev'),
    )
    expect(world.snapshot()).toEqual(before)
    expect(world.engine.changes).toEqual([])
    expect(world.states.journals.size).toBe(0)
  })

  test('a cluster of another user’s playground of the same name', async () => {
    world.engine.addNode('play-dev', {
      mounts: [
        { source: '/home/other/.local/state/play/playgrounds/dev/owner-1', destination: '/kind/play-owner' },
      ],
    })
    await expect(runUp(world)).rejects.toThrow('/home/other/.local/state/play/playgrounds/dev')
    expect(world.engine.changes).toEqual([])
  })

  test('an unknown component, with the nearest name, before it looks at anything', async () => {
    world.engineError = new Error('must not be asked')
    await expect(runUp(world, { with: ['argocd'] })).rejects.toMatchObject({
      id: 'USAGE_UNKNOWN_COMPONENT',
      suggestions: ['Did you mean argo-cd or argocd-ui?'],
    })
  })

  test('a version that is not there, listing those that are, and remembers nothing of it', async () => {
    await expect(runUp(world, { kubernetesVersion: '9.9.9' })).rejects.toMatchObject({
      id: 'USAGE_KUBERNETES_VERSION',
      suggestions: expect.arrayContaining(['Available: 1.34.10, 1.33.4']) as unknown,
    })
    expect(world.states.states.size).toBe(0)
    expect(await planUp(world)).toMatchObject({ name: 'dev' })
  })

  test('to start without an engine', async () => {
    world.engineError = PlayError.of('ENGINE_MISSING', { looked: ['docker', 'podman'] })
    await expect(runUp(world)).rejects.toMatchObject({ id: 'ENGINE_MISSING', exitCode: 3 })
    expect(world.states.states.size).toBe(0)
  })

  test('to load an image where there is no room', async () => {
    world.engine.space = { path: '/var/lib/fake', freeBytes: 1024 ** 3 }
    await expect(runUp(world)).rejects.toMatchObject({ id: 'DISK_FULL', exitCode: 3 })
    expect(world.engine.containers.size).toBe(0)
  })

  test('a port that is taken, before it makes anything', async () => {
    world.engine.addNode('somebody', { ports: [{ container: 80, host: 8080, address: '0.0.0.0' }] })
    const before = world.snapshot()
    const ports = [{ hostPort: 8080, containerPort: 30080 }]
    await expect(runUp(world, { ports })).rejects.toMatchObject({ id: 'PORT_TAKEN', exitCode: 4 })
    expect(world.engine.clusters.has('play-dev')).toBe(false)
    expect({ ...(world.snapshot() as object), images: [] }).toEqual(before)
  })

  test('to work while another play works on the same playground', async () => {
    await world.states.lock('dev', 'play down dev')
    await expect(runUp(world)).rejects.toMatchObject({ id: 'STATE_LOCKED' })
  })

  test('a state that cannot be read', async () => {
    world.states.damaged.add('dev')
    await expect(runUp(world)).rejects.toMatchObject({ id: 'STATE_DAMAGED', exitCode: 4 })
    expect(world.states.writes).toEqual([])
  })
})
