import { beforeEach, describe, expect, test } from 'vitest'
import { wait } from '../../../src/demos/actions/wait.ts'
import type { WaitAction } from '../../../src/domain/demo-definition.ts'
import { DemoStage, namespaceObject } from '../../fakes/demo-stage.ts'

const till = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'till' }
const asked: WaitAction = {
  wait: { object: till, field: 'status.readyReplicas', equals: '${options.tills}' },
}
const steps = [{ id: 'tills', title: '2 tills are ready', ...asked }]
let stage: DemoStage

beforeEach(() => {
  stage = new DemoStage({ steps }, {}, { options: { tills: '2' } })
  stage.cluster.put(namespaceObject('shop'))
})

function putTills(status: object, name = 'till'): void {
  const { apiVersion, kind, namespace } = till
  stage.cluster.put({ apiVersion, kind, metadata: { name, namespace }, status })
}

function said(): readonly string[] {
  return stage.report.progressed.map(({ text }) => text)
}

describe('waiting for a field', () => {
  test('that is as wanted ends at once', async () => {
    putTills({ readyReplicas: 2 })
    expect(await stage.act(wait, asked)).toEqual({})
    expect(said()).toEqual(['status.readyReplicas of Deployment till is to be 2'])
  })

  test('goes on until it is, and tells what it is meanwhile', async () => {
    putTills({ readyReplicas: 2 }, 'other')
    putTills({})
    stage.report.progress = function (text) {
      this.progressed.push({ text, fraction: undefined })
      if (text.endsWith('is not set, to be 2')) putTills({ readyReplicas: 1 })
      if (text.endsWith('is 1, to be 2')) putTills({ readyReplicas: 2 })
    }
    await stage.act(wait, asked)
    expect(said()).toEqual([
      'status.readyReplicas of Deployment till is to be 2',
      'status.readyReplicas of Deployment till is not set, to be 2',
      'status.readyReplicas of Deployment till is 1, to be 2',
    ])
  })

  test('goes on for an object that is made later, and for one that is deleted and made again', async () => {
    putTills({ readyReplicas: 1 })
    stage.report.progress = function (text) {
      this.progressed.push({ text, fraction: undefined })
      if (text.endsWith('is 1, to be 2')) stage.cluster.remove(till)
      if (text.endsWith('is not set, to be 2')) putTills({ readyReplicas: 2 })
    }
    await stage.act(wait, asked)
    expect(said()).toHaveLength(3)
  })

  test.each([
    ['spec.paused', 'true'],
    ['spec.template.labels', '{"a":"b"}'],
    ['metadata.name', 'till'],
  ])('understands %s', async (field, equals) => {
    const { apiVersion, kind, namespace } = till
    const spec = { paused: true, template: { labels: { a: 'b' } } }
    stage.cluster.put({ apiVersion, kind, metadata: { name: 'till', namespace }, spec })
    expect(await stage.act(wait, { wait: { object: till, field, equals } })).toEqual({})
  })

  test('that stays wrong ends with exit code 7 and what was seen', async () => {
    putTills({ readyReplicas: 1 })
    await expect(stage.play()).rejects.toMatchObject({
      ...{ id: 'WAIT_TIMEOUT', exitCode: 7 },
      message:
        '"2 tills are ready" was not done after 3 s: status.readyReplicas of Deployment till is 1, to be 2',
    })
    expect(stage.clock.sleeping).toBe(0)
  })

  test('of what never comes says what was wanted', async () => {
    await expect(stage.play()).rejects.toThrow('status.readyReplicas of Deployment till is to be 2')
  })

  test('ends when it is interrupted', async () => {
    const reason = new Error('enough')
    stage.report.progress = () => {
      stage.stop.abort(reason)
    }
    await expect(stage.act(wait, asked)).rejects.toBe(reason)
  })
})
