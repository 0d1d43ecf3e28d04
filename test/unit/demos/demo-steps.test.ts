import { describe, expect, test } from 'vitest'
import { demoSteps } from '../../../src/demos/demo-steps.ts'
import type { DemoStep } from '../../../src/domain/demo-definition.ts'
import { DemoStage, namespaceObject } from '../../fakes/demo-stage.ts'

const files = { 'namespace.yaml': [namespaceObject('shop')] }
const apply = { apply: { files: ['namespace.yaml'] } }
const exec = { namespace: 'shop', selector: 'app=till', command: ['open'] }
const http = { namespace: 'shop', selector: 'app=till', port: 80 }

function stageOf(steps: readonly DemoStep[], more: object = {}): DemoStage {
  return new DemoStage({ steps, ...more }, files, { options: { shop: 'tea' } })
}

describe('the steps of a demo', () => {
  test('come one after the other, unless the demo says what they come after', () => {
    const { steps } = demoSteps(
      stageOf([
        { id: 'a', title: 'A', ...apply },
        { id: 'b', title: 'B', ...apply },
        { id: 'c', title: 'C', after: ['a'], ...apply },
        { id: 'd', title: 'D', after: ['b', 'c'], ...apply },
        { id: 'e', title: 'E', after: [], ...apply },
      ]).context,
    )
    const ids = (of: (typeof steps)[number]): string[] => (of.after ?? []).map(({ id }) => id)
    expect(steps.map((step) => [step.id, ids(step)])).toEqual([
      ['demo.a', []],
      ['demo.b', ['demo.a']],
      ['demo.c', ['demo.a']],
      ['demo.d', ['demo.b', 'demo.c']],
      ['demo.e', []],
    ])
  })

  test('have the patience that was asked for, and titles with the options put in', () => {
    const { steps } = demoSteps(stageOf([{ id: 'a', title: 'Sell ${options.shop}', ...apply }]).context)
    expect(steps[0]).toMatchObject({ title: 'Sell tea', timeoutMs: 3000 })
  })

  test('that only look count as no change', async () => {
    const stage = stageOf([
      { id: 'make', title: 'Make', ...apply },
      {
        ...{ id: 'wait', title: 'Wait' },
        wait: {
          object: { apiVersion: 'v1', kind: 'Namespace', name: 'shop' },
          ...{ field: 'metadata.name', equals: 'shop' },
        },
      },
    ])
    await stage.play()
    expect(stage.eventsOf('step.succeeded').map(({ step, changed }) => [step, changed])).toEqual([
      ['demo.make', true],
      ['demo.wait', false],
    ])
  })

  test('say in a few words what they answered', () => {
    const [step] = demoSteps(stageOf([{ id: 'a', title: 'A', ...apply }]).context).steps
    const said = (outputs: object): string | undefined => step?.describe?.(outputs)
    expect(said({ name: 'ci-1', log: 'x' })).toBe('ci-1')
    expect(said({ commit: '0123456789abcdef' })).toBe('0123456')
    expect(said({ body: 'Welcome\nto the shop' })).toBe('Welcome')
    expect(said({ body: 'x'.repeat(99) })).toHaveLength(60)
    expect(said({})).toBe('')
  })
})

describe('what a demo answers', () => {
  test('has what its steps have answered, how long each took, and how to go on', async () => {
    const stage = stageOf(
      [
        { id: 'make', title: 'Make', ...apply },
        { id: 'open', title: 'Open the ${options.shop} shop', exec },
        { id: 'ask', title: 'Ask', http: { ...http, contains: '${steps.open.stdout}' } },
      ],
      {
        message: 'The shop says ${steps.ask.body}',
        outputs: { till: '${steps.open.stdout}' },
        next: ['kubectl get pods # ${options.shop}'],
      },
    )
    stage.cluster.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'till-1', namespace: 'shop', labels: { app: 'till' } },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    })
    stage.cluster.onExec = () => ({ stdout: 'till 4\n' })
    stage.cluster.onForward = () => Promise.resolve({ port: 1, closed: Promise.resolve() })
    let asked = 0
    stage.answer = () => ({ status: 200, body: asked++ < 2 ? 'wait' : 'welcome to till 4' })
    const result = await stage.play()
    expect(result).toMatchObject({
      ...{ demo: 'shop', message: 'The shop says welcome to till 4', outputs: { till: 'till 4' } },
      steps: [
        { id: 'make', title: 'Make' },
        { id: 'open', title: 'Open the tea shop' },
        { id: 'ask', title: 'Ask' },
      ],
      ...{ parts: [], next: ['kubectl get pods # tea'] },
    })
    expect(result.steps[2]?.durationMs).toBeGreaterThanOrEqual(500)
  })
})
