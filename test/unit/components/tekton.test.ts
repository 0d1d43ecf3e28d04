import { describe, expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import { tektonPipelines } from '../../../src/components/pipelines/tekton-pipelines.ts'
import { tektonState } from '../../../src/components/pipelines/tekton-status.ts'
import { tekton } from '../../../src/components/pipelines/tekton.ts'
import { transform } from '../../../src/components/install/transform.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import { imagesOf } from '../../../src/sources/kind/images.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'

/** As config/controller.yaml of v1.0.0 has it, shortened. */
function controller(image = 'ko://github.com/tektoncd/pipeline/cmd/controller'): KubeObject {
  const labels = { 'app.kubernetes.io/version': 'devel', 'app.kubernetes.io/instance': 'default' }
  const args = [
    ...['-entrypoint-image', 'ko://github.com/tektoncd/pipeline/cmd/entrypoint'],
    ...['-nop-image', 'ko://github.com/tektoncd/pipeline/cmd/nop'],
    ...['-sidecarlogresults-image', 'ko://github.com/tektoncd/pipeline/cmd/sidecarlogresults'],
    ...['-workingdirinit-image', 'ko://github.com/tektoncd/pipeline/cmd/workingdirinit'],
    ...['-shell-image', 'cgr.dev/chainguard/busybox@sha256:19f02276bf8dbdd6'],
    ...['-shell-image-win', 'mcr.microsoft.com/powershell:nanoserver@sha256:b6d5ff841b78bdf2'],
  ]
  const containers = [{ name: 'tekton-pipelines-controller', image, args }]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'tekton-pipelines-controller', namespace: 'tekton-pipelines', labels },
    spec: { template: { metadata: { labels }, spec: { containers } } },
  }
}

function applied(objects: readonly KubeObject[]): KubeObject[] {
  return transform(objects, { component: tekton, root: '01h', adoption: undefined, preloaded: true })
}

describe('the component tekton', () => {
  test('runs what upstream has published, and a shell that every bundle has', () => {
    expect(imagesOf(applied([controller()]))).toEqual([
      'ghcr.io/tektoncd/pipeline/controller-10a3e32792f33651396d02b6855a6e36:v1.0.0',
      'ghcr.io/tektoncd/pipeline/entrypoint-bff0a22da108bc2f16c818c97641a296:v1.0.0',
      'ghcr.io/tektoncd/pipeline/nop-8eac7c133edad5df719dc37b36b62482:v1.0.0',
      'ghcr.io/tektoncd/pipeline/workingdirinit-0c558922ec6a1b739e550e349f2d5fc1:v1.0.0',
      'docker.io/library/busybox:1.35',
    ])
  })

  test('leaves the image for Windows, without which the controller does not start, and builds nothing itself', () => {
    const text = JSON.stringify(applied([controller()]))
    expect(text).toContain('"-shell-image-win","mcr.microsoft.com/powershell:nanoserver@sha256:')
    expect(text).not.toContain('ko://')
    expect(text).not.toContain('devel')
    expect(text).toContain('"app.kubernetes.io/version":"v1.0.0"')
  })

  test('does not run a program that it does not know', () => {
    const unknown = controller('ko://github.com/tektoncd/pipeline/cmd/new')
    expect(() => applied([unknown])).toThrow(/the program new/)
  })

  test('leaves out what the events controller may do, and has its namespace once', () => {
    const role = (name: string): KubeObject => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
    })
    const names = ['tekton-pipelines-controller', 'tekton-events-controller-cluster-access']
    const objects = applied([...names, 'tekton-pipelines-events-controller'].map(role))
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(['tekton-pipelines', names[0]])
  })

  test('fills the slot beside Argo Workflows, which comes first where both are there', () => {
    expect(tekton).toMatchObject({ slot: 'pipelines', byDefault: false })
    expect(componentRegistry.pipelines([])).toBeUndefined()
    expect(componentRegistry.pipelines(['git', 'tekton'])?.dialect).toBe('tekton')
    expect(componentRegistry.pipelines(['tekton', 'argo-workflows'])?.dialect).toBe('argo-workflows')
  })
})

interface Told {
  readonly status: string
  readonly reason: string
  readonly message?: string
}

function condition(told: Told): object {
  return { conditions: [{ type: 'Succeeded', ...told }] }
}

const succeeded: Told = { status: 'True', reason: 'Succeeded', message: 'All Steps have completed executing' }

const pipelineSpec = {
  tasks: [
    { name: 'clone' },
    { name: 'lint', runAfter: ['clone'] },
    { name: 'test', params: [{ name: 'commit', value: '$(tasks.clone.results.commit)' }] },
  ],
  finally: [{ name: 'report' }],
}

function run(told: Told | undefined, more: object = {}): KubeObject {
  const status = { pipelineSpec, ...(told && condition(told)), ...more }
  const metadata = { name: 'ci', namespace: 'demo' }
  return { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata, spec: {}, status }
}

function taskRun(task: string, told: Told, name = `ci-${task}`): KubeObject {
  const labels = { 'tekton.dev/pipelineRun': 'ci', 'tekton.dev/pipelineTask': task }
  const status = { podName: `${name}-pod`, ...condition(told) }
  return { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: { name, labels }, status }
}

