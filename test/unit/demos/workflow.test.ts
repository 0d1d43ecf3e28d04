import { describe, expect, test } from 'vitest'
import { workflow } from '../../../src/demos/actions/workflow.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import type { DemoDefinition } from '../../../src/domain/demo-definition.ts'
import type { PlayError } from '../../../src/domain/errors.ts'
import { pipelineObject, type Story } from '../../contract/pipeline-objects.ts'
import { argoDefinition, DemoStage, namespaceObject } from '../../fakes/demo-stage.ts'
import { playArgoWorkflows } from '../../fakes/fake-argo-workflows.ts'

const workflows = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace: 'demo-hello' }
const asked = { workflow: { file: 'run.yaml', parameters: { message: 'run ${run.id}' } } }

function stageOf(story: Story, definition: Partial<DemoDefinition> = {}): DemoStage {
  const stage = new DemoStage(definition, { 'run.yaml': [pipelineObject('argo-workflows', story)] })
  stage.cluster.put(namespaceObject('demo-hello'))
  playArgoWorkflows(stage.cluster)
  return stage
}

function theRun(stage: DemoStage): KubeObject {
  const [run] = stage.cluster.objects(workflows)
  if (run === undefined) throw new Error('no workflow was made')
  return run
}

/** A run as an earlier run of a demo left it. */
function putOld(stage: DemoStage, name: string, minute: number, demo = 'shop'): void {
  const creationTimestamp = `2026-01-01T00:0${String(minute)}:00Z`
  const labels = { 'dev.play/demo': demo }
  stage.cluster.put({ ...workflows, metadata: { name, namespace: 'demo-hello', creationTimestamp, labels } })
}

