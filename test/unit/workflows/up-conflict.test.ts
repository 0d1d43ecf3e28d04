import { expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import { kindSource } from '../../../src/sources/kind/index.ts'
import { addComponent } from '../../../src/workflows/component.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { runUp } from './verbs.ts'

test('a component whose place is taken is not added, and the playground stays as it was', async () => {
  const world = new FakeWorld()
  world.artifacts.bundled = false
  world.engine.images.add('kindest/node:v1.34.10')
  await runUp(world, { without: ['registry', 'buildkit'] })
  const cluster = world.cluster('dev')
  const theirs = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'registry' } }
  cluster.put(theirs)
  const before = cluster.calls.length
  const options = { name: 'dev', component: 'registry', timeoutMs: 60_000 }
  const registries = { source: kindSource, components: componentRegistry }
  const adding = world.run(addComponent(options, world.ports, registries, world.session()))
  await expect(adding).rejects.toMatchObject({
    id: 'COMPONENT_CONFLICT',
    exitCode: 4,
    suggestions: ['If it is not needed: kubectl delete namespace registry', 'play up dev --without registry'],
  })
  expect(cluster.calls.slice(before).filter((call) => /^(apply|create|patch|delete)/.test(call))).toEqual([])
  expect(cluster.object({ apiVersion: 'v1', kind: 'Namespace', name: 'registry' })).toMatchObject(theirs)
  expect(world.states.states.get('dev')).toMatchObject({ phase: 'ready' })
  expect((await runUp(world, { without: ['registry'] })).changed).toEqual([])
})
