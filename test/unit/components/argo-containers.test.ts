import { describe, expect, test } from 'vitest'
import { argoPipelines } from '../../../src/components/pipelines/argo-pipelines.ts'
import { argoState } from '../../../src/components/pipelines/argo-status.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import type { PipelineStep } from '../../../src/domain/pipelines.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'

const containers = [
  { name: 'clone' },
  { name: 'lint', dependencies: ['clone'] },
  { name: 'test', dependencies: ['clone'] },
  { name: 'main', dependencies: ['lint', 'test'] },
]
const templates = [
  { name: 'build', containerSet: { containers } },
  {
    name: 'promote',
    containerSet: { containers: [{ name: 'smoke' }, { name: 'main', dependencies: ['smoke'] }] },
  },
  {
    name: 'ci',
    dag: {
      tasks: [
        { name: 'build', template: 'build' },
        { name: 'promote', template: 'promote', dependencies: ['build'] },
      ],
    },
  },
]
const dag = { entrypoint: 'ci', templates }

/** ISO 8601, so many seconds after the run began. */
function at(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()
}

const waiting = { waiting: { reason: 'PodInitializing' } }
const running = { running: { startedAt: at(2) } }

function ended(second: number, exitCode = 0, more: object = {}): object {
  const reason = exitCode === 0 ? 'Completed' : 'Error'
  return { terminated: { exitCode, reason, startedAt: at(2), finishedAt: at(second), ...more } }
}

function podOf(states: Readonly<Record<string, object>>, node = 'wf.build'): KubeObject {
  const containerStatuses = Object.entries(states).map(([name, state]) => ({ name, state }))
  const annotations = { 'workflows.argoproj.io/node-name': node }
  const metadata = { name: 'wf-build-1', annotations }
  return { apiVersion: 'v1', kind: 'Pod', metadata, status: { phase: 'Running', containerStatuses } }
}

interface NodeFields {
  readonly phase: string
  readonly type?: string
  readonly message?: string
}

function nodeOf(path: string, fields: NodeFields): [string, object] {
  const type = path.split('.').length > 2 ? 'Container' : 'Pod'
  const id = type === 'Pod' && fields.type !== 'Retry' ? 'wf-1' : path
  const final = fields.phase === 'Running' ? {} : { finishedAt: at(9) }
  return [id, { id, name: path, type, templateName: 'build', startedAt: at(1), ...final, ...fields }]
}

interface Told {
  readonly states?: Readonly<Record<string, object>>
  readonly nodes?: Readonly<Record<string, NodeFields>>
  readonly status?: object
  readonly spec?: object
}

function stateOf({ states, nodes = { 'wf.build': { phase: 'Running' } }, status, spec = dag }: Told) {
  const all = Object.entries(nodes).map(([path, fields]) => nodeOf(path, fields))
  const workflow = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'wf' },
    spec,
    status: { phase: 'Running', nodes: Object.fromEntries(all) as object, ...status },
  }
  return argoState(workflow, states === undefined ? [] : [podOf(states)])
}

function phasesOf({ steps }: { readonly steps: readonly PipelineStep[] }): unknown {
  return Object.fromEntries(steps.slice(0, 4).map(({ name, phase }) => [name, phase]))
}

