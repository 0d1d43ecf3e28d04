import { beforeEach, describe, expect, test } from 'vitest'
import type { Orphan } from '../../../src/domain/source.ts'
import type { Scope } from '../../../src/engine/step.ts'
import { kindSource } from '../../../src/sources/kind/index.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { RecordingReporter } from '../../fakes/recording-reporter.ts'

const never = new AbortController().signal
const scope: Scope = {
  signal: never,
  report: new RecordingReporter(),
  use: () => {
    throw new Error('no step comes before')
  },
}

let world: FakeWorld
/** Folders that are there. */
let folders: Set<string>

beforeEach(async () => {
  world = new FakeWorld()
  world.engine.keepsVolumes = true
  await world.makePlayground('lost')
  await world.makePlayground('dev')
  folders = new Set(['/states/playgrounds/dev'])
})

function orphans(): Promise<readonly Orphan[]> {
  return kindSource.orphans(world.ports, (folder) => Promise.resolve(folders.has(folder)), never)
}

describe('[row 25] an orphan', () => {
  test('is a cluster with our mark whose folder is gone', async () => {
    expect(await orphans()).toEqual([
      {
        name: 'lost',
        cluster: 'play-lost',
        folder: '/states/playgrounds/lost',
        containers: ['play-lost-control-plane'],
        createdAt: '2026-01-01T00:00:00.000Z',
      },
    ])
  })

  test.each([
    ['has no mark', {}],
    ['bears the mark of another name', { mounts: [mark('/states/playgrounds/other')] }],
  ])('is no cluster of our name that %s', async (_what, node) => {
    world.engine.addNode('play-alike', node)
    expect((await orphans()).map(({ name }) => name)).toEqual(['lost'])
  })

  test('is no cluster of which one node is somebody else’s', async () => {
    world.engine.addNode('play-lost', { name: 'play-lost-worker', id: 'worker' })
    expect(await orphans()).toEqual([])
  })

  test('goes with its volumes, and nothing else does', async () => {
    world.engine.volumes.add('labelled')
    world.engine.volumeLabels.set('labelled', 'play-lost')
    const [orphan] = await orphans()
    await kindSource.removeOrphan(orphan ?? fail(), world.ports, scope)
    expect([...world.engine.containers.values()].map(({ name }) => name)).toEqual(['play-dev-control-plane'])
    expect([...world.engine.volumes]).toEqual(['volume-of-play-dev'])
    expect(await orphans()).toEqual([])
  })

  test('that somebody else’s cluster has replaced meanwhile is left alone', async () => {
    const [orphan] = await orphans()
    world.engine.containers.delete('id-of-play-lost-control-plane')
    world.engine.addNode('play-lost')
    const removal = kindSource.removeOrphan(orphan ?? fail(), world.ports, scope)
    await expect(removal).rejects.toMatchObject({ id: 'CLUSTER_FOREIGN' })
    expect(world.engine.changes).toEqual([])
  })

  test('that does not go is told as left', async () => {
    const [orphan] = await orphans()
    world.engine.ignored.add('removeContainer')
    world.engine.removeVolume = () => Promise.resolve()
    const removal = kindSource.removeOrphan(orphan ?? fail(), world.ports, scope)
    await expect(removal).rejects.toMatchObject({
      id: 'LEFTOVERS_FOUND',
      details: ['play-lost-control-plane', 'volume-of-play-lost'],
    })
  })
})

function mark(folder: string): { source: string; destination: string } {
  return { source: `${folder}/owner-1`, destination: '/kind/play-owner' }
}

function fail(): never {
  throw new Error('there is no orphan')
}
