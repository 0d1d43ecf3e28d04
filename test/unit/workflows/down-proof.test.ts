/** What `down` promises whatever fails, however often it is asked, and whose things are beside it. */
import { beforeEach, describe, expect, test } from 'vitest'
import { PlayError } from '../../../src/domain/errors.ts'
import { TimeoutError } from '../../../src/engine/wait.ts'
import type { FakeWorld } from '../../fakes/fake-ports.ts'
import { devFolder, failure, quickWorld, truth } from './down-world.ts'
import { after, planDown, runDown } from './verbs.ts'

let world: FakeWorld
beforeEach(() => {
  world = quickWorld()
})

describe('[row 7] an error is never absence', async () => {
  const calls = await (async () => {
    const sample = quickWorld()
    await sample.makePlayground('dev')
    await runDown(sample)
    return Array.from({ length: sample.engine.calls }, (_, index) => index + 1)
  })()

  const errors: [string, () => Error][] = [
    ['is down', () => PlayError.of('ENGINE_DOWN', { engine: 'podman' })],
    ['refuses (401, 403, 429, 500)', () => PlayError.of('ENGINE_FAILED', { engine: 'podman', what: 'list' })],
    ['is gone', () => PlayError.of('ENGINE_MISSING', { looked: ['podman'] })],
    ['takes too long', () => new TimeoutError('podman', 30_000)],
    ['answers half a page', () => new SyntaxError('Unexpected end of JSON input')],
  ]

  test.each(errors)('whichever call of the engine is the last that works: it %s', async (_what, make) => {
    for (const call of calls) {
      const fresh = quickWorld()
      await fresh.makePlayground('dev')
      fresh.engine.failAt = (number) => (number >= call ? make() : undefined)
      const error = await failure(runDown(fresh))
      expect([call, error?.exitCode]).toEqual([call, 10])
      expect(fresh.states.certificates.map(({ verdict }) => verdict)).not.toContain('empty')
      expect(await fresh.states.exists('dev')).toBe(true)
      fresh.engine.failAt = undefined
      await runDown(fresh)
      expect(truth(fresh)).toEqual([])
    }
  })

  test.each(errors)('whichever single call of the engine it is: it %s', async (_what, make) => {
    for (const call of calls) {
      const fresh = quickWorld()
      await fresh.makePlayground('dev')
      fresh.engine.failAt = (number) => (number === call ? make() : undefined)
      const error = await failure(runDown(fresh))
      if (error === undefined) expect([call, truth(fresh)]).toEqual([call, []])
      else expect([call, error.exitCode]).toEqual([call, 10])
    }
  })

  test('of the process table', async () => {
    for (const call of [1, 2, 3]) {
      const fresh = quickWorld()
      await fresh.makePlayground('dev')
      const find = fresh.processTable.find.bind(fresh.processTable)
      let number = 0
      fresh.processTable.find = (of) => {
        number += 1
        return number >= call ? Promise.reject(new Error('cannot read /proc')) : find(of)
      }
      expect(await failure(runDown(fresh))).toBeDefined()
      expect(await fresh.states.exists('dev')).toBe(true)
    }
  })

  test('of the kubeconfig', async () => {
    for (const call of [1, 2, 3]) {
      const fresh = quickWorld()
      await fresh.makePlayground('dev')
      const contains = fresh.kubeconfigs.contains.bind(fresh.kubeconfigs)
      let number = 0
      fresh.kubeconfigs.contains = (path, context) => {
        number += 1
        const broken = PlayError.of('KUBECONFIG_DAMAGED', { path, reason: 'it is no YAML' })
        return number >= call ? Promise.reject(broken) : contains(path, context)
      }
      expect(await failure(runDown(fresh))).toBeDefined()
      expect(await fresh.states.exists('dev')).toBe(true)
    }
  })

  test('of the files, after they were removed', async () => {
    await world.makePlayground('dev')
    const remove = world.states.remove.bind(world.states)
    world.states.remove = async (name) => {
      await remove(name)
      world.states.exists = (of) =>
        Promise.reject(
          PlayError.of('STATE_DAMAGED', { name: of, path: devFolder, reason: 'input/output error' }),
        )
    }
    expect(await failure(runDown(world))).toMatchObject({ id: 'EMPTINESS_UNKNOWN', exitCode: 10 })
    expect(world.states.certificates.map(({ verdict }) => verdict)).toEqual(['unknown'])
  })
})

