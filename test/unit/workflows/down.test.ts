import { beforeEach, describe, expect, test } from 'vitest'
import { PlayError } from '../../../src/domain/errors.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { after, planDown, runDown } from './verbs.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
  world.kubeconfigs.contexts.set('work', { server: 'https://work.example.org' })
  world.kubeconfigs.current = 'work'
})

function failure(step: Promise<unknown>): Promise<unknown> {
  return step.then(
    () => 'it went well',
    (error: unknown) => error,
  )
}

describe('down', () => {
  test('removes everything of a playground, gives the former context back and says where it looked', async () => {
    const before = world.snapshot()
    await world.makePlayground('dev')
    const result = await runDown(world)
    expect(result).toMatchObject({ name: 'dev', existed: true })
    expect(result.findings.map(({ layer, result: found }) => [layer, found])).toEqual([
      ['containers', 'absent'],
      ['volumes', 'absent'],
      ['network', 'absent'],
      ['kubeconfig', 'absent'],
      ['processes', 'absent'],
      ['state', 'absent'],
    ])
    expect(world.snapshot()).toEqual(before)
    expect(world.kubeconfigs.current).toBe('work')
  })

  test('is content with a name that never existed, writes nothing and asks for no program', async () => {
    const before = world.snapshot()
    expect(await runDown(world, { name: 'never' })).toMatchObject({ existed: false })
    expect(world.snapshot()).toEqual(before)
    expect(world.states.writes).toEqual([])
    expect(world.artifacts.calls).toEqual([])
  })

  test('twice is as good as once', async () => {
    await world.makePlayground('dev')
    await runDown(world)
    expect(await runDown(world)).toMatchObject({ existed: false })
  })

  test('goes through Pulumi, and is content when the cluster is gone already', async () => {
    await world.makePlayground('dev')
    const stack = world.stack('dev')
    world.engine.containers.clear()
    world.engine.volumes.clear()
    await runDown(world)
    expect(stack.calls).toEqual(['destroy'])
  })

  test('has on disk that it is destroying before anything goes', async () => {
    await world.makePlayground('dev')
    await runDown(world)
    expect(world.states.writes.map(({ phase }) => phase)).toEqual(['ready', 'destroying'])
  })

  test('leaves other playgrounds and other clusters as they are', async () => {
    await world.makePlayground('other')
    world.engine.addNode('somebody')
    const before = world.snapshot()
    await world.makePlayground('dev')
    await runDown(world)
    expect(world.snapshot()).toEqual({ ...(before as object), current: 'play-other' })
  })

  test('waits for no other play: a locked playground is refused', async () => {
    await world.makePlayground('dev')
    await world.states.lock('dev', 'play up dev')
    expect(await failure(runDown(world))).toMatchObject({ id: 'STATE_LOCKED', exitCode: 4 })
    expect(world.engine.containers.size).toBe(1)
  })

  test('in a dry run tells what would run and what would go, and touches nothing', async () => {
    await world.makePlayground('dev')
    const before = world.snapshot()
    expect(await planDown(world)).toEqual({
      name: 'dev',
      wouldRemove: [
        { layer: 'containers', what: 'play-dev-control-plane' },
        { layer: 'volumes', what: 'volume-of-play-dev' },
        { layer: 'kubeconfig', what: 'play-dev in /home/person/.kube/config' },
        { layer: 'state', what: '/states/playgrounds/dev' },
      ],
    })
    expect(world.snapshot()).toEqual(before)
    expect(world.engine.changes).toEqual([])
    expect(world.eventsOf('step.skipped').map(({ step }) => step)).toContain('cluster.destroy')
  })
})