describe('workflow', () => {
  test('runs the pipeline with what its parameters refer to, labelled as the demo’s', async () => {
    const stage = stageOf('succeeds')
    await stage.act(workflow, asked)
    const run = theRun(stage)
    expect(run['spec']).toMatchObject({
      arguments: { parameters: [{ name: 'message', value: 'run run-7' }] },
    })
    expect(run.metadata.labels).toEqual({ 'dev.play/demo': 'shop', 'dev.play.root': 'root-1' })
  })

  test('answers the name, the log and what the pipeline itself answers', async () => {
    const stage = stageOf('succeeds')
    expect(await stage.act(workflow, asked)).toEqual({
      answer: 'run run-7',
      name: theRun(stage).metadata.name,
      log: 'run run-7\ntwo\nthree',
    })
  })

  test('shows each step of it with its lines', async () => {
    const stage = stageOf('succeeds')
    await stage.act(workflow, asked)
    expect(stage.report.tasks.slice(0, 2).map(({ task, phase }) => [task, phase])).toEqual([
      ['first', 'waiting'],
      ['second', 'waiting'],
    ])
    expect(stage.report.tasks.at(-1)).toMatchObject({ task: 'second', phase: 'succeeded' })
    expect(stage.report.outputs).toContainEqual({ task: 'second', line: 'three' })
  })

  test('tells of the run as soon as it is made and of its end, however it ends', async () => {
    for (const story of ['succeeds', 'fails'] as const) {
      const stage = stageOf(story)
      await stage.act(workflow, asked).catch(() => undefined)
      const { name } = theRun(stage).metadata
      expect(stage.runs).toEqual([`started ${name}`, `ended ${name}`])
    }
  })

  test('that is interrupted tells of no end', async () => {
    const stage = stageOf('hangs')
    stage.report.output = () => {
      stage.stop.abort(new Error('enough'))
    }
    await expect(stage.act(workflow, asked)).rejects.toThrow('enough')
    expect(stage.runs).toEqual([`started ${theRun(stage).metadata.name}`])
  })

  test('that somebody deletes is over, so nobody has to stop it', async () => {
    const stage = stageOf('hangs')
    stage.report.output = () => {
      stage.cluster.remove({ ...workflows, name: theRun(stage).metadata.name })
    }
    await expect(stage.act(workflow, asked)).rejects.toMatchObject({ id: 'PIPELINE_GONE' })
    expect(stage.runs.map((each) => each.split(' ')[0])).toEqual(['started', 'ended'])
  })

  test('that fails names the step, shows its log, and how to see all of that and to run it again', async () => {
    const stage = stageOf('fails')
    const error: unknown = await stage.act(workflow, asked).catch((each: unknown) => each)
    const { name } = theRun(stage).metadata
    const pod = stage.report.tasks.findLast(({ task }) => task === 'first')?.pod ?? ''
    expect(error).toMatchObject({
      ...{ id: 'DEMO_FAILED', exitCode: 6, details: ['run run-7'] },
      suggestions: [`kubectl --namespace demo-hello logs ${pod} --all-containers`, 'play demo shop dev'],
    })
    expect((error as PlayError).message).toBe(
      `Demo shop failed: workflow ${name}, step first: Error (exit code 3)`,
    )
  })

  test('that fails before it has a pod says how to look at the run itself', async () => {
    const stage = new DemoStage({}, { 'run.yaml': [pipelineObject('argo-workflows', 'succeeds')] })
    stage.cluster.put(namespaceObject('demo-hello'))
    stage.cluster.put(argoDefinition('Workflow'))
    stage.cluster.whenApplied('Workflow', ({ metadata: { name } }) => {
      stage.cluster.setStatus({ ...workflows, name }, { phase: 'Error', message: 'invalid spec: templates' })
    })
    const error: unknown = await stage.act(workflow, asked).catch((each: unknown) => each)
    expect(error).toMatchObject({
      message: expect.stringContaining('invalid spec: templates') as string,
      suggestions: [
        `kubectl --namespace demo-hello get workflow ${theRun(stage).metadata.name} --output yaml`,
        'play demo shop dev',
      ],
    })
  })

  test('forgets old runs of this demo but the newest two', async () => {
    const stage = stageOf('succeeds')
    // Not in the order of their age.
    for (const [name, minute] of [
      ['c', 3],
      ['a', 1],
      ['d', 4],
      ['b', 2],
    ] as const)
      putOld(stage, name, minute)
    putOld(stage, 'x', 0, 'other')
    await stage.act(workflow, asked)
    const names = stage.cluster.objects(workflows).map(({ metadata: { name } }) => name)
    expect(names.slice(0, -1).toSorted()).toEqual(['c', 'd', 'x'])
    expect(names).toHaveLength(4)
  })

  test('has its answers in later steps, and its pods in what the demo answers', async () => {
    const again = { file: 'run.yaml', parameters: { message: '${steps.run.answer} again' } }
    const stage = stageOf('succeeds', {
      steps: [
        { id: 'run', title: 'Run', ...asked },
        { id: 'again', title: 'Run again', workflow: again },
      ],
      message: '${steps.again.log}',
      outputs: { answer: '${steps.again.answer}' },
    })
    const result = await stage.play()
    expect(result).toMatchObject({
      message: 'run run-7 again\ntwo\nthree',
      outputs: { answer: 'run run-7 again' },
    })
    expect(result.parts.map(({ name, phase }) => [name, phase])).toEqual([
      ['first', 'Succeeded'],
      ['second', 'Succeeded'],
      ['first', 'Succeeded'],
      ['second', 'Succeeded'],
    ])
  })

  test('written for another product does not suit the playground', async () => {
    const stage = stageOf('succeeds')
    const action = { workflow: { file: { tekton: 'run.yaml' } } }
    await expect(stage.act(workflow, action)).rejects.toMatchObject({
      ...{ id: 'DEMO_UNSUITED', exitCode: 4 },
      message: expect.stringContaining('written for tekton, not for argo-workflows') as string,
    })
    expect(stage.runs).toEqual([])
  })

  test('whose file has no object says so', async () => {
    const stage = new DemoStage({}, { 'run.yaml': [] })
    await expect(stage.act(workflow, asked)).rejects.toThrow('run.yaml has no object')
  })
})