describe('an engine that restarts in the middle', () => {
  test.each(['processes.end', 'cluster.closure', 'cluster.destroy', 'cluster.network', 'local.context'])(
    'after %s is waited for',
    async (step) => {
      await world.makePlayground('dev')
      world.stack('dev').state = []
      const afterStep = after(step, () => {
        const back = world.clock.now() + 8000
        const down = PlayError.of('ENGINE_DOWN', { engine: 'podman' })
        world.engine.failAt = () => (world.clock.now() < back ? down : undefined)
        return Promise.resolve()
      })
      await runDown(world, {}, { afterStep })
      expect(truth(world)).toEqual([])
    },
  )
})

describe('[row 20] asked again', () => {
  test('up to five times, answers the same, and writes nothing more', async () => {
    await world.makePlayground('dev')
    await runDown(world)
    const { certificates, writes } = world.states
    const [written, wrote] = [certificates.length, writes.length]
    const after = world.snapshot()
    for (let time = 2; time <= 5; time += 1) {
      expect(await runDown(world)).toMatchObject({ existed: false })
      expect(world.snapshot()).toEqual(after)
    }
    expect([certificates.length, writes.length]).toEqual([written, wrote])
    expect(written).toBe(1)
  })

  test('of a name that never existed, writes nothing at all', async () => {
    for (let time = 1; time <= 5; time += 1)
      expect(await runDown(world, { name: 'never' })).toMatchObject({ existed: false })
    expect(world.states.certificates).toEqual([])
    expect(world.states.writes).toEqual([])
    expect(await world.states.list()).toEqual([])
  })
})

describe('[row 10] what is somebody else’s stays', () => {
  test('look-alikes: other playgrounds, near names, clusters of kind, volumes with near labels', async () => {
    const near = ['play-dev2', 'play-de', 'play-dev-worker', 'dev', 'kind', 'play-devx']
    for (const cluster of near) {
      world.engine.addNode(cluster)
      world.engine.volumes.add(`label-${cluster}`)
      world.engine.volumeLabels.set(`label-${cluster}`, cluster)
    }
    await world.makePlayground('other')
    const before = world.snapshot()
    await world.makePlayground('dev')
    await runDown(world)
    expect(world.snapshot()).toEqual({ ...(before as object), current: 'play-other' })
  })

  test.each([false, true])(
    'a volume with our label, where somebody’s cluster has the name (--force: %s)',
    async (force) => {
      await world.makePlayground('dev')
      world.engine.containers.clear()
      world.engine.addNode('play-dev')
      world.engine.volumes.add('theirs')
      world.engine.volumeLabels.set('theirs', 'play-dev')
      const before = [...world.engine.volumes]
      expect(await failure(runDown(world, { force }))).toMatchObject({ id: 'CLUSTER_FOREIGN', exitCode: 4 })
      expect([...world.engine.volumes]).toEqual(before)
      expect(world.engine.changes).toEqual([])
    },
  )

  test('a cluster that takes the name while ours goes is left alone, and nothing is claimed', async () => {
    await world.makePlayground('dev')
    const afterStep = after('local.context', () => {
      world.engine.addNode('play-dev', { name: 'play-dev-control-plane', id: 'theirs' })
      return Promise.resolve()
    })
    expect(await failure(runDown(world, {}, { afterStep }))).toMatchObject({ exitCode: 10 })
    expect([...world.engine.containers.keys()]).toEqual(['theirs'])
  })
})

describe('the engine', () => {
  test('that answers must be the one that was used: another name', async () => {
    await world.makePlayground('dev', { engine: 'docker' })
    world.engineIsPreferred = true
    const error = await failure(runDown(world))
    expect(error).toMatchObject({ id: 'ENGINE_CHANGED', exitCode: 10 })
    expect(world.engine.changes).toEqual([])
    expect(world.states.states.get('dev')?.phase).toBe('ready')
  })

  test.each([false, true])(
    'that answers must be the one that was used: another daemon (--force: %s)',
    async (force) => {
      await world.makePlayground('dev')
      world.engine.id = 'another'
      expect(await failure(runDown(world, { force }))).toMatchObject({ id: 'ENGINE_CHANGED', exitCode: 10 })
      expect(await failure(planDown(world))).toMatchObject({ id: 'ENGINE_CHANGED' })
      expect(world.engine.changes).toEqual([])
      expect(truth(world)).not.toEqual([])
    },
  )

  test('that was used is asked, even where another one would be taken', async () => {
    await world.makePlayground('dev', { engine: 'docker' })
    expect(await failure(runDown(world))).toMatchObject({ id: 'EMPTINESS_UNKNOWN', exitCode: 10 })
  })

  test('is written down with a lost record, so that the next run asks the same', async () => {
    await world.makePlayground('dev')
    await world.states.remove('dev')
    world.engine.ignored.add('removeContainer')
    await failure(runDown(world))
    world.engine.id = 'another'
    world.engine.containers.clear()
    expect(await failure(runDown(world))).toMatchObject({ id: 'ENGINE_CHANGED' })
  })
})