describe('what is not play’s', () => {
  test('a cluster of that name that play did not make is left alone, and nothing is written about it', async () => {
    world.engine.addNode('play-dev')
    const before = world.snapshot()
    expect(await failure(runDown(world))).toMatchObject({ id: 'CLUSTER_FOREIGN', exitCode: 4 })
    expect(world.snapshot()).toEqual(before)
    expect(world.engine.changes).toEqual([])
    expect(world.states.writes).toEqual([])
  })

  test('a cluster that took the name after ours was gone is left alone, with --force too', async () => {
    await world.makePlayground('dev')
    world.engine.containers.clear()
    world.engine.addNode('play-dev')
    expect(await failure(runDown(world, { force: true }))).toMatchObject({ id: 'CLUSTER_FOREIGN' })
    expect(world.engine.containers.size).toBe(1)
    expect(world.engine.changes).toEqual([])
  })

  test('one foreign node among ours keeps all of them', async () => {
    await world.makePlayground('dev')
    world.engine.addNode('play-dev', { name: 'play-dev-worker', id: 'worker' })
    expect(await failure(runDown(world))).toMatchObject({ id: 'CLUSTER_FOREIGN' })
    expect(world.engine.changes).toEqual([])
  })

  test('the network stays when it was there before play', async () => {
    await world.makePlayground('dev', { networkExistedBefore: true })
    const result = await runDown(world)
    expect(world.engine.networks.has('kind')).toBe(true)
    expect(result.findings.find(({ layer }) => layer === 'network')?.looked).toContain('not made by play')
  })

  test('the network stays while another cluster uses it, and that is no leftover', async () => {
    await world.makePlayground('dev')
    world.engine.addNode('somebody', { network: 'kind' })
    expect(await runDown(world)).toMatchObject({ existed: true })
    expect(world.engine.networks.has('kind')).toBe(true)
  })

  test('a context that the person switched to stays current', async () => {
    await world.makePlayground('dev')
    world.kubeconfigs.current = 'work'
    await runDown(world)
    expect(world.kubeconfigs.current).toBe('work')
  })
})

describe('when Pulumi cannot help', () => {
  test.each([
    [
      'its destroy fails',
      { destroy: PlayError.of('STACK_FAILED', { verb: 'destroy', reason: 'x', name: 'dev' }) },
    ],
    ['its state is damaged', { resources: new SyntaxError('Unexpected end of JSON input') }],
  ])('since %s, everything is removed by name, with a warning', async (_what, faults) => {
    await world.makePlayground('dev')
    world.stack('dev').faults = faults
    expect(await runDown(world)).toMatchObject({ existed: true })
    expect(world.engine.containers.size).toBe(0)
    expect(world.eventsOf('warning').map(({ id }) => id)).toEqual(['STACK_FAILED'])
  })

  test('since its program is missing, everything is removed by name', async () => {
    await world.makePlayground('dev')
    world.artifacts.missing.add('pulumi')
    await runDown(world)
    expect(world.engine.containers.size).toBe(0)
    expect(world.eventsOf('warning').map(({ id }) => id)).toEqual(['TOOL_MISSING'])
  })

  test('since it forgot the cluster, everything is removed by name', async () => {
    await world.makePlayground('dev')
    world.stack('dev').state = []
    await runDown(world)
    expect(world.engine.containers.size).toBe(0)
  })
})

describe('when the records are lost', () => {
  test('a cluster is found and removed by its name and its mark', async () => {
    await world.makePlayground('dev', { networkExistedBefore: true })
    await world.states.remove('dev')
    expect(await runDown(world)).toMatchObject({ existed: true })
    expect(world.engine.containers.size).toBe(0)
    expect(world.kubeconfigs.contexts.has('play-dev')).toBe(false)
    expect(world.kubeconfigs.current).toBe('work')
  })

  test('what is written down of it meanwhile can be read again', async () => {
    await world.makePlayground('dev')
    await world.states.remove('dev')
    world.engine.ignored.add('removeContainer')
    await failure(runDown(world))
    const state = await world.states.read('dev')
    expect(state?.spec.kubernetesVersion).not.toBe('')
    world.engine.ignored.clear()
    expect(await runDown(world)).toMatchObject({ existed: true })
  })

  test('a damaged state stops it before anything is touched', async () => {
    await world.makePlayground('dev')
    world.states.damaged.add('dev')
    const before = world.snapshot()
    const error = await failure(runDown(world))
    expect(error).toMatchObject({ id: 'STATE_DAMAGED', exitCode: 4 })
    expect((error as PlayError).suggestions).toContain('play down dev --force')
    expect(world.snapshot()).toEqual(before)
  })

  test('with --force a damaged state does not stop it', async () => {
    await world.makePlayground('dev')
    world.states.damaged.add('dev')
    expect(await runDown(world, { force: true })).toMatchObject({ existed: true })
    expect(world.engine.containers.size).toBe(0)
    expect(await world.states.exists('dev')).toBe(false)
  })
})

