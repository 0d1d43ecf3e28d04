import { describe, expect, test } from 'vitest'
import { argoState } from '../../../src/components/pipelines/argo-status.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'

const name = 'ci'
const dag = {
  entrypoint: 'main',
  templates: [
    {
      name: 'main',
      dag: {
        tasks: [
          { name: 'clone' },
          { name: 'lint', dependencies: ['clone'] },
          { name: 'test', depends: 'clone.Succeeded && !clone.Failed' },
          { name: 'build', depends: 'lint && (test.Succeeded || test.Skipped)' },
        ],
      },
    },
  ],
}
const root = { id: name, name, displayName: name, type: 'DAG', phase: 'Running' }

function workflow(spec: object, status: object): KubeObject {
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata: { name }, spec, status }
}

interface Fields {
  readonly [field: string]: unknown
  readonly phase: string
}

/** Nodes by what follows the workflow's name in theirs. */
function nodes(all: Readonly<Record<string, Fields>>): object {
  const entries = Object.entries(all).map(([path, fields], index) => {
    const id = path === '' ? name : `${name}-${String(100 + index)}`
    return [id, { id, name: `${name}${path}`, displayName: path, type: 'Pod', templateName: 't', ...fields }]
  })
  return Object.fromEntries(entries) as object
}

function state(status: object, spec: object = dag) {
  return argoState(workflow(spec, status), [])
}

function phasesOf(status: object, spec: object = dag): unknown {
  return state(status, spec).steps.map((step) => [step.name, step.phase])
}

