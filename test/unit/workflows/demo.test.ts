import { beforeEach, describe, expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import { demoMaker } from '../../../src/demos/index.ts'
import type { DemoResult } from '../../../src/domain/demo.ts'
import type { DemoDefinition } from '../../../src/domain/demo-definition.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import type { PlaygroundState } from '../../../src/domain/playground.ts'
import { orElseStop, runDemo, stopDemo, type DemoOptions } from '../../../src/workflows/demo.ts'
import { pipelineObject, type Story } from '../../contract/pipeline-objects.ts'
import { demoFolder, namespaceObject } from '../../fakes/demo-stage.ts'
import { playArgoWorkflows } from '../../fakes/fake-argo-workflows.ts'
import type { FakeCluster } from '../../fakes/fake-cluster.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'

const workflows = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace: 'demo-hello' }
const definition: Partial<DemoDefinition> = {
  needs: ['pipelines'],
  steps: [
    { id: 'namespace', title: 'Make the namespace', apply: { files: ['namespace.yaml'] } },
    { id: 'run', title: 'Run', workflow: { file: 'run.yaml' } },
  ],
  message: '${steps.run.log}',
}
let world: FakeWorld
/** Runs that were asked about, and what was told of them. */
let asked: string[]
let told: string[]

beforeEach(() => {
  world = new FakeWorld()
  asked = []
  told = []
})

async function playground(changes: Partial<PlaygroundState> = {}): Promise<FakeCluster> {
  const spec = { name: 'dev', source: 'kind', kubernetesVersion: '1.34.10', nodes: 1 } as const
  await world.makePlayground('dev', { spec: { ...spec, components: ['argo-workflows'] }, ...changes })
  const cluster = world.cluster('dev')
  playArgoWorkflows(cluster)
  return cluster
}

const folder = (story: Story, changes: Partial<DemoDefinition> = {}): DemoOptions['folder'] =>
  demoFolder(
    { ...definition, ...changes },
    {
      'namespace.yaml': [namespaceObject('demo-hello')],
      'run.yaml': [pipelineObject('argo-workflows', story)],
    },
  )

const tools = (): Parameters<typeof runDemo>[1] => ({
  ...{ ports: world.ports, components: componentRegistry, demos: demoMaker },
})

function run(
  story: Story,
  options: Partial<DemoOptions> = {},
  session = world.session(),
): Promise<DemoResult> {
  const all: DemoOptions = {
    ...{ folder: folder(story), name: 'dev', timeoutMs: 5000, options: {}, again: 'play demo shop dev' },
    confirmStop(pipeline) {
      asked.push(pipeline.name)
      return Promise.resolve(true)
    },
    onStopped: (text) => told.push(text),
    ...options,
  }
  return world.run(runDemo(all, tools(), session))
}

/** A session that is interrupted with the first line that the pipeline writes. */
function interrupted(): ReturnType<FakeWorld['session']> {
  const interrupt = new AbortController()
  const { sink, ...session } = world.session({ signal: interrupt.signal })
  return {
    ...session,
    sink(event) {
      sink(event)
      if (event.type === 'step.log') interrupt.abort(PlayError.of('CANCELLED', { resume: [] }))
    },
  }
}

function name(cluster: FakeCluster): string {
  return cluster.objects(workflows)[0]?.metadata.name ?? 'none'
}

function phase(cluster: FakeCluster): unknown {
  const status = cluster.objects(workflows)[0]?.['status'] as { message?: string } | undefined
  return status?.message
}

describe('a demo', () => {
  test('ends with what it proved, and asks about no pipeline that has ended', async () => {
    const cluster = await playground()
    const ready: string[] = []
    const result = await run('succeeds', { onReady: ({ spec }) => ready.push(spec.name) })
    expect(result).toMatchObject({ demo: 'shop', message: 'hello\ntwo\nthree' })
    expect(world.eventsOf('run.succeeded')[0]?.result).toEqual(result)
    expect(ready).toEqual(['dev'])
    expect([...asked, ...told]).toEqual([])
    expect(phase(cluster)).toBeUndefined()
  })

  test('that fails ends with exit code 6, and asks about no pipeline that has ended', async () => {
    await playground()
    await expect(run('fails')).rejects.toMatchObject({ id: 'DEMO_FAILED', exitCode: 6 })
    expect([...asked, ...told]).toEqual([])
  })

  test('is refused by the cluster with its words', async () => {
    const refused = PlayError.of('API_REJECTED', { object: 'Namespace demo-hello', reason: 'forbidden' })
    ;(await playground()).fail('apply Namespace', refused)
    await expect(run('succeeds')).rejects.toMatchObject({ id: 'API_REJECTED', exitCode: 6 })
  })
})

