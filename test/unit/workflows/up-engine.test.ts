/** What `up` notes of the container engine and of what it shares with others, and what it says after a failure. */
import { beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../../src/sources/kind/program.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import type { PlaygroundState } from '../../../src/domain/playground.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { runDown, runUp } from './verbs.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

function onDisk(name = 'dev'): PlaygroundState {
  const state = world.states.states.get(name)
  if (state === undefined) throw new Error(`there is no state of ${name}`)
  return state
}

describe('the network that all kind clusters share', () => {
  const without = ['git', 'argo-cd', 'argo-workflows', 'registry', 'buildkit']

  test.each([
    ['the first first', ['one', 'two']],
    ['the last first', ['two', 'one']],
  ])('goes with the last of two playgrounds, %s', async (_order, names) => {
    await runUp(world, { name: 'one', without })
    await runUp(world, { name: 'two', without })
    expect(onDisk('two').networkExistedBefore).toBe(false)
    const [first = '', last = ''] = names
    await runDown(world, { name: first })
    expect([...world.engine.networks]).toEqual(['kind'])
    await runDown(world, { name: last })
    expect([...world.engine.networks]).toEqual([])
  })

  test('stays where it was there before the first of them', async () => {
    world.engine.networks.add('kind')
    await runUp(world, { name: 'one', without })
    await runUp(world, { name: 'two', without })
    for (const name of ['one', 'two']) await runDown(world, { name })
    expect([...world.engine.networks]).toEqual(['kind'])
  })

  test('is not forgotten with a first up that made nothing else', async () => {
    const up = world.stack('dev').up.bind(world.stack('dev'))
    world.stack('dev').up = async () => {
      world.engine.networks.add('kind')
      await Promise.resolve()
      throw PlayError.of('PORT_TAKEN', { port: 36443 })
    }
    await expect(runUp(world)).rejects.toMatchObject({ id: 'PORT_TAKEN' })
    expect(onDisk().phase).toBe('failed')
    world.stack('dev').up = up
    await runDown(world)
    expect([...world.engine.networks]).toEqual([])
  })
})

describe('the container engine', () => {
  test('is on disk, with its identity, before anything is made', async () => {
    await runUp(world)
    expect(world.states.writes[0]).toMatchObject({
      phase: 'creating',
      engine: 'podman',
      engineIdentity: 'fake-engine',
    })
  })

  test('is the recorded one where there are two', async () => {
    await runUp(world)
    const { engine } = world.ports
    const asked: unknown[] = []
    const ports = world.ports as { engine: typeof engine }
    ports.engine = (signal, only) => {
      asked.push(only)
      return engine(signal, only)
    }
    await runUp(world)
    expect(asked.length).toBeGreaterThan(0)
    expect(new Set(asked)).toEqual(new Set(['podman']))
  })

  test('[row 26] that is another one is refused: a later look at it would not see what the first one holds', async () => {
    await runUp(world)
    const former = onDisk()
    const standing = [...world.engine.containers]
    world.engine.containers.clear()
    world.engine.id = 'another'
    await expect(runUp(world)).rejects.toMatchObject({ id: 'ENGINE_CHANGED', exitCode: 10 })
    expect(onDisk()).toEqual(former)
    for (const [id, node] of standing) world.engine.containers.set(id, node)
    world.engine.id = 'fake-engine'
    await runUp(world)
    expect(world.engine.changes.filter((change) => change.startsWith('remove'))).toEqual([])
  })
})

describe('[row 42] a failure', () => {
  test('names the commands that go on and clean up', async () => {
    world.stack('dev').faults.up = PlayError.of('KIND_FAILED', { what: 'make the cluster: x', name: 'dev' })
    const error = await runUp(world).catch((each: unknown) => each)
    expect((error as PlayError).suggestions).toEqual(expect.arrayContaining(['play up dev', 'play down dev']))
    expect(world.eventsOf('run.failed')[0]?.error.suggestions).toContain('play up dev')
  })

  test('before anything was begun does not', async () => {
    world.artifacts.missing.add('kind')
    const error = await runUp(world).catch((each: unknown) => each)
    expect((error as PlayError).suggestions).not.toContain('play down dev')
  })
})