describe('the containers of a pod', () => {
  test('are steps before anything has started, one of them with the name of the whole', () => {
    const { steps } = stateOf({ nodes: {}, status: { phase: '' } })
    expect(steps.map(({ name, after, phase }) => [name, after, phase])).toEqual([
      ['build.clone', [], 'waiting'],
      ['build.lint', ['build.clone'], 'waiting'],
      ['build.test', ['build.clone'], 'waiting'],
      ['build', ['build.lint', 'build.test'], 'waiting'],
      ['promote.smoke', ['build'], 'waiting'],
      ['promote', ['promote.smoke'], 'waiting'],
    ])
  })

  test('need no group where there is nothing but their pod', () => {
    const { steps } = stateOf({ nodes: {}, status: { phase: '' }, spec: { entrypoint: 'build', templates } })
    expect(steps.map(({ name, after }) => [name, after])).toEqual([
      ['clone', []],
      ['lint', ['clone']],
      ['test', ['clone']],
      ['wf', ['lint', 'test']],
    ])
  })

  test('wait for what they depend on, although all of them run', () => {
    const { steps, pods } = stateOf({
      states: { wait: running, clone: running, lint: running, test: running, main: waiting },
    })
    expect(steps.slice(0, 4)).toMatchObject([
      { name: 'build.clone', phase: 'running', pod: 'wf-build-1', startedAt: at(1) },
      { name: 'build.lint', phase: 'waiting', message: '' },
      { name: 'build.test', phase: 'waiting', message: '' },
      { name: 'build', phase: 'waiting', message: 'PodInitializing' },
    ])
    expect(steps[1]?.startedAt).toBeUndefined()
    expect(pods[0]?.programs).toEqual([
      { container: 'clone', step: 'build.clone', hasStarted: true, startedAt: at(2) },
      { container: 'lint', step: 'build.lint', hasStarted: true, startedAt: at(2) },
      { container: 'test', step: 'build.test', hasStarted: true, startedAt: at(2) },
      { container: 'main', step: 'build', hasStarted: false },
    ])
  })

  test('take their turn when the pod says so, while the workflow still tells nothing', () => {
    const { steps } = stateOf({
      nodes: { 'wf.build': { phase: 'Running' }, 'wf.build.clone': { phase: 'Running' } },
      states: { clone: ended(4), lint: ended(6), test: running, main: running },
    })
    expect(steps.slice(0, 4)).toMatchObject([
      { phase: 'succeeded', finishedAt: at(4) },
      { phase: 'succeeded', startedAt: at(4), finishedAt: at(6) },
      { phase: 'running', startedAt: at(4) },
      { phase: 'waiting' },
    ])
  })

  test('that fail are told at once, what waits for them is skipped, and the others are stopped', () => {
    const words = 'dependency "lint" exited with non-zero code: 3'
    const told = stateOf({
      states: {
        clone: ended(4),
        lint: ended(6, 3),
        test: ended(7, 143),
        main: ended(7, 64, { message: words }),
      },
    })
    expect(phasesOf(told)).toEqual({
      'build.clone': 'succeeded',
      'build.lint': 'failed',
      'build.test': 'stopped',
      build: 'skipped',
    })
    expect(told.steps[1]?.message).toBe('Error (exit code 3)')
    expect(told.steps[3]).toMatchObject({ message: '', after: ['build.lint', 'build.test'] })
  })

  test('that ran out of memory failed, whatever else did', () => {
    const states = { clone: ended(4), lint: ended(6, 3), test: ended(6, 137, { reason: 'OOMKilled' }) }
    expect(phasesOf(stateOf({ states }))).toMatchObject({ 'build.test': 'failed' })
  })

  test('are told by the workflow when the pod is gone', () => {
    const told = stateOf({
      status: { phase: 'Failed' },
      nodes: {
        'wf.build': { phase: 'Failed', message: 'lint: Error (exit code 3)' },
        'wf.build.clone': { phase: 'Succeeded' },
        'wf.build.lint': { phase: 'Failed', message: 'lint: Error (exit code 3): ' },
        'wf.build.test': { phase: 'Succeeded' },
        'wf.build.main': { phase: 'Error', message: 'main: Error (exit code 64): dependency "lint" exited' },
      },
    })
    expect(phasesOf(told)).toEqual({
      'build.clone': 'succeeded',
      'build.lint': 'failed',
      'build.test': 'succeeded',
      build: 'skipped',
    })
    expect(told.message).toBe('Error (exit code 3)')
  })

  test('whose pod never came to run them fail with its words', () => {
    const told = stateOf({
      status: { phase: 'Error' },
      nodes: { 'wf.build': { phase: 'Error', message: 'Pod failed before main container starts' } },
    })
    expect(phasesOf(told)).toEqual({
      'build.clone': 'failed',
      'build.lint': 'skipped',
      'build.test': 'skipped',
      build: 'skipped',
    })
    expect(told.message).toBe('Pod failed before main container starts')
  })

  test('that all went well have failed as a whole where their outputs were lost', () => {
    const told = stateOf({
      status: { phase: 'Error' },
      nodes: { 'wf.build': { phase: 'Error', message: 'wait: Error (exit code 64)' } },
      states: { clone: ended(4), lint: ended(6), test: ended(6), main: ended(8) },
    })
    expect(phasesOf(told)).toMatchObject({ 'build.test': 'succeeded', build: 'failed' })
    expect(told.message).toBe('wait: Error (exit code 64)')
  })

  test('are stopped with their workflow, those that had begun', () => {
    const spec = { ...dag, shutdown: 'Stop' }
    const stopping = stateOf({ spec, states: { clone: ended(4, 143), lint: running } })
    expect(phasesOf(stopping)).toMatchObject({ 'build.clone': 'stopped', 'build.lint': 'skipped' })
    const message = 'workflow shutdown with strategy:  Stop'
    const stopped = stateOf({
      spec,
      status: { phase: 'Failed', message: "Stopped with strategy 'Stop'" },
      nodes: { 'wf.build': { phase: 'Failed', message } },
      states: { clone: ended(4), lint: running, test: ended(5), main: running },
    })
    expect(phasesOf(stopped)).toEqual({
      'build.clone': 'succeeded',
      'build.lint': 'stopped',
      'build.test': 'succeeded',
      build: 'skipped',
    })
  })

  test('are left out with their task', () => {
    const told = stateOf({ nodes: { 'wf.build': { phase: 'Omitted', type: 'Skipped', message: 'omitted' } } })
    expect(new Set(told.steps.slice(0, 4).map(({ phase }) => phase))).toEqual(new Set(['skipped']))
  })

  test('have not failed as long as they are tried again', () => {
    const told = stateOf({
      nodes: {
        'wf.build': { phase: 'Running', type: 'Retry' },
        'wf.build(0)': { phase: 'Running' },
      },
      states: { clone: ended(4), lint: ended(6, 3), test: running, main: running },
    })
    expect(phasesOf(told)).toEqual({
      'build.clone': 'succeeded',
      'build.lint': 'running',
      'build.test': 'running',
      build: 'waiting',
    })
  })

  test('come from a template of another object, too', () => {
    const spec = {
      entrypoint: 'ci',
      templates: [
        { name: 'ci', dag: { tasks: [{ name: 'build', templateRef: { name: 'lib', template: 'build' } }] } },
      ],
    }
    const status = { phase: '', storedTemplates: { 'namespaced/lib/build': templates[0] } }
    expect(stateOf({ spec, status, nodes: {} }).steps.map(({ name }) => name)).toEqual([
      'build.clone',
      'build.lint',
      'build.test',
      'build',
    ])
  })

  test('that wait for each other are for the controller to refuse', () => {
    const set = [
      { name: 'one', dependencies: ['main'] },
      { name: 'main', dependencies: ['one'] },
    ]
    const spec = { entrypoint: 'x', templates: [{ name: 'x', containerSet: { containers: set } }] }
    const nodes = { wf: { phase: 'Pending', type: 'Pod' } }
    expect(stateOf({ spec, nodes }).steps.map(({ phase }) => phase)).toEqual(['waiting', 'waiting'])
  })
})

test('a log of Argo is free of what the executor says, also behind a last line without a break', async () => {
  const cluster = new FakeCluster()
  const said = 'time=2026-01-01T00:00:00.000Z level=INFO msg='
  const lines = [
    `${said}"waiting for dependency" dependency=clone argo=true`,
    'one',
    '',
    `{"ok":true}${said}"sub-process exited" argo=true error=<nil>`,
    'Error: exit status 3',
    'Error: dependency "clone" exited with non-zero code: 1',
    'dependency "clone" exited with non-zero code: 1',
    'Error: failed to find name in PATH: exec: "nope"',
  ]
  cluster.setLog({ namespace: 'default', name: 'wf-1', container: 'main' }, lines)
  const heard: string[] = []
  const { signal } = new AbortController()
  const run = { namespace: 'default', name: 'wf' }
  for await (const line of argoPipelines.logs(cluster, run, { pod: 'wf-1', container: 'main' }, signal))
    heard.push(line)
  expect(heard).toEqual(['one', '', '{"ok":true}', 'Error: failed to find name in PATH: exec: "nope"'])
})
