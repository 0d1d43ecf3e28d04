import { beforeEach, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import type { FakeCluster } from '../../fakes/fake-cluster.ts'
import { controller, InstallStage, pod, server } from '../../fakes/install-stage.ts'

let stage: InstallStage
let cluster: FakeCluster

beforeEach(() => {
  stage = new InstallStage()
  ;({ cluster } = stage)
})

describe('what was changed by hand', () => {
  const replicas = { 'f:spec': { 'f:replicas': {} } }
  const image = {
    'f:spec': {
      'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"argocd-server"}': { 'f:image': {} } } } },
    },
  }

  function change(ref: typeof server, spec: object, manager: string, fieldsV1: object): void {
    const object = cluster.object(ref) as KubeObject
    const metadata = { ...object.metadata, managedFields: [{ manager, operation: 'Update', fieldsV1 }] }
    cluster.put({ ...object, metadata, spec: { ...(object['spec'] as object), ...spec } })
  }

  test('comes back: a workload scaled to nothing, and only that is applied', async () => {
    stage.rollOut()
    await stage.install()
    const before = stage.writes().length
    change(controller, { replicas: 0 }, 'kubectl', replicas)
    expect(await stage.changes()).toEqual(['argo-cd.start'])
    expect(stage.writes().slice(before)).toEqual(['apply StatefulSet argocd/argocd-application-controller'])
    expect(cluster.object(controller)?.['spec']).toMatchObject({ replicas: 1 })
    expect(await stage.changes()).toEqual([])
  })

  test('comes back where the manifest leaves the number of pods to the cluster', async () => {
    stage.rollOut()
    const manifest = stage.artifacts.manifests.get('argo-cd') ?? []
    const open = manifest.map((object) =>
      object.kind === 'Deployment'
        ? { ...object, spec: { ...(object['spec'] as object), replicas: undefined } }
        : object,
    )
    stage.artifacts.manifests.set('argo-cd', JSON.parse(JSON.stringify(open)) as KubeObject[])
    await stage.install()
    change(server, { replicas: 0 }, 'kubectl', replicas)
    expect(await stage.changes()).toEqual(['argo-cd.start'])
    expect(cluster.object(server)?.['spec']).toMatchObject({ replicas: 1 })
    expect(await stage.changes()).toEqual([])
  })

  test('comes back: another image', async () => {
    stage.rollOut()
    await stage.install()
    const wanted = cluster.object(server)?.['spec'] as { template: object }
    const containers = [{ name: 'argocd-server', image: 'example.org/broken:1' }]
    change(server, { template: { spec: { containers } } }, 'kubectl-set', image)
    expect(await stage.changes()).toEqual(['argo-cd.start'])
    expect(cluster.object(server)?.['spec']).toEqual(wanted)
  })

  test('does not keep a StatefulSet waiting for a pod that never becomes ready', async () => {
    stage.rollOut()
    await stage.install()
    const uid = cluster.object(controller)?.metadata.uid
    const ownerReferences = [{ kind: 'StatefulSet', uid }]
    const bad = pod({}, 'argocd-application-controller-0', { ownerReferences })
    cluster.put(bad)
    cluster.put(pod({}, 'mine-0'))
    change(controller, { replicas: 0 }, 'kubectl', replicas)
    const before = stage.writes().length
    await stage.install()
    expect(stage.writes().slice(before)).toContain('delete Pod argocd/argocd-application-controller-0')
    expect(cluster.objects({ apiVersion: 'v1', kind: 'Pod' })).toHaveLength(1)
  })

  test('stays when it came through git', async () => {
    stage.rollOut()
    await stage.install()
    const adoption = { fieldManager: 'argocd-controller', mark: (object: KubeObject) => object }
    change(controller, { replicas: 0 }, 'argocd-controller', replicas)
    expect(await stage.changes('argo-cd', { adoption })).toEqual([])
    expect(cluster.object(controller)?.['spec']).toMatchObject({ replicas: 0 })
  })
})

describe('a namespace that was deleted by hand', () => {
  const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd' }

  test('is made anew with everything in it', async () => {
    stage.rollOut()
    await stage.install()
    cluster.remove({ apiVersion: 'v1', kind: 'Namespace', name: 'argocd' })
    expect(await stage.changes()).toEqual(['argo-cd.apply', 'argo-cd.start'])
    expect(cluster.object(server)).toBeDefined()
    expect(await stage.changes()).toEqual([])
  })

  test('that hangs on objects whose controller went with it is let go first', async () => {
    stage.rollOut()
    await stage.install()
    const deletionTimestamp = '2026-01-01T00:00:00Z'
    const finalizers = ['resources-finalizer.argocd.argoproj.io']
    const home = cluster.object({ apiVersion: 'v1', kind: 'Namespace', name: 'argocd' }) as KubeObject
    cluster.put({ ...home, metadata: { ...home.metadata, deletionTimestamp } })
    const metadata = { name: 'argo-workflows', namespace: 'argocd', deletionTimestamp, finalizers }
    const { apiVersion, kind } = application
    cluster.put({ apiVersion, kind, metadata })
    // The namespace controller ends its work once nothing holds it.
    cluster.whenApplied('Application', () => {
      cluster.remove({ apiVersion: 'v1', kind: 'Namespace', name: 'argocd' })
    })
    expect(await stage.changes()).toEqual(['argo-cd.apply', 'argo-cd.start'])
    expect(stage.writes()).toContain('patch Application argocd/argo-workflows')
    expect(cluster.object(server)).toBeDefined()
  })
})
