import { beforeEach, describe, expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import { demoRegistry } from '../../../src/demos/index.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import type { DemoResult } from '../../../src/domain/demo.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import type { PlaygroundState } from '../../../src/domain/playground.ts'
import { runDemo, type DemoOptions } from '../../../src/workflows/demo.ts'
import type { Session } from '../../../src/workflows/session.ts'
import type { FakeCluster } from '../../fakes/fake-cluster.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'

const namespace = 'demo-hello'
const workflowRef = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace }
let world: FakeWorld

beforeEach(() => {
  world = new FakeWorld()
})

/** A playground with a workflow controller, which the test plays. */
async function playground(changes: Partial<PlaygroundState> = {}): Promise<FakeCluster> {
  await world.makePlayground('dev', {
    spec: {
      name: 'dev',
      source: 'kind',
      kubernetesVersion: '1.34.10',
      nodes: 1,
      components: ['argo-workflows'],
    },
    ...changes,
  })
  const cluster = world.cluster('dev')
  for (const object of await world.artifacts.manifest('argo-workflows'))
    if (object.kind === 'CustomResourceDefinition') cluster.put(object)
  return cluster
}

function run(
  options: Partial<DemoOptions> = {},
  session: Partial<Session> = {},
): Promise<DemoResult | undefined> {
  const asked = { demo: 'hello', name: 'dev', timeoutMs: 60_000, options: {}, ...options }
  const registries = { demos: demoRegistry, components: componentRegistry }
  return world.run(runDemo(asked, world.ports, registries, world.session(session)))
}

function pod(name: string, phase: string, state: object): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { 'workflows.argoproj.io/workflow': name } },
    status: {
      phase,
      containerStatuses: [
        { name: 'wait', state: {} },
        { name: 'main', state },
      ],
    },
  }
}

function nodes(name: string, phase: string, message?: string): object {
  const times = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:04Z' }
  const node = {
    id: name,
    name,
    displayName: name,
    type: 'Pod',
    phase,
    ...times,
    ...(message === undefined ? {} : { message }),
  }
  return { [name]: node }
}

interface Script {
  readonly phase?: 'Succeeded' | 'Failed' | 'Error'
  readonly message?: string
  readonly lines?: readonly string[]
  /** Everything at once, as a watch tells it that was cut for a while. */
  readonly atOnce?: boolean
}

/** Plays the controller: a pod that waits, runs, writes and ends, and a workflow that follows it. */
function playController(cluster: FakeCluster, script: Script = {}): void {
  const { phase = 'Succeeded', message, lines = ['< hello world >'], atOnce = false } = script
  cluster.whenApplied('Workflow', ({ metadata: { name } }) => {
    const log = { namespace, name, container: 'main' }
    const acts = [
      () => {
        cluster.put(pod(name, 'Pending', { waiting: { reason: 'ContainerCreating' } }))
        cluster.setStatus({ ...workflowRef, name }, { phase: 'Running' })
      },
      () => {
        cluster.put(pod(name, 'Running', { running: {} }))
        cluster.setLog(log, lines.slice(0, 1), false)
      },
      () => {
        cluster.setLog(log, lines, true)
        cluster.put(pod(name, phase === 'Succeeded' ? phase : 'Failed', { terminated: {} }))
      },
      () => {
        cluster.setStatus({ ...workflowRef, name }, { phase, nodes: nodes(name, phase, message) })
      },
    ]
    if (atOnce) for (const act of acts) act()
    else void perform(acts)
  })
}

/** Each act a few turns of the event loop after the other, as a controller works. */
async function perform(acts: readonly (() => void)[]): Promise<void> {
  for (const act of acts) {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    act()
  }
}

