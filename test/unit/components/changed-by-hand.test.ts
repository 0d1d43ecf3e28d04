import { describe, expect, test } from 'vitest'
import { isChangedByHand } from '../../../src/components/install/changed-by-hand.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'

function deployment(spec: { replicas?: number; image?: string }, managedFields: object[] = []): KubeObject {
  const { image = 'web:1', ...others } = spec
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', managedFields },
    spec: { ...others, template: { spec: { containers: [{ name: 'main', image }] } } },
  }
}

const replicas = { 'f:spec': { 'f:replicas': {} } }
const image = {
  'f:spec': {
    'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:image': {} } } } },
  },
}

function ownedBy(manager: string, fieldsV1: object): object {
  return { manager, operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1 }
}

const managers = new Set(['play', 'argocd-controller'])

describe('a workload', () => {
  test.each<[string, KubeObject, KubeObject]>([
    [
      'scaled to nothing',
      deployment({ replicas: 1 }),
      deployment({ replicas: 0 }, [ownedBy('kubectl', replicas)]),
    ],
    [
      'scaled by kubectl, which leaves no owner',
      deployment({ replicas: 1 }),
      deployment({ replicas: 0 }, [ownedBy('argocd-controller', image)]),
    ],
    [
      'scaled though its manifest leaves that open',
      deployment({}),
      deployment({ replicas: 0 }, [ownedBy('kubectl', replicas)]),
    ],
    [
      'given another image',
      deployment({}),
      deployment({ image: 'web:2' }, [ownedBy('argocd-controller', replicas), ownedBy('kubectl-set', image)]),
    ],
  ])('%s by hand is known by who owns the field', (_what, wanted, found) => {
    expect(isChangedByHand(wanted, found, managers)).toBe(true)
  })

  test.each<[string, KubeObject, KubeObject]>([
    ['as it was applied', deployment({ replicas: 1 }), deployment({ replicas: 1 })],
    [
      'changed through git',
      deployment({ replicas: 1 }),
      deployment({ replicas: 0, image: 'web:2' }, [
        ownedBy('argocd-controller', {
          ...replicas,
          'f:spec': { ...replicas['f:spec'], ...image['f:spec'] },
        }),
      ]),
    ],
    [
      'whose replicas were dropped in git',
      deployment({ replicas: 2 }),
      deployment({ replicas: 1 }, [ownedBy('argocd-controller', image)]),
    ],
    [
      'scaled by an autoscaler',
      deployment({}),
      deployment({ replicas: 3 }, [ownedBy('kube-controller-manager', replicas)]),
    ],
    [
      'put right by hand again',
      deployment({ replicas: 1 }),
      deployment({ replicas: 1 }, [ownedBy('kubectl', replicas)]),
    ],
    [
      'with a container more',
      deployment({}),
      deployment({}, [ownedBy('kubectl-edit', { 'f:spec': { 'f:template': {} } })]),
    ],
  ])('%s is left alone', (_what, wanted, found) => {
    expect(isChangedByHand(wanted, found, managers)).toBe(false)
  })
})
