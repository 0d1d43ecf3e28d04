import { describe, expect, test } from 'vitest'
import { combine, workloadHealth } from '../../../src/components/install/health.ts'
import type { Health, KubeObject } from '../../../src/domain/cluster.ts'

function workload(
  status: object | undefined,
  spec: object = { replicas: 2 },
  generation?: number,
): KubeObject {
  const metadata = { name: 'web', ...(generation === undefined ? {} : { generation }) }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec,
    ...(status === undefined ? {} : { status }),
  }
}

describe('a workload', () => {
  test.each<[string, KubeObject, Health]>([
    [
      'is healthy when all it wants is updated and ready',
      workload({ updatedReplicas: 2, readyReplicas: 2 }),
      { status: 'healthy', reason: '' },
    ],
    [
      'that wants one unless told is healthy with one',
      workload({ updatedReplicas: 1, readyReplicas: 1 }, {}),
      { status: 'healthy', reason: '' },
    ],
    [
      'that wants none is healthy with none',
      workload({}, { replicas: 0 }),
      { status: 'healthy', reason: '' },
    ],
    [
      'without a status is on its way',
      workload(undefined),
      { status: 'progressing', reason: 'web 0/2 ready' },
    ],
    [
      'is on its way while some are not ready',
      workload({ updatedReplicas: 2, readyReplicas: 1 }),
      { status: 'progressing', reason: 'web 1/2 ready' },
    ],
    [
      'is on its way while old ones are ready',
      workload({ updatedReplicas: 1, readyReplicas: 2 }),
      { status: 'progressing', reason: 'web 1/2 ready' },
    ],
    [
      'is on its way while a new one does not become ready beside the old',
      workload({ replicas: 2, updatedReplicas: 1, readyReplicas: 1 }, { replicas: 1 }),
      { status: 'progressing', reason: 'web 0/1 ready' },
    ],
    [
      'whose newest wish was not seen yet is on its way',
      workload({ observedGeneration: 1, updatedReplicas: 2, readyReplicas: 2 }, { replicas: 2 }, 2),
      { status: 'progressing', reason: 'web 2/2 ready' },
    ],
    [
      'whose newest wish was seen is healthy',
      workload({ observedGeneration: 2, updatedReplicas: 2, readyReplicas: 2 }, { replicas: 2 }, 2),
      { status: 'healthy', reason: '' },
    ],
  ])('%s', (_what, object, health) => {
    expect(workloadHealth(object)).toEqual(health)
  })
})

describe('several together', () => {
  const healthy: Health = { status: 'healthy', reason: '' }
  const progressing: Health = { status: 'progressing', reason: 'web 0/1 ready' }
  const missing: Health = { status: 'missing', reason: 'db is missing' }
  const unknown: Health = { status: 'unknown', reason: 'no answer' }

  test.each<[readonly Health[], Health]>([
    [[healthy, healthy], healthy],
    [[healthy, progressing], progressing],
    [[progressing, missing], { status: 'missing', reason: 'web 0/1 ready, db is missing' }],
    [[healthy, unknown, missing], { status: 'unknown', reason: 'no answer, db is missing' }],
    [[], { status: 'missing', reason: '' }],
  ])('%j feel like the worst of them', (healths, together) => {
    expect(combine(healths)).toEqual(together)
  })
})
