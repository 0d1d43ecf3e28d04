import { beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../../src/sources/kind/program.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { planUp, runUp } from './verbs.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
  world.kubeconfigs.contexts.set('work', { server: 'https://work.example.org' })
  world.kubeconfigs.current = 'work'
})

/** How often, and how, Pulumi's engine was run. */
function ups(): string[] {
  return world.stack('dev').calls.filter((call) => call.startsWith('up'))
}

describe('the first up', () => {
  test('makes everything and says so', async () => {
    const result = await runUp(world)
    expect(result).toEqual({
      name: 'dev',
      context: 'play-dev',
      kubeconfig: '/states/playgrounds/dev/kubeconfig',
      server: 'https://127.0.0.1:36443',
      kubernetesVersion: '1.34.10',
      nodes: 1,
      components: ['git', 'argo-cd', 'argo-workflows', 'registry', 'buildkit'],
      changed: expect.arrayContaining([
        'preflight.image',
        'cluster.stack',
        'cluster.access',
        'cluster.kubeconfig',
        'argo-cd.apply',
        'argo-workflows.apply',
      ]) as unknown,
    })
    expect(result.changed.filter((id) => /\.(engine|name|tools|manifest|nodes|ready)$/.test(id))).toEqual([])
    expect(world.kubeconfigs.current).toBe('play-dev')
    expect(world.cluster('dev').objects({ apiVersion: 'apps/v1', kind: 'Deployment' })).toHaveLength(5)
    expect(world.states.states.get('dev')).toMatchObject({
      phase: 'ready',
      engine: 'podman',
      networkExistedBefore: false,
      mergedContext: { context: 'play-dev', formerContext: 'work' },
    })
  })

  test('has its state and every intent on disk before the effect', async () => {
    await runUp(world)
    // The second time it is the context, before it is in the kubeconfig.
    expect(world.states.writes.map(({ phase }) => phase)).toEqual(['creating', 'creating', 'ready'])
    const notes = world.states.journals.get('dev') ?? []
    for (const step of [
      'preflight.image',
      'cluster.stack',
      'cluster.access',
      'cluster.kubeconfig',
      'argo-cd.apply',
    ])
      expect(notes.indexOf(`intend ${step}`), step).toBeLessThan(notes.indexOf(`succeeded ${step}`))
    expect(notes).not.toContain('intend preflight.engine')
  })

  test('marks every node with a file that names the playground', async () => {
    await runUp(world, { nodes: 3 })
    const { id } = world.states.states.get('dev') ?? { id: '' }
    const nodes = [...world.engine.containers.values()]
    expect(nodes.map(({ name }) => name)).toEqual([
      'play-dev-control-plane',
      'play-dev-worker',
      'play-dev-worker2',
    ])
    for (const { mounts } of nodes)
      expect(mounts).toContainEqual({
        source: `/states/playgrounds/dev/owner-${id}`,
        destination: '/kind/play-owner',
      })
    expect([...(world.states.files.get('dev')?.keys() ?? [])]).toContain(`owner-${id}`)
  })

  test('remembers that the network was there before', async () => {
    world.engine.networks.add('kind')
    await runUp(world)
    expect(world.states.states.get('dev')?.networkExistedBefore).toBe(true)
  })

  test('applies components while kind is still at work', async () => {
    await runUp(world)
    const plan = world.eventsOf('plan.ready')[0]?.steps ?? []
    const before = (id: string): string[] =>
      (plan.find((step) => step.id === id)?.after ?? []).flatMap((each) => [each, ...before(each)])
    expect(before('argo-cd.apply')).toContain('cluster.access')
    expect(before('argo-cd.apply')).not.toContain('cluster.stack')
  })

  test('leaves the user’s kubeconfig alone with --no-kubeconfig', async () => {
    await runUp(world, { mergeKubeconfig: false })
    expect([...world.kubeconfigs.contexts.keys()]).toEqual(['work'])
    expect(world.kubeconfigs.current).toBe('work')
    expect(world.states.states.get('dev')?.mergedContext).toBeUndefined()
    expect(world.kubeconfigs.own.size).toBe(1)
  })

  test('waits for workloads, but not with --no-wait', async () => {
    world.engine.rollsOut = false
    const result = await runUp(world, { wait: false })
    expect(result.changed).toContain('argo-cd.apply')
    const steps = world.eventsOf('plan.ready')[0]?.steps.map(({ id }) => id) ?? []
    expect(steps.filter((id) => id.endsWith('.ready'))).toEqual([])
  })

  test('gives up waiting when patience ends, and says what it waited for', async () => {
    world.engine.rollsOut = false
    await expect(runUp(world, { timeoutMs: 2000 })).rejects.toMatchObject({ id: 'WAIT_TIMEOUT', exitCode: 7 })
    expect(world.states.states.get('dev')?.phase).toBe('failed')
  })
})

describe('a component that is there by default', () => {
  const named = (id: string): string[] =>
    world
      .eventsOf('warning')
      .map(({ text }) => text)
      .filter((text) => text.includes(id))

  test('is left out with a warning when the bundle lacks its image', async () => {
    expect((await runUp(world)).components).not.toContain('pulumi-operator')
    expect(named('pulumi-operator')).toHaveLength(1)
    world.events.length = 0
    expect((await runUp(world)).changed).toEqual([])
    expect(named('pulumi-operator')).toEqual([])
  })

  test('is left out silently by who says so', async () => {
    await runUp(world, { without: ['pulumi-operator'] })
    expect(named('pulumi-operator')).toEqual([])
  })

  test('is there when the bundle has its image, or when nodes pull', async () => {
    world.artifacts.images.set('docker.io/pulumi/pulumi-kubernetes-operator:v2.9.0', '/bundle/operator.tar')
    expect((await runUp(world)).components).toContain('pulumi-operator')
  })
})