describe('an Argo Workflow', () => {
  test('that nobody has looked at waits, with its steps and what they wait for', () => {
    expect(state({})).toMatchObject({ phase: 'waiting', message: '', pods: [] })
    expect(state({}).steps.map(({ name: step, after, phase }) => [step, after, phase])).toEqual([
      ['clone', [], 'waiting'],
      ['lint', ['clone'], 'waiting'],
      ['test', ['clone'], 'waiting'],
      ['build', ['lint', 'test'], 'waiting'],
    ])
  })

  test('that refers to a template has the steps of that', () => {
    const status = { storedWorkflowTemplateSpec: dag }
    expect(state(status, { workflowTemplateRef: { name: 'ci' } }).steps).toHaveLength(4)
  })

  test('of steps goes group by group', () => {
    const steps = [[{ name: 'one' }], [{ name: 'two' }, { name: 'three' }], [{ name: 'four' }]]
    const spec = { entrypoint: 'main', templates: [{ name: 'main', steps }] }
    expect(state({}, spec).steps.map((step) => [step.name, step.after])).toEqual([
      ['one', []],
      ['two', ['one']],
      ['three', ['one']],
      ['four', ['two', 'three']],
    ])
    const running = {
      phase: 'Running',
      nodes: nodes({
        '': { type: 'Steps', phase: 'Running' },
        '[0]': { type: 'StepGroup', phase: 'Succeeded' },
        '[0].one': { phase: 'Succeeded' },
        '[1]': { type: 'StepGroup', phase: 'Running' },
        '[1].two': { phase: 'Running' },
      }),
    }
    expect(phasesOf(running, spec)).toEqual([
      ['one', 'succeeded'],
      ['two', 'running'],
      ['three', 'waiting'],
      ['four', 'waiting'],
    ])
  })

  test('names the pods as its controller does', () => {
    const all = nodes({ '.clone': { phase: 'Running', templateName: 'git' } })
    expect(state({ phase: 'Running', nodes: all }).steps[0]?.pod).toBe('ci-git-100')
    const shared = { phase: 'Running', templateName: 'x', templateRef: { name: 'lib', template: 'git' } }
    expect(state({ phase: 'Running', nodes: nodes({ '.clone': shared }) }).steps[0]?.pod).toBe('ci-git-100')
    const only = { entrypoint: 'say', templates: [{ name: 'say', container: {} }] }
    expect(state({ nodes: nodes({ '': { phase: 'Pending' } }) }, only).steps).toMatchObject([
      { name: 'ci', pod: 'ci', phase: 'waiting' },
    ])
  })

  test('tells a step that is tried again as one, with its last pod and why that failed', () => {
    const status = {
      phase: 'Failed',
      nodes: nodes({
        '': { ...root, phase: 'Failed' },
        '.clone': { type: 'Retry', phase: 'Failed', message: 'No more retries left', startedAt: '1' },
        '.clone(0)': { phase: 'Failed', message: 'OOMKilled (exit code 137)', startedAt: '1' },
        '.clone(1)': { phase: 'Failed', message: 'Error (exit code 1)', startedAt: '2' },
      }),
    }
    const { steps, message } = state(status)
    expect(steps[0]).toMatchObject({
      name: 'clone',
      phase: 'failed',
      pod: 'ci-t-103',
      message: 'Error (exit code 1)',
    })
    expect(message).toBe('Error (exit code 1)')
    expect(steps).toHaveLength(4)
  })

  test('tells each turn of a loop, and what stands inside a group', () => {
    const status = {
      phase: 'Running',
      nodes: nodes({
        '': root,
        '.clone': { type: 'TaskGroup', phase: 'Running' },
        '.clone(0:a)': { phase: 'Succeeded' },
        '.clone(1:b)': { phase: 'Running' },
        '.lint': { type: 'DAG', phase: 'Running' },
        '.lint.inner': { phase: 'Running' },
        '.onExit': { phase: 'Running' },
      }),
    }
    expect(state(status).steps.map(({ name: step, after }) => [step, after])).toEqual([
      ['clone(0:a)', []],
      ['clone(1:b)', []],
      ['lint.inner', ['clone(0:a)', 'clone(1:b)']],
      ['test', ['clone(0:a)', 'clone(1:b)']],
      ['build', ['lint.inner', 'test']],
      ['onExit', []],
    ])
  })

  test('tells a group that is tried again by what is in it', () => {
    const status = {
      phase: 'Running',
      nodes: nodes({
        '.clone': { type: 'Retry', phase: 'Running' },
        '.clone(0)': { type: 'DAG', phase: 'Running' },
        '.clone(0).inner': { phase: 'Running' },
      }),
    }
    expect(state(status).steps[0]?.name).toBe('clone(0).inner')
  })

  test('tells a service as running, a pause as well, and steps that are left out as skipped', () => {
    const status = {
      phase: 'Running',
      nodes: nodes({
        '.clone': { phase: 'Running', daemoned: true },
        '.lint': { type: 'Suspend', phase: 'Running' },
        '.test': { type: 'Skipped', phase: 'Skipped', message: "when 'false' evaluated false" },
        '.build': { type: 'Skipped', phase: 'Omitted', message: 'omitted: depends condition not met' },
      }),
    }
    expect(phasesOf(status)).toEqual([
      ['clone', 'running'],
      ['lint', 'running'],
      ['test', 'skipped'],
      ['build', 'skipped'],
    ])
    expect(state(status).steps.map(({ pod }) => pod)).toEqual(['ci-t-100', undefined, undefined, undefined])
  })

  test('that failed has skipped what never came to be', () => {
    const failed = { phase: 'Failed', message: 'Error (exit code 1)', displayName: 'clone' }
    const status = { phase: 'Failed', nodes: nodes({ '.clone': failed }) }
    expect(phasesOf(status)).toEqual([
      ['clone', 'failed'],
      ['lint', 'skipped'],
      ['test', 'skipped'],
      ['build', 'skipped'],
    ])
  })

  test('that was stopped is told so, and its steps too', () => {
    const status = {
      phase: 'Failed',
      message: "Stopped with strategy 'Stop'",
      nodes: nodes({ '.clone': { phase: 'Failed', message: 'workflow shutdown with strategy:  Stop' } }),
    }
    expect(state(status)).toMatchObject({ phase: 'stopped', message: "Stopped with strategy 'Stop'" })
    expect(state(status).steps[0]?.phase).toBe('stopped')
  })

  test('that is refused gives the reason of the controller', () => {
    const status = { phase: 'Error', message: 'invalid spec: templates' }
    expect(state(status)).toMatchObject({ phase: 'failed', message: 'invalid spec: templates' })
  })

  test('has outputs once it is over: those of its entrypoint, and those that steps export', () => {
    const outputs = { parameters: [{ name: 'digest', value: 'sha256:1' }, { name: 'unset' }] }
    const status = {
      nodes: nodes({ '': { ...root, phase: 'Succeeded', outputs } }),
      outputs: { parameters: [{ name: 'commit', value: 'abc' }] },
    }
    const all = { digest: 'sha256:1', commit: 'abc' }
    expect(state({ phase: 'Succeeded', ...status }).outputs).toEqual(all)
    expect(state({ phase: 'Running', ...status }).outputs).toEqual({})
  })

  test('has a step end with its program, before the controller has noticed', () => {
    const ended = (exitCode: number) =>
      argoState(workflow(dag, { phase: 'Running', nodes: nodes({ '.clone': { phase: 'Running' } }) }), [
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'ci-t-100', annotations: { 'workflows.argoproj.io/node-name': 'ci.clone' } },
          status: {
            phase: 'Running',
            containerStatuses: [
              { name: 'wait', state: { running: { startedAt: '2026-01-01T00:00:01Z' } } },
              {
                name: 'main',
                state: { terminated: { exitCode, reason: 'Error', finishedAt: '2026-01-01T00:00:04Z' } },
              },
            ],
          },
        },
      ])
    expect(ended(0).phase).toBe('running')
    expect(ended(0).steps[0]).toMatchObject({ phase: 'succeeded', finishedAt: '2026-01-01T00:00:04Z' })
    expect(ended(3).steps[0]).toMatchObject({ phase: 'failed', message: 'Error (exit code 3)' })
  })

  test('gives the words of the step that failed first, whichever is named first', () => {
    const failed = (second: number) => ({
      phase: 'Failed',
      message: `main: Error (exit code ${String(second)})`,
      finishedAt: `2026-01-01T00:00:0${String(second)}Z`,
    })
    const status = { phase: 'Failed', nodes: nodes({ '.lint': failed(5), '.test': failed(4) }) }
    expect(state(status).message).toBe('Error (exit code 4)')
  })

  test('has pods that belong to steps, tries included, before it knows of them', () => {
    const pod = (node: string, second: number): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `pod-${String(second)}`,
        creationTimestamp: `2026-01-01T00:00:0${String(second)}Z`,
        annotations: { 'workflows.argoproj.io/node-name': node },
      },
      status: { phase: 'Pending', containerStatuses: [{ name: 'main', state: { waiting: {} } }] },
    })
    const status = { nodes: nodes({ '.clone': { type: 'Retry', phase: 'Running' } }) }
    const all = argoState(workflow(dag, status), [pod('ci.test', 3), pod('ci.clone(1)', 2)])
    expect(all.pods).toMatchObject([
      {
        name: 'pod-2',
        state: 'Pending',
        programs: [{ container: 'main', step: 'clone', hasStarted: false }],
      },
      { name: 'pod-3', programs: [{ step: 'test' }] },
    ])
  })
})