describe('a PipelineRun of Tekton', () => {
  test('has all its tasks from the beginning, with what they wait for', () => {
    const { phase, steps } = tektonState(run(undefined), [])
    expect(phase).toBe('waiting')
    expect(steps.map((step) => [step.name, step.after, step.phase])).toEqual([
      ['clone', [], 'waiting'],
      ['lint', ['clone'], 'waiting'],
      ['test', ['clone'], 'waiting'],
      ['report', ['clone', 'lint', 'test'], 'waiting'],
    ])
  })

  test.each([
    ['Unknown', 'Started', 'waiting'],
    ['Unknown', 'PipelineRunPending', 'waiting'],
    ['Unknown', 'Running', 'running'],
    ['Unknown', 'CancelledRunningFinally', 'running'],
    ['True', 'Completed', 'succeeded'],
    ['False', 'Failed', 'failed'],
    ['False', 'PipelineRunTimeout', 'failed'],
    ['False', 'Cancelled', 'stopped'],
  ])('that is %s because of %s is %s', (status, reason, phase) => {
    expect(tektonState(run({ status, reason, message: 'why' }), [])).toMatchObject({
      phase,
      message: phase === 'failed' || phase === 'stopped' ? 'why' : '',
    })
  })

  test('that failed says why by its task, and has skipped what came after', () => {
    const told = { status: 'False', reason: 'Failed', message: 'Tasks Completed: 2 (Failed: 1)' }
    const skippedTasks = [{ name: 'test', reason: 'PipelineRun was stopping' }]
    const failed = { status: 'False', reason: 'Failed', message: '"step-main" exited with code 3' }
    const parts = [taskRun('clone', succeeded), taskRun('lint', failed)]
    const { message, steps } = tektonState(run(told, { skippedTasks }), parts)
    expect(message).toBe('"step-main" exited with code 3')
    expect(steps.map(({ phase, pod, message: words }) => [phase, pod, words])).toEqual([
      ['succeeded', 'ci-clone-pod', ''],
      ['failed', 'ci-lint-pod', '"step-main" exited with code 3'],
      ['skipped', undefined, 'PipelineRun was stopping'],
      ['skipped', undefined, ''],
    ])
  })

  test('that has succeeded has its results as outputs, lists as JSON', () => {
    const results = [
      { name: 'digest', value: 'sha256:1' },
      { name: 'all', value: ['a', 'b'] },
    ]
    expect(tektonState(run(succeeded, { results }), []).outputs).toEqual({
      digest: 'sha256:1',
      all: '["a","b"]',
    })
    const going = { status: 'Unknown', reason: 'Running' }
    expect(tektonState(run(going, { results }), []).outputs).toEqual({})
  })

  test('has a step for each value of a matrix', () => {
    const parts = ['ci-lint-0', 'ci-lint-1'].map((name) => taskRun('lint', succeeded, name))
    const { steps } = tektonState(run({ status: 'Unknown', reason: 'Running' }), parts)
    expect(steps.map(({ name }) => name)).toEqual(['clone', 'lint-0', 'lint-1', 'test', 'report'])
  })

  test('says why a task does not run yet', () => {
    const told = { status: 'Unknown', reason: 'Pending', message: 'build step "step-main" is pending' }
    const { steps } = tektonState(run({ status: 'Unknown', reason: 'Running' }), [taskRun('clone', told)])
    expect(steps[0]).toMatchObject({ phase: 'waiting', message: 'build step "step-main" is pending' })
  })

  test('has a log of what each of its programs writes, and nothing of the entrypoint', async () => {
    const cluster = new FakeCluster()
    const log = { namespace: 'default', name: 'ci-clone-pod' }
    cluster.setLog({ ...log, container: 'step-one' }, ['one', '2026/01/01 00:00:00 INFO Step was canceling'])
    cluster.setLog({ ...log, container: 'step-two' }, [
      '2026/01/01 00:00:00 Skipping step because a previous step failed',
      '2026/01/01 00:00:00 two',
    ])
    const terminated = (name: string) => ({
      name,
      state: { terminated: { startedAt: '1', finishedAt: '2' } },
    })
    const names = ['istio', 'step-one', 'step-two']
    const pod: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: log.name, labels: { 'tekton.dev/taskRun': 'ci-clone' } },
      spec: { containers: names.map((name) => ({ name })) },
      status: { phase: 'Failed', containerStatuses: names.map(terminated) },
    }
    const told = tektonState(run({ status: 'Unknown', reason: 'Running' }), [
      taskRun('clone', succeeded),
      pod,
    ])
    const programs = ['step-one', 'step-two'].map((container) => ({
      container,
      step: 'clone',
      hasStarted: true,
    }))
    expect(told.pods).toMatchObject([{ programs, state: 'Failed', startedAt: '1', finishedAt: '2' }])
    const lines: string[] = []
    const { signal } = new AbortController()
    const at = { namespace: 'default', name: 'ci' }
    for (const { container } of programs) {
      const program = { pod: log.name, container }
      for await (const line of tektonPipelines.logs(cluster, at, program, signal)) lines.push(line)
    }
    expect(lines).toEqual(['one', '2026/01/01 00:00:00 two'])
  })
})