describe('a second up', () => {
  test('finds everything as it should be and changes nothing', async () => {
    await runUp(world)
    const before = world.snapshot()
    const { calls } = world.cluster('dev')
    const requests = calls.length
    expect((await runUp(world)).changed).toEqual([])
    expect(world.snapshot()).toEqual(before)
    expect(calls.slice(requests).filter((call) => /^(apply|create|delete)/.test(call))).toEqual([])
    expect(ups()).toEqual(['up'])
  })

  test('adds a component that was left out before, and changes nothing else', async () => {
    await runUp(world, { without: ['argo-workflows'] })
    const result = await runUp(world, { with: ['argo-workflows'] })
    expect(result.changed).toEqual([
      'argo-workflows.apply',
      'argo-workflows.start',
      'gitops.publish',
      'gitops.adopt',
    ])
    expect(world.states.states.get('dev')?.spec.components).toContain('argo-workflows')
  })

  test('applies a component again whose object is gone', async () => {
    await runUp(world)
    world
      .cluster('dev')
      .remove({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argocd', name: 'argocd-server' })
    expect((await runUp(world)).changed).toEqual(['argo-cd.start'])
  })

  test('makes its context current again when somebody took it out', async () => {
    await runUp(world)
    world.kubeconfigs.contexts.delete('play-dev')
    expect((await runUp(world)).changed).toEqual(['cluster.kubeconfig'])
  })

  test('keeps what it knew of the former context when it leaves the kubeconfig alone', async () => {
    await runUp(world)
    await runUp(world, { mergeKubeconfig: false })
    expect(world.states.states.get('dev')?.mergedContext?.formerContext).toBe('work')
  })

  test('makes a cluster again that vanished behind its back, asking Pulumi what still exists', async () => {
    await runUp(world)
    world.engine.containers.clear()
    const result = await runUp(world)
    expect(result.changed).toEqual(
      expect.arrayContaining(['cluster.stack', 'cluster.access', 'argo-cd.apply']),
    )
    expect(ups()).toEqual(['up', 'up refresh'])
    expect(world.engine.containers.size).toBe(1)
  })

  test('starts a cluster whose nodes were stopped, and needs no Pulumi for it', async () => {
    await runUp(world)
    for (const [id, node] of world.engine.containers)
      world.engine.containers.set(id, { ...node, state: 'exited' })
    const result = await runUp(world)
    expect(result.changed).toContain('cluster.stack')
    expect(world.engine.changes).toContain('startContainer id-of-play-dev-control-plane')
    expect(ups()).toEqual(['up'])
  })

  test('reads the way in anew when the API moved to another port', async () => {
    await runUp(world)
    for (const [id, node] of world.engine.containers)
      world.engine.containers.set(id, {
        ...node,
        ports: [{ container: 6443, host: 40000, address: '127.0.0.1' }],
      })
    const result = await runUp(world)
    expect(result.server).toBe('https://127.0.0.1:40000')
    expect(result.changed).toEqual(['cluster.access', 'cluster.kubeconfig'])
  })

  test.each([
    ['other nodes', { nodes: 2 }],
    ['another version', { kubernetesVersion: '1.33.4' }],
    ['fewer components', { without: ['argo-cd'] }],
    ['another port', { ports: [{ hostPort: 8080, containerPort: 30080 }] }],
  ])('refuses %s, which cannot be changed in place, and loses nothing', async (_what, options) => {
    await runUp(world)
    const before = world.snapshot()
    await expect(runUp(world, options)).rejects.toMatchObject({ id: 'SPEC_CHANGED', exitCode: 4 })
    expect(world.snapshot()).toEqual(before)
  })

  test('may change what was never made', async () => {
    world.stack('dev').faults.up = new Error('no space')
    await expect(runUp(world, { nodes: 2 })).rejects.toThrow()
    world.engine.containers.clear()
    world.stack('dev').faults = {}
    expect(await runUp(world, { nodes: 1 })).toMatchObject({ nodes: 1 })
  })
})

describe('a dry run', () => {
  test('of the first up says what would run and writes nothing', async () => {
    const before = world.snapshot()
    const { name, wouldRun } = await planUp(world)
    expect(name).toBe('dev')
    expect(wouldRun).toEqual(
      expect.arrayContaining(['preflight.image', 'cluster.stack', 'cluster.access', 'argo-cd.apply']),
    )
    expect(world.eventsOf('step.skipped').map(({ step }) => step)).toEqual(wouldRun)
    expect(world.snapshot()).toEqual(before)
    expect(world.states.journals.size).toBe(0)
    expect(world.engine.changes).toEqual([])
  })

  test('of a second up says that nothing would run, and takes no lock', async () => {
    await runUp(world)
    const before = world.snapshot()
    await world.states.lock('dev', 'another play')
    expect(await planUp(world)).toEqual({ name: 'dev', wouldRun: [] })
    expect(world.snapshot()).toEqual(before)
  })
})
