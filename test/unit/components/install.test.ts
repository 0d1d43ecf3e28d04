import { beforeEach, describe, expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import type { RunEvent } from '../../../src/engine/events.ts'
import type { RunOutcome } from '../../../src/engine/run-plan.ts'
import type { FakeArtifacts } from '../../fakes/fake-artifacts.ts'
import type { FakeCluster } from '../../fakes/fake-cluster.ts'
import { InstallStage } from '../../fakes/install-stage.ts'

let stage: InstallStage
let cluster: FakeCluster
let artifacts: FakeArtifacts
let events: RunEvent[]

beforeEach(() => {
  stage = new InstallStage()
  ;({ cluster, artifacts, events } = stage)
})

const install: InstallStage['install'] = (id, choice) => stage.install(id, choice)

function changed(outcome: RunOutcome): readonly string[] {
  if (outcome.kind !== 'succeeded') throw new Error(`the run ${outcome.kind}`)
  return outcome.changed
}

describe('installing a component', () => {
  test('applies its namespace first, then every object', async () => {
    stage.rollOut()
    expect(changed(await install())).toEqual(['argo-cd.apply', 'argo-cd.start'])
    expect(stage.writes()[0]).toBe('apply Namespace argocd')
    expect(stage.writes().filter((call) => call.startsWith('apply'))).toHaveLength(8)
    expect(cluster.objects({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject' })).toHaveLength(1)
  })

  test('makes a secret where there is none, before the pods that want it, and never changes it', async () => {
    stage.rollOut()
    await install()
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'argocd', name: 'argocd-redis' }
    const secret = cluster.object(ref)
    expect((secret?.['stringData'] as { auth: string }).auth).toMatch(/^[\w-]{32}$/)
    expect(stage.writes().indexOf('create Secret argocd/argocd-redis')).toBeLessThan(
      stage.writes().indexOf('apply Deployment argocd/argocd-server'),
    )
    cluster.remove({ apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'argocd', name: 'argocd-server' })
    await install()
    expect(cluster.object(ref)).toEqual(secret)
    expect(JSON.stringify(events)).not.toContain((secret?.['stringData'] as { auth: string }).auth)
  })

  test('a second time looks and writes nothing', async () => {
    stage.rollOut()
    await install()
    const before = stage.writes().length
    expect(changed(await install())).toEqual([])
    expect(stage.writes()).toHaveLength(before)
  })

  test.each<[string, () => void]>([
    [
      'an object is gone',
      () => {
        cluster.remove({
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          namespace: 'argocd',
          name: 'argocd-server',
        })
      },
    ],
    [
      'its namespace is gone',
      () => {
        cluster.remove({ apiVersion: 'v1', kind: 'Namespace', name: 'argocd' })
      },
    ],
    [
      'its definitions are gone',
      () => {
        cluster.remove({
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          name: 'appprojects.argoproj.io',
        })
      },
    ],
    [
      'somebody applied another version',
      () => {
        const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argocd', name: 'argocd-server' }
        const object = cluster.object(ref) as KubeObject
        cluster.put({
          ...object,
          metadata: { ...object.metadata, annotations: { 'dev.play/digest': 'other' } },
        })
      },
    ],
    [
      'the manifest changed',
      () => {
        const [first, ...others] = artifacts.manifests.get('argo-cd') ?? []
        const named = {
          ...(first as KubeObject),
          spec: { ...(first?.['spec'] as object), preserveUnknownFields: false },
        }
        artifacts.manifests.set('argo-cd', [named, ...others])
      },
    ],
  ])('again, when %s, puts it right', async (_what, happen) => {
    stage.rollOut()
    await install()
    happen()
    // What runs pods is a step of its own, and which of the two mends it depends on what was missing.
    expect(changed(await install())).not.toEqual([])
    expect(changed(await install())).toEqual([])
  })

  test('finds its objects by their metadata alone, which keeps large definitions cheap', async () => {
    stage.rollOut()
    await install()
    const { length } = cluster.calls
    await install('argo-cd', { wait: false })
    const looks = cluster.calls.slice(length).filter((call) => call.startsWith('list'))
    expect(looks).toHaveLength(7)
  })

  test('waits until each of its workloads is rolled out, and says which are not', async () => {
    const installing = install()
    for (const [kind, name] of [
      ['Deployment', 'argocd-server'],
      ['StatefulSet', 'argocd-application-controller'],
    ] as const) {
      const ref = { apiVersion: 'apps/v1', kind, namespace: 'argocd', name }
      while (cluster.object(ref) === undefined) await new Promise((resolve) => setImmediate(resolve))
      cluster.setStatus(ref, { updatedReplicas: 1, readyReplicas: 1 })
    }
    expect(changed(await installing)).toEqual(['argo-cd.apply', 'argo-cd.start'])
  })

  test('gives up on workloads that never roll out, telling the last it saw', async () => {
    const outcome = await install('argo-workflows', { timeoutMs: 5000 })
    expect(outcome).toMatchObject({ kind: 'failed', step: 'argo-workflows.ready' })
    const progress = events.flatMap((event) => (event.type === 'step.progress' ? [event.text] : []))
    expect(progress).toContain('workflow-controller 0/1 ready')
    expect(progress).not.toContain('')
  })

  test('stops at the first refusal, with the server’s words', async () => {
    cluster.fail(
      'apply Deployment',
      PlayError.of('API_REJECTED', { object: 'Deployment x', reason: 'quota exceeded' }),
    )
    expect(await install()).toMatchObject({
      kind: 'failed',
      step: 'argo-cd.start',
      error: { id: 'API_REJECTED' },
    })
  })

  test('does not take an API that is gone for one without objects', async () => {
    cluster.fail('list', PlayError.of('API_UNREACHABLE', { server: cluster.server, reason: 'reset' }))
    expect(await install()).toMatchObject({
      kind: 'failed',
      step: 'argo-cd.apply',
      error: { id: 'API_UNREACHABLE' },
    })
    expect(stage.writes()).toEqual([])
  })
})

describe('the health of a component', () => {
  const { signal } = new AbortController()
  const health = async (id = 'argo-cd'): Promise<unknown> =>
    (await componentRegistry.states([componentRegistry.find(id)], cluster, signal))[0]

  test('is that of its workloads together', async () => {
    stage.rollOut()
    await install()
    expect(await health()).toMatchObject({ status: 'healthy', reason: '' })
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argocd', name: 'argocd-server' }
    cluster.setStatus(ref, { updatedReplicas: 1, readyReplicas: 0 })
    expect(await health()).toMatchObject({ status: 'progressing', reason: 'argocd-server 0/1 ready' })
  })

  test('is missing where nothing of it is there, whatever else runs', async () => {
    stage.rollOut()
    await install()
    expect(await health('argo-workflows')).toMatchObject({ status: 'missing' })
  })

  test('is an error where the API does not answer', async () => {
    cluster.fail('list', PlayError.of('API_UNREACHABLE', { server: cluster.server, reason: 'reset' }), 2)
    await expect(health()).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
  })
})

describe('the registry of components', () => {
  test('has each id and each manifest once, and a version for each', () => {
    const { all } = componentRegistry
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    const owners = all.filter(({ sharesNamespace }) => sharesNamespace !== true)
    expect(new Set(owners.map(({ namespace }) => namespace)).size).toBe(owners.length)
    for (const { version, title, summary } of all) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
      expect(`${title}${summary}`).not.toMatch(/undefined/)
    }
  })

  test('finds by id, and offers the nearest for what it does not know', () => {
    expect(componentRegistry.find('argo-cd').title).toBe('Argo CD')
    expect(() => componentRegistry.find('argo-workflow')).toThrow(
      expect.objectContaining({
        id: 'USAGE_UNKNOWN_COMPONENT',
        suggestions: ['Did you mean argo-workflows?'],
      }) as Error,
    )
    expect(() => componentRegistry.find('zzz')).toThrow(
      expect.objectContaining({
        suggestions: [`Known: ${componentRegistry.all.map(({ id }) => id).join(', ')}`],
      }) as Error,
    )
  })
})
