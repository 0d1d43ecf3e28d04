import { beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../../src/sources/kind/program.ts'
import type { PlaygroundState } from '../../../src/domain/playground.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { after, planUp, runDown, runUp } from './verbs.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
  world.kubeconfigs.contexts.set('work', { server: 'https://work.example.org' })
  world.kubeconfigs.current = 'work'
})

function nodes(): string[] {
  return [...world.engine.containers.values()].map(({ name }) => name)
}

function onDisk(name = 'dev'): PlaygroundState {
  const state = world.states.states.get(name)
  if (state === undefined) throw new Error(`there is no state of ${name}`)
  return state
}

/** A run whose process was killed right after that step: nothing that comes after a failure is written. */
async function killedAfter(step: string, options: Parameters<typeof runUp>[1] = {}): Promise<void> {
  const write = world.states.write.bind(world.states)
  const kill = after(step, () => {
    world.states.write = () => Promise.reject(new Error('killed'))
    return Promise.reject(new Error('killed'))
  })
  await expect(runUp(world, options, { afterStep: kill })).rejects.toThrow('killed')
  world.states.write = write
}

/** A run that was killed while kind made the nodes: the first one is there. */
async function killedWhileMaking(nodeCount = 1): Promise<void> {
  world.stack('dev').faults.up = new Error('killed')
  const write = world.states.write.bind(world.states)
  let writes = 0
  world.states.write = (state) => {
    writes += 1
    return writes > 1 ? Promise.reject(new Error('killed')) : write(state)
  }
  await runUp(world, { nodes: nodeCount }).catch(() => undefined)
  world.states.write = write
  world.stack('dev').faults = {}
  expect(onDisk().phase).toBe('creating')
  expect(nodes()).toEqual(['play-dev-control-plane'])
}

describe('[row 1] up after a kill', () => {
  test.each([
    ['and Pulumi knows that it was cut off', (): void => void (world.stack('dev').unfinished = true)],
    ['before Pulumi wrote anything of it', (): void => undefined],
  ])('makes a cluster anew whose making was cut off, %s', async (_when, make) => {
    await killedWhileMaking()
    make()
    world.engine.changes.length = 0
    await runUp(world)
    expect(world.engine.changes).toContain('removeContainer id-of-play-dev-control-plane')
    expect(nodes()).toEqual(['play-dev-control-plane'])
    expect(onDisk().phase).toBe('ready')
    expect((await runUp(world)).changed).toEqual([])
  })

  test('makes all nodes of a cluster that has its first one only', async () => {
    await killedWhileMaking(3)
    await runUp(world)
    expect(nodes()).toEqual(['play-dev-control-plane', 'play-dev-worker', 'play-dev-worker2'])
  })

  test('makes a cluster anew that a down had begun to remove', async () => {
    await runUp(world, { nodes: 2 })
    await world.states.write({ ...onDisk(), phase: 'destroying' })
    world.engine.containers.delete('id-of-play-dev-worker')
    await runUp(world)
    expect(nodes()).toEqual(['play-dev-control-plane', 'play-dev-worker'])
    expect(world.engine.changes).toContain('removeContainer id-of-play-dev-control-plane')
  })

  test('keeps a cluster that was made to its end', async () => {
    await killedAfter('cluster.stack')
    await runUp(world)
    expect(world.engine.changes.filter((change) => change.startsWith('remove'))).toEqual([])
    expect(onDisk().phase).toBe('ready')
  })

  test('removes volumes that had no node yet', async () => {
    await killedWhileMaking()
    world.engine.containers.clear()
    world.engine.volumes.clear()
    world.engine.volumes.add('anonymous')
    world.engine.volumeLabels.set('anonymous', 'play-dev')
    await runUp(world)
    expect(world.engine.changes).toContain('removeVolume anonymous')
    expect(onDisk().phase).toBe('ready')
  })

  test('does not look for volumes where nothing was ever begun', async () => {
    let asked = 0
    const clusterVolumes = world.engine.clusterVolumes.bind(world.engine)
    world.engine.clusterVolumes = (cluster, signal) => {
      asked += 1
      return clusterVolumes(cluster, signal)
    }
    await runUp(world)
    expect(asked).toBe(0)
  })

  test('fails where the half of a cluster does not go, rather than to make another beside it', async () => {
    await killedWhileMaking()
    world.engine.ignored.add('removeContainer')
    await expect(runUp(world)).rejects.toMatchObject({ id: 'ENGINE_FAILED' })
    expect(world.stack('dev').calls).toEqual(['up'])
  })

  test('ends what the former run left running, before it looks at the cluster', async () => {
    await killedWhileMaking()
    world.processTable.start(world.states.folder('dev'), 'pulumi up')
    const running: number[] = []
    const afterStep = after('preflight.name', () => {
      running.push(world.processTable.running.length)
      return Promise.resolve()
    })
    await runUp(world, {}, { afterStep })
    expect(world.processTable.ended).toEqual(['interrupt pulumi up'])
    expect(running).toEqual([0])
    expect(world.eventsOf('plan.ready').at(-1)?.steps[0]?.id).toBe('processes.end')
  })

  test('refuses other wishes while a former engine may still make what was wished for then', async () => {
    await killedWhileMaking()
    world.engine.containers.clear()
    world.processTable.start(world.states.folder('dev'), 'pulumi up')
    await expect(runUp(world, { nodes: 3 })).rejects.toMatchObject({ id: 'SPEC_CHANGED' })
    expect(world.processTable.ended).toEqual([])
  })

  test('changes nothing when it cannot see what runs', async () => {
    await killedWhileMaking()
    world.engine.changes.length = 0
    world.processTable.error = new Error('no /proc')
    await expect(runUp(world)).rejects.toThrow('no /proc')
    expect(world.engine.changes).toEqual([])
  })

  test('says in a dry run what it would end, and ends nothing', async () => {
    await killedWhileMaking()
    world.processTable.start(world.states.folder('dev'), 'pulumi up')
    expect((await planUp(world)).wouldRun).toEqual(expect.arrayContaining(['processes.end', 'cluster.stack']))
    expect(world.processTable.running).toHaveLength(1)
  })
})

