import { beforeEach, describe, expect, test } from 'vitest'
import { argoPipelines } from '../../../src/components/pipelines/argo-pipelines.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import type { PipelinePod, PipelineRun, PipelineState } from '../../../src/domain/pipelines.ts'
import { pipelineObject } from '../../contract/pipeline-objects.ts'
import { playArgoWorkflows } from '../../fakes/fake-argo-workflows.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'

const forbidden = PlayError.of('API_REJECTED', { object: 'Pod', reason: 'forbidden' })
const { signal } = new AbortController()
let cluster: FakeCluster
let troubles: unknown[]

beforeEach(() => {
  cluster = new FakeCluster()
  troubles = []
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo-hello' } })
})

function submit(): Promise<PipelineRun> {
  playArgoWorkflows(cluster)
  const object = pipelineObject('argo-workflows', 'succeeds')
  return argoPipelines.submit(cluster, object, {}, signal)
}

async function observe(run: PipelineRun): Promise<PipelineState[]> {
  const states: PipelineState[] = []
  const options = { signal, onTrouble: (error: unknown) => troubles.push(error) }
  for await (const state of argoPipelines.observe(cluster, run, options)) states.push(state)
  return states
}

describe('a run', () => {
  test('is watched with one watch for each kind of object', async () => {
    await observe(await submit())
    expect(cluster.calls.filter((call) => call.startsWith('watch')).sort()).toEqual([
      'watch Pod demo-hello',
      'watch Workflow demo-hello',
    ])
  })

  test('whose pods cannot be watched is told all the same, with its pods at the end', async () => {
    cluster.fail('watch Pod', forbidden)
    const states = await observe(await submit())
    expect(troubles).toEqual([forbidden])
    expect(states.at(-1)).toMatchObject({ phase: 'succeeded' })
    expect(states.at(-1)?.pods).toHaveLength(2)
  })

  test('whose pods cannot be looked at in any way has an end all the same', async () => {
    cluster.fail('watch Pod', forbidden)
    cluster.fail('list Pod', forbidden)
    const states = await observe(await submit())
    expect(troubles).toEqual([forbidden, forbidden])
    expect(states.at(-1)).toMatchObject({ phase: 'succeeded', pods: [] })
  })

  test('that cannot be watched itself is an error', async () => {
    cluster.fail('watch Workflow', forbidden)
    await expect(observe(await submit())).rejects.toBe(forbidden)
    expect(troubles).toEqual([])
  })

  test('leaves no watch open that has something to say at its very end', async () => {
    const run = { namespace: 'demo-hello', name: 'one' }
    const metadata = { ...run, labels: { 'workflows.argoproj.io/workflow': run.name } }
    const workflow = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata }
    const open = new Set<string>()
    const client: Parameters<typeof argoPipelines.observe>[0] = {
      get: () => Promise.resolve({ ...workflow, status: { phase: 'Running' } }),
      list: () => Promise.resolve([]),
      async *watch({ kind }) {
        open.add(kind)
        try {
          const object = kind === 'Pod' ? { ...workflow, apiVersion: 'v1', kind } : workflow
          const told = { ...object, status: { phase: 'Succeeded' } }
          for (;;) yield await Promise.resolve({ type: 'modified', object: told } as const)
        } finally {
          open.delete(kind)
        }
      },
    }
    const phases: string[] = []
    for await (const { phase } of argoPipelines.observe(client, run, { signal, onTrouble: () => undefined }))
      phases.push(phase)
    expect(phases.at(-1)).toBe('succeeded')
    expect([...open]).toEqual([])
  })

  test('whose image cannot be pulled is told with kubectl’s word for it', async () => {
    const pods: PipelinePod[] = []
    const run = await submit()
    for await (const state of argoPipelines.observe(cluster, run, { signal, onTrouble: () => undefined })) {
      pods.push(...state.pods)
      if (state.phase !== 'running' || state.pods.some((pod) => pod.name === 'stuck')) continue
      const labels = { 'workflows.argoproj.io/workflow': run.name }
      const containerStatuses = [{ name: 'main', state: { waiting: { reason: 'ImagePullBackOff' } } }]
      cluster.put({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'stuck', namespace: run.namespace, labels },
        status: { phase: 'Pending', containerStatuses },
      })
    }
    expect(pods).toContainEqual(
      expect.objectContaining({
        name: 'stuck',
        state: 'ImagePullBackOff',
        programs: [expect.objectContaining({ container: 'main', hasStarted: false })],
      }),
    )
  })
})
