import { beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../../src/sources/kind/program.ts'
import { imagesOf } from '../../../src/sources/kind/images.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { runUp } from '../workflows/verbs.ts'

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
    expect((await runUp(world)).changed).not.toContain('cluster.images')
    expect(world.engine.execs.filter(({ command }) => command[0] === 'ctr')).toEqual([])
  })
})

test('the images of a manifest are those of its workloads, start containers included', () => {
  const spec = { template: { spec: { containers: [{ image: 'a' }, {}], initContainers: [{ image: 'b' }] } } }
  const workload = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec }
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [] } }
  expect(
    imagesOf([workload, service, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } }]),
  ).toEqual(['a', 'b'])
})