describe('a playground that was ready', () => {
  test('keeps its cluster whatever Pulumi says of it', async () => {
    await runUp(world)
    world.stack('dev').state = []
    world.stack('dev').unfinished = true
    await world.states.write({ ...onDisk(), phase: 'failed' })
    await runUp(world)
    expect(world.engine.changes.filter((change) => change.startsWith('remove'))).toEqual([])
    expect(onDisk().phase).toBe('ready')
  })

  test('[row 1] and whose cluster vanished is as new: a making of it that is cut off is made anew', async () => {
    await runUp(world)
    world.engine.containers.clear()
    world.states.writes.length = 0
    world.stack('dev').faults.up = new Error('killed')
    await runUp(world).catch(() => undefined)
    expect(world.states.writes[0]).toMatchObject({ phase: 'creating' })
    expect(world.states.writes[0]?.versions).toBeUndefined()
    world.stack('dev').faults = {}
    world.stack('dev').state = []
    await runUp(world)
    expect(world.engine.changes).toContain('removeContainer id-of-play-dev-control-plane')
    expect(onDisk().phase).toBe('ready')
  })

  test('writes down what is added before it is there', async () => {
    await runUp(world, { without: ['argo-workflows'] })
    world.states.writes.length = 0
    await killedAfter('argo-workflows.apply', { with: ['argo-workflows'] })
    expect(onDisk()).toMatchObject({ phase: 'creating', versions: {} })
    expect(onDisk().spec.components).toContain('argo-workflows')
    await runUp(world)
    expect(onDisk()).toMatchObject({
      phase: 'ready',
      versions: { 'argo-workflows': expect.any(String) as string },
    })
  })

  test('is not written to while nothing changes', async () => {
    await runUp(world)
    world.states.writes.length = 0
    await runUp(world)
    expect(world.states.writes.map(({ phase }) => phase)).toEqual(['ready'])
  })
})

describe('the context', () => {
  test('[row 1] is written down before it is in the kubeconfig, with what was current', async () => {
    const merge = world.kubeconfigs.merge.bind(world.kubeconfigs)
    world.kubeconfigs.merge = (from, beforehand) =>
      merge(from, async (merged) => {
        await beforehand?.(merged)
        expect(onDisk().mergedContext).toEqual({
          path: merged.path,
          context: 'play-dev',
          formerContext: 'work',
        })
        throw new Error('killed')
      })
    await expect(runUp(world)).rejects.toThrow('killed')
    expect(onDisk()).toMatchObject({ phase: 'failed', mergedContext: { formerContext: 'work' } })
  })

  test('[row 1] that a killed run had put there is given back by down', async () => {
    const before = world.kubeconfigs.current
    await killedAfter('cluster.kubeconfig')
    expect(world.kubeconfigs.current).toBe('play-dev')
    await runDown(world)
    expect(world.kubeconfigs.current).toBe(before)
  })

  test('does not stay in a kubeconfig that is no longer used', async () => {
    await runUp(world)
    const removed: string[] = []
    const remove = world.kubeconfigs.remove.bind(world.kubeconfigs)
    world.kubeconfigs.remove = (merged) => {
      removed.push(merged.path)
      return remove(merged)
    }
    await world.states.write({
      ...onDisk(),
      mergedContext: { path: '/old', context: 'play-dev', formerContext: null },
    })
    world.kubeconfigs.contexts.delete('play-dev')
    await runUp(world)
    expect(removed).toEqual(['/old'])
    expect(onDisk().mergedContext?.path).toBe(world.kubeconfigs.path)
  })
})