describe('demo hello', () => {
  test('submits the talk’s workflow, shows its pod and its log live, and ends with its message', async () => {
    const cluster = await playground()
    playController(cluster, { lines: [' -------------', '< hello world >'] })
    const result = await run()
    const [workflow] = cluster.objects(workflowRef)
    const name = workflow?.metadata.name ?? ''
    expect(result).toEqual({
      demo: 'hello',
      message: ' -------------\n< hello world >',
      parts: [{ name, pod: name, phase: 'Succeeded', durationMs: 4000 }],
    })
    expect(world.eventsOf('step.log').map(({ line, source }) => [line, source])).toEqual([
      [' -------------', name],
      ['< hello world >', name],
    ])
    const progress = world.eventsOf('step.progress').map(({ text }) => text)
    expect(progress).toContain(`${name}: ContainerCreating`)
    expect(progress).toContain(`${name}: Running`)
  })

  test('lets its pods tell the controller how they ended', async () => {
    const cluster = await playground()
    playController(cluster)
    await run()
    const [role] = cluster.objects({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', namespace })
    expect(role).toMatchObject({
      rules: [{ resources: ['workflowtaskresults'], verbs: ['create', 'patch'] }],
    })
    expect(cluster.objects(workflowRef)[0]).toMatchObject({ spec: { serviceAccountName: 'hello' } })
  })

  test('can be run again', async () => {
    playController(await playground())
    await run()
    expect((await run())?.message).toBe('< hello world >')
  })

  test('passes on what the whale shall say, and keeps the other defaults', async () => {
    const cluster = await playground()
    playController(cluster)
    await run({ options: { message: 'good morning' } })
    expect(cluster.objects(workflowRef)[0]).toMatchObject({
      spec: {
        arguments: {
          parameters: [
            { name: 'message', value: 'good morning' },
            { name: 'exit-code', value: '0' },
          ],
        },
      },
    })
  })

  test('shows the log even when the workflow was over before its pod was seen', async () => {
    playController(await playground(), { atOnce: true })
    expect((await run())?.message).toBe('< hello world >')
  })

  test('shows the log at the end where the pods could not be watched', async () => {
    const cluster = await playground()
    playController(cluster)
    cluster.fail('watch Pod', PlayError.of('API_REJECTED', { object: 'Pod', reason: 'forbidden' }))
    expect((await run())?.message).toBe('< hello world >')
    expect(world.eventsOf('warning')).toHaveLength(1)
  })

  test('leaves out what Argo’s executor says of itself', async () => {
    const chatter = 'time=2026-01-01T00:00:00.000Z level=INFO msg="capturing logs" argo=true'
    playController(await playground(), { lines: ['< hello world >', chatter] })
    expect((await run())?.message).toBe('< hello world >')
  })

  test('with a failing workflow ends with exit code 6, the pod’s reason and its log', async () => {
    playController(await playground(), {
      phase: 'Failed',
      message: 'Error (exit code 3)',
      lines: ['one', 'two'],
    })
    const error: unknown = await run().catch((each: unknown) => each)
    expect(error).toMatchObject({ id: 'DEMO_FAILED', exitCode: 6, details: ['one', 'two'] })
    expect((error as PlayError).message).toContain('Error (exit code 3)')
    expect((error as PlayError).suggestions).toEqual([
      expect.stringContaining('kubectl --namespace demo-hello get workflow'),
    ])
  })

  test('with a workflow that the controller refuses gives the controller’s reason', async () => {
    const cluster = await playground()
    cluster.whenApplied('Workflow', ({ metadata: { name } }) => {
      cluster.setStatus({ ...workflowRef, name }, { phase: 'Error', message: 'invalid spec: templates' })
    })
    await expect(run()).rejects.toThrow('invalid spec: templates')
  })

  test('without a controller that works gives up when patience ends', async () => {
    await playground()
    await expect(run({ timeoutMs: 3000 })).rejects.toMatchObject({ id: 'WAIT_TIMEOUT', exitCode: 7 })
  })

  test('tells on when the log cannot be followed, since the workflow’s own status is what counts', async () => {
    const cluster = await playground()
    playController(cluster)
    cluster.fail('logs', PlayError.of('API_REJECTED', { object: 'Pod x', reason: 'forbidden' }), 100)
    expect(await run()).toMatchObject({ message: '' })
    expect(world.eventsOf('warning').map(({ id }) => id)).toContain('API_REJECTED')
  })

  test('is refused by the cluster with its words', async () => {
    const cluster = await playground()
    cluster.fail(
      'apply Namespace',
      PlayError.of('API_REJECTED', { object: 'Namespace demo-hello', reason: 'forbidden' }),
    )
    await expect(run()).rejects.toMatchObject({ id: 'API_REJECTED', exitCode: 6 })
  })

  test('stops in order when interrupted, and says how to run it again', async () => {
    await playground()
    const interrupt = new AbortController()
    const afterStep = (id: string): Promise<void> => {
      if (id === 'hello.submit') interrupt.abort(PlayError.of('CANCELLED', { resume: [] }))
      return Promise.resolve()
    }
    await expect(run({}, { signal: interrupt.signal, afterStep })).rejects.toMatchObject({
      id: 'CANCELLED',
      suggestions: ['play demo hello dev'],
    })
  })
})

describe('a demo is refused', () => {
  test('for a playground that does not exist', async () => {
    await expect(run()).rejects.toMatchObject({ id: 'PLAYGROUND_NOT_FOUND', exitCode: 4 })
  })

  test('for a playground without the component it needs, naming the command that adds it', async () => {
    await playground({
      spec: { name: 'dev', source: 'kind', kubernetesVersion: '1.34.10', nodes: 1, components: ['argo-cd'] },
    })
    await expect(run()).rejects.toMatchObject({
      id: 'COMPONENT_NEEDED',
      exitCode: 4,
      suggestions: ['play up dev --with argo-workflows'],
    })
  })

  test.each(['creating', 'failed', 'destroying'] as const)('for a playground that is %s', async (phase) => {
    await playground({ phase })
    await expect(run()).rejects.toMatchObject({ id: 'PLAYGROUND_NOT_READY', exitCode: 4 })
  })

  test('for a name that is none, with the nearest', async () => {
    await playground()
    await expect(run({ demo: 'helo' })).rejects.toMatchObject({
      id: 'USAGE_UNKNOWN_DEMO',
      suggestions: ['Did you mean hello?', 'play demo list'],
    })
  })
})