describe('a demo that is interrupted', () => {
  test('stops the pipeline that goes on, waits for its end, and says so', async () => {
    const cluster = await playground()
    await expect(run('hangs', {}, interrupted())).rejects.toMatchObject({
      ...{ id: 'CANCELLED', exitCode: 130 },
      suggestions: ['play demo shop dev', 'play demo stop shop dev'],
    })
    expect(asked).toEqual([name(cluster)])
    expect(told).toEqual([`workflow ${name(cluster)} is stopped`])
    expect(phase(cluster)).toBe("Stopped with strategy 'Stop'")
    expect(world.clock.sleeping).toBe(0)
  })

  test('leaves it when the answer is no, and says how to watch it', async () => {
    const cluster = await playground()
    const confirmStop = (): Promise<boolean> => Promise.resolve(false)
    await expect(run('hangs', { confirmStop }, interrupted())).rejects.toMatchObject({ id: 'CANCELLED' })
    const command = `kubectl --namespace demo-hello get workflow ${name(cluster)} --watch`
    expect(told).toEqual([`workflow ${name(cluster)} goes on: ${command}`])
    expect(phase(cluster)).toBeUndefined()
  })

  test('before there is a pipeline has nothing to ask', async () => {
    await playground()
    const interrupt = new AbortController()
    const afterStep = (): Promise<void> => {
      interrupt.abort(PlayError.of('CANCELLED', { resume: [] }))
      return Promise.resolve()
    }
    const session = world.session({ signal: interrupt.signal, afterStep })
    await expect(run('hangs', {}, session)).rejects.toMatchObject({ id: 'CANCELLED' })
    expect([...asked, ...told]).toEqual([])
  })

  test.each(['patch Workflow', 'get Workflow'])(
    'tells that the pipeline may go on when it cannot be stopped (%s)',
    async (call) => {
      const cluster = await playground()
      const confirmStop = (): Promise<boolean> => {
        cluster.fail(call, PlayError.of('API_REJECTED', { object: 'Workflow', reason: 'forbidden' }))
        return Promise.resolve(true)
      }
      await expect(run('hangs', { confirmStop }, interrupted())).rejects.toMatchObject({ id: 'CANCELLED' })
      expect(told).toEqual([expect.stringMatching(/ may go on \(.*forbidden\): play demo stop shop dev$/)])
    },
  )

  test('is not held up by a controller that does not answer', async () => {
    const cluster = await playground()
    const confirmStop = (): Promise<boolean> => {
      cluster.setStatus = () => undefined
      return Promise.resolve(true)
    }
    const before = world.clock.now()
    await expect(run('hangs', { confirmStop }, interrupted())).rejects.toMatchObject({ id: 'CANCELLED' })
    expect(told[0]).toContain('may go on (timed out after 20 s waiting for its end)')
    expect(world.clock.now() - before).toBeLessThan(25_000)
    expect(world.clock.sleeping).toBe(0)
  })

  test('tells of the interrupt even where the question itself goes wrong', async () => {
    await playground()
    const confirmStop = (): Promise<boolean> => Promise.reject(new Error('the terminal is gone'))
    await expect(run('hangs', { confirmStop }, interrupted())).rejects.toMatchObject({ id: 'CANCELLED' })
    expect(told[0]).toContain('may go on (the terminal is gone)')
  })
})

test('a demo whose patience ends stops its pipeline as well', async () => {
  const cluster = await playground()
  await expect(run('hangs')).rejects.toMatchObject({ id: 'WAIT_TIMEOUT', exitCode: 7 })
  expect(told).toEqual([`workflow ${name(cluster)} is stopped`])
})

test('where there is nobody to ask a pipeline is stopped, and only there', async () => {
  const nobody = PlayError.of('CONFIRM_NEEDED', { action: 'stop' })
  expect(await orElseStop(Promise.reject(nobody))).toBe(true)
  expect(await orElseStop(Promise.resolve(false))).toBe(false)
  await expect(orElseStop(Promise.reject(new Error('x')))).rejects.toThrow('x')
})

describe('a demo is refused', () => {
  test('for a playground that does not exist', async () => {
    await expect(run('succeeds')).rejects.toMatchObject({ id: 'PLAYGROUND_NOT_FOUND', exitCode: 4 })
  })

  test.each(['creating', 'failed', 'destroying'] as const)('for a playground that is %s', async (state) => {
    await playground({ phase: state })
    await expect(run('succeeds')).rejects.toMatchObject({ id: 'PLAYGROUND_NOT_READY', exitCode: 4 })
  })

  test('before anything is done where an option is wrong', async () => {
    const cluster = await playground()
    await expect(run('succeeds', { options: { color: 'red' } })).rejects.toMatchObject({
      id: 'USAGE_INVALID',
    })
    expect(cluster.calls).toEqual([])
  })
})

describe('stopping a demo', () => {
  const stop = (): ReturnType<typeof stopDemo> => {
    const options = { folder: folder('succeeds'), name: 'dev', timeoutMs: 5000 }
    return world.run(stopDemo(options, tools(), world.session()))
  }

  test('removes what its runs have made, and finds nothing the second time', async () => {
    const cluster = await playground()
    await run('succeeds')
    expect(await stop()).toEqual({ demo: 'shop', name: 'dev', removed: 2 })
    expect(cluster.objects(workflows)).toEqual([])
    expect(await stop()).toEqual({ demo: 'shop', name: 'dev', removed: 0 })
  })

  test('is possible where `up` has failed since', async () => {
    await playground({ phase: 'failed' })
    expect(await stop()).toMatchObject({ removed: 0 })
  })

  test('of a playground that does not exist is refused', async () => {
    await expect(stop()).rejects.toMatchObject({ id: 'PLAYGROUND_NOT_FOUND' })
  })
})
