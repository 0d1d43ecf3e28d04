import { beforeEach, describe, expect, test } from 'vitest'
import { argoPipelines } from '../../../src/components/pipelines/argo-pipelines.ts'
import { followRun, type FollowOptions, type RunEnd } from '../../../src/demos/follow-run.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import type { Pipelines, PipelineState, PipelineStep } from '../../../src/domain/pipelines.ts'
import { containerSetObject, pipelineObject } from '../../contract/pipeline-objects.ts'
import { playArgoWorkflows } from '../../fakes/fake-argo-workflows.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'
import { letTimePass } from '../../fakes/let-time-pass.ts'
import { RecordingReporter } from '../../fakes/recording-reporter.ts'

let cluster: FakeCluster
let clock: FakeClock
let stop: AbortController
let report: RecordingReporter

beforeEach(() => {
  cluster = new FakeCluster()
  clock = new FakeClock()
  stop = new AbortController()
  report = new RecordingReporter()
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo-hello' } })
  playArgoWorkflows(cluster)
})

function follow(run: FollowOptions['run'], pipelines: Pipelines = argoPipelines): Promise<RunEnd> {
  return followRun({ client: cluster, pipelines, run, report, clock, signal: stop.signal })
}

async function runOf(object: KubeObject, watch: () => void = () => undefined): Promise<RunEnd> {
  const run = await argoPipelines.submit(cluster, object, {}, stop.signal)
  watch()
  return await letTimePass(clock, follow(run))
}

/** A product that tells these states. */
function telling(states: readonly Partial<PipelineState>[]): Pipelines {
  const whole = (state: Partial<PipelineState>): PipelineState => ({
    ...{ phase: 'running', message: '', steps: [], pods: [], outputs: {} },
    ...state,
  })
  return {
    ...argoPipelines,
    async *observe() {
      for (const state of states) yield await Promise.resolve(whole(state))
    },
  }
}

const run = { namespace: 'demo-hello', name: 'ci' }
const step: PipelineStep = { name: 'build', after: [], phase: 'waiting', message: '' }

describe('following a run', () => {
  test('tells all steps first, then each that changes, with the lines of its own program', async () => {
    const end = await runOf(containerSetObject('set-succeeds'))

    const names = ['first', 'build.clone', 'build.lint', 'build.test', 'build', 'second']
    expect(report.tasks.slice(0, 6).map(({ task, phase }) => [task, phase])).toEqual(
      names.map((name) => [name, 'waiting']),
    )
    const texts = report.tasks.map((task) => JSON.stringify(task))
    expect(new Set(texts).size).toBe(texts.length)
    for (const name of names)
      expect(report.tasks.findLast(({ task }) => task === name)?.phase).toBe('succeeded')
    expect(report.outputs).toContainEqual({ task: 'build.lint', line: 'lint' })
    expect(end).toMatchObject({ succeeded: true, state: { phase: 'succeeded' } })
    expect(end.log).toEqual(['one', 'clone', 'lint', 'test', 'hello', 'three'])
    expect(end.failed).toBeUndefined()
    expect(report.logged).toEqual([])
    expect(report.warned).toEqual([])
    expect(report.progressed).toEqual([])
  })

  test('tells the times of each program, which are not those of its pod', async () => {
    await runOf(containerSetObject('set-succeeds'))
    const [clone, lint] = ['build.clone', 'build.lint'].map((name) =>
      report.tasks.findLast(({ task }) => task === name),
    )
    expect(lint?.startedAt).toBe(clone?.finishedAt)
    expect(lint?.createdAt).toBe(clone?.createdAt)
    expect(Date.parse(lint?.createdAt ?? '')).toBeLessThan(Date.parse(clone?.startedAt ?? ''))
  })

  test('ends with the step that failed and its own lines', async () => {
    const end = await runOf(containerSetObject('set-fails'))
    expect(end).toMatchObject({ succeeded: false, reason: 'Error (exit code 3)' })
    expect(end.failed).toMatchObject({ step: 'build.lint', log: ['lint'] })
    expect(end.failed?.pod).toMatch(/-set-/)
  })

  test('whose logs break now and then loses no line, and none twice', async () => {
    const forbidden = PlayError.of('API_UNREACHABLE', { server: 'x', reason: 'the connection was cut' })
    const end = await runOf(pipelineObject('argo-workflows', 'succeeds'), () => {
      cluster.fail('logs', forbidden, 3)
    })
    expect(end.log.toSorted()).toEqual(['hello', 'three', 'two'])
    expect(end.log.indexOf('hello')).toBeLessThan(end.log.indexOf('two'))
    expect(report.warned).toEqual([])
  })

  test('whose logs cannot be read has its outcome all the same, and a warning', async () => {
    const forbidden = PlayError.of('API_REJECTED', { object: 'Pod x', reason: 'forbidden' })
    const end = await runOf(pipelineObject('argo-workflows', 'succeeds'), () => {
      cluster.fail('logs', forbidden, 100)
    })
    expect(end).toMatchObject({ succeeded: true, log: [] })
    expect(report.warned.map(({ id }) => id)).toContain('API_REJECTED')
  })

  test('that is interrupted ends with the reason', async () => {
    const reason = new Error('enough')
    const submitted = await argoPipelines.submit(
      cluster,
      pipelineObject('argo-workflows', 'hangs'),
      {},
      stop.signal,
    )
    report.output = () => {
      stop.abort(reason)
    }
    await expect(letTimePass(clock, follow(submitted))).rejects.toBe(reason)
    expect(clock.sleeping).toBe(0)
  })

  test('tells why a step waits: what its pod says, else what the product says', async () => {
    const programs = [{ container: 'main', step: 'build', hasStarted: false }]
    const waits = { ...step, pod: 'ci-1', message: 'Unschedulable: 0/1 nodes are available' }
    const pod = { name: 'ci-1', state: 'Pending', programs, createdAt: '2026-01-01T00:00:00Z' }
    await follow(
      run,
      telling([
        { steps: [waits], pods: [pod] },
        { steps: [waits], pods: [{ ...pod, state: 'ImagePullBackOff' }] },
        { phase: 'stopped', steps: [{ ...waits, phase: 'stopped', message: 'Stopped' }], pods: [] },
      ]),
    )
    expect(report.tasks.map(({ phase, message }) => [phase, message])).toEqual([
      ['waiting', 'Unschedulable: 0/1 nodes are available'],
      ['waiting', 'ImagePullBackOff'],
      ['stopped', 'Stopped'],
    ])
  })

  test('says that nobody has seen the run yet, and takes that back', async () => {
    await follow(run, telling([{ phase: 'waiting' }, { phase: 'waiting' }, {}, { phase: 'succeeded' }]))
    const texts = report.progressed.map(({ text }) => text)
    expect(texts).toEqual(['waiting for the controller', 'running'])
  })

  test('leaves a task that has become several behind as skipped', async () => {
    const turn = { ...step, name: 'build(0:a)', phase: 'succeeded' as const }
    const states = [{ steps: [step] }, { steps: [turn] }, { phase: 'succeeded' as const, steps: [turn] }]
    await follow(run, telling(states))
    expect(report.tasks.map(({ task, phase }) => [task, phase])).toEqual([
      ['build', 'waiting'],
      ['build(0:a)', 'succeeded'],
      ['build', 'skipped'],
    ])
  })

  test('that failed with no step to blame gives the words of the product', async () => {
    const end = await follow(run, telling([{ phase: 'failed', message: 'invalid spec' }]))
    expect(end).toMatchObject({ succeeded: false, reason: 'invalid spec', log: [] })
    expect(end.failed).toBeUndefined()
  })
})
