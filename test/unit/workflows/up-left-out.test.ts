/** Components that are there by default, and what becomes of them when another one is missing. */
import { beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../../src/sources/kind/program.ts'
import { distribution } from '../../../src/components/registry/distribution.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { runUp } from './verbs.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

const without = ['registry']
const neither = ['git', 'argo-cd', 'argo-workflows']

function warningsOf(title: string): string[] {
  return world
    .eventsOf('warning')
    .map(({ text }) => text)
    .filter((text) => text.startsWith(`${title} is left out`))
}

function lackRegistry(): void {
  const canHaveImage = world.artifacts.canHaveImage.bind(world.artifacts)
  world.artifacts.canHaveImage = (image) =>
    distribution.images?.includes(image) !== true && canHaveImage(image)
}

const namespaceOf = (name: string): unknown =>
  world.cluster('dev').object({ apiVersion: 'v1', kind: 'Namespace', name })

describe('the registry left out by a person', () => {
  test('takes along the builder that nobody asked for, and says so once', async () => {
    expect((await runUp(world, { without })).components).toEqual(neither)
    expect(warningsOf('Registry')).toEqual([])
    expect(warningsOf('BuildKit')).toEqual([
      'BuildKit is left out: it needs registry. To have it: play component add buildkit',
    ])
    world.events.length = 0
    expect((await runUp(world, { without })).changed).toEqual([])
    expect(warningsOf('BuildKit')).toEqual([])
  })

  test('is refused where the builder is asked for', async () => {
    const refusal = { id: 'COMPONENT_NEEDED', exitCode: 4 }
    await expect(runUp(world, { with: ['buildkit'], without })).rejects.toMatchObject(refusal)
    expect(world.states.states.size).toBe(0)
  })

  test('stays in a playground that stands: up only adds', async () => {
    await runUp(world)
    await expect(runUp(world, { without })).rejects.toMatchObject({ id: 'SPEC_CHANGED' })
    expect(namespaceOf('registry')).toBeDefined()
  })
})

describe('the registry that the bundle lacks', () => {
  beforeEach(lackRegistry)

  test('is left out with the builder, and both are told', async () => {
    expect((await runUp(world)).components).toEqual(neither)
    expect(warningsOf('Registry')).toEqual([
      'Registry is left out: the bundle does not hold docker.io/library/registry:3.1.2. To have it: build or pull the bundle again (make bundle), then: play component add registry',
    ])
    expect(warningsOf('BuildKit')).toHaveLength(1)
  })

  test('is not missed where images are pushed elsewhere', async () => {
    const registry = { url: 'https://ghcr.io/me' }
    expect((await runUp(world, { registry })).components).toEqual([...neither, 'buildkit'])
    expect([...warningsOf('Registry'), ...warningsOf('BuildKit')]).toEqual([])
  })
})

test('the image of the operator has to be brought along', async () => {
  await runUp(world)
  expect(warningsOf('Pulumi Operator').join()).toContain('make bundle ARGS="--images DIR", then')
})
