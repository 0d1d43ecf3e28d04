import { describe, expect, test } from 'vitest'
import { openScene } from '../../../src/demos/scene.ts'
import { DemoStage } from '../../fakes/demo-stage.ts'

const { context } = new DemoStage({}, {}, { options: { colour: 'blue' } })

describe('references in the texts of a demo', () => {
  const scene = openScene(context)
  scene.outputs.set('push', { commit: 'abc', 'with.dot': 'x' })

  test.each([
    ['${options.colour}', 'blue'],
    ['${steps.push.commit}', 'abc'],
    ['${steps.push.with.dot}', 'x'],
    ['${run.id}', 'run-7'],
    ['${git.read.shop}', 'git://git.git.svc.cluster.local/shop'],
    ['${registry}', 'registry.registry.svc.cluster.local:5000'],
    ['a ${run.id} and $${run.id}', 'a run-7 and ${run.id}'],
  ])('%s is %s', (text, value) => {
    expect(scene.text(text)).toBe(value)
  })

  test('name where pipelines push', () => {
    expect(scene.text('${git.push.shop}')).toMatch(/^\w+:\/\/.*git\.svc\.cluster\.local.*\/shop$/)
  })

  test.each([
    '${options.color}',
    '${steps.pull.commit}',
    '${steps.push.digest}',
    '${run.name}',
    '${git.x.y}',
  ])('%s, which nobody has said, is a mistake in the demo', (text) => {
    expect(() => scene.text(text)).toThrow(`there is no ${text} when it is needed`)
  })

  test.each([
    ['${git.read.shop}', 'git', { repositories: undefined }],
    ['${registry}', 'registry', { registry: undefined }],
  ] as const)('%s needs something in the slot %s', (text, slot, lacking) => {
    const { context: poor } = new DemoStage({}, {}, lacking)
    expect(() => openScene(poor).text(text)).toThrow(
      `Demo shop cannot run on "dev": nothing in it fills the slot ${slot}`,
    )
  })
})

describe('a file of a demo', () => {
  test('is the one for the product that runs the pipelines', () => {
    const { file } = openScene(context)
    expect(file({ tekton: 'a.yaml', 'argo-workflows': 'b.yaml' })).toBe('b.yaml')
    expect(file('c.yaml')).toBe('c.yaml')
  })

  test('that is there for other products only says which', () => {
    expect(() => openScene(context).file({ tekton: 'a.yaml' })).toThrow(
      'its pipeline is written for tekton, not for argo-workflows',
    )
  })

  test('that depends on the product needs one', () => {
    const { context: poor } = new DemoStage({}, {}, { pipelines: undefined })
    expect(() => openScene(poor).file({ tekton: 'a.yaml' })).toThrow('nothing in it fills the slot pipelines')
    expect(openScene(poor).file('c.yaml')).toBe('c.yaml')
  })
})

test('a failure names the demo, how to look at it and how to run it again', () => {
  expect(openScene(context).failure('no luck', 'kubectl get all', ['one'])).toMatchObject({
    ...{ id: 'DEMO_FAILED', exitCode: 6, message: 'Demo shop failed: no luck', details: ['one'] },
    suggestions: ['kubectl get all', 'play demo shop dev'],
  })
})