describe('when something stays', () => {
  test.each([
    ['a container', 'removeContainer', 'play-dev-control-plane'],
    ['a network', 'removeNetwork', 'kind'],
  ] as const)(
    '%s is listed with exit code 9, and the next down goes on from there',
    async (_what, call, name) => {
      await world.makePlayground('dev')
      world.stack('dev').state = []
      world.engine.ignored.add(call)
      const error = await failure(runDown(world))
      expect(error).toMatchObject({ id: 'LEFTOVERS_FOUND', exitCode: 9 })
      expect((error as PlayError).details.join('\n')).toContain(name)
      expect((error as PlayError).suggestions).toEqual(['play down dev'])
      world.engine.ignored.clear()
      expect(await runDown(world)).toMatchObject({ existed: true })
      expect(world.engine.networks.has('kind')).toBe(false)
      expect(world.engine.containers.size).toBe(0)
    },
  )

  test('a volume is listed with exit code 9', async () => {
    await world.makePlayground('dev')
    const remove = world.engine.removeContainer.bind(world.engine)
    world.engine.removeContainer = async (id, signal) => {
      await remove(id, signal)
      world.engine.volumes.add('volume-of-play-dev')
    }
    world.engine.ignored.add('removeVolume')
    expect(await failure(runDown(world))).toMatchObject({
      id: 'LEFTOVERS_FOUND',
      details: ['volumes: present: volume-of-play-dev'],
    })
  })

  test('nothing is claimed with exit code 10 when a place could not be looked at, and the records stay', async () => {
    await world.makePlayground('dev')
    const afterStep = after('local.context', () => {
      world.engine.failWith = PlayError.of('ENGINE_DOWN', { engine: 'podman' })
      return Promise.resolve()
    })
    const error = await failure(runDown(world, {}, { afterStep }))
    expect(error).toMatchObject({ id: 'EMPTINESS_UNKNOWN', exitCode: 10 })
    expect((error as PlayError).message).toContain('containers')
    expect(await world.states.exists('dev')).toBe(true)
    world.engine.failWith = undefined
    expect(await runDown(world)).toMatchObject({ existed: true })
  })

  test('a context that cannot be taken out fails before the records go', async () => {
    await world.makePlayground('dev')
    world.kubeconfigs.failWith = PlayError.of('KUBECONFIG_UNWRITABLE', {
      path: '/x',
      reason: 'permission denied',
    })
    expect(await failure(runDown(world))).toMatchObject({ id: 'KUBECONFIG_UNWRITABLE' })
    expect(await world.states.exists('dev')).toBe(true)
  })

  test('[row 7] an engine that is down means that nothing is known, which is told before anything is written', async () => {
    await world.makePlayground('dev')
    world.engineError = PlayError.of('ENGINE_DOWN', { engine: 'podman' })
    const error = await failure(runDown(world))
    expect(error).toMatchObject({ id: 'EMPTINESS_UNKNOWN', exitCode: 10, cause: world.engineError })
    expect((error as PlayError).details).toContain('podman is installed but does not answer')
    expect((error as PlayError).suggestions.at(-1)).toBe('play down dev')
    expect(world.states.states.get('dev')?.phase).toBe('ready')
  })
})
