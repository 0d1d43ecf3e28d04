import { beforeEach, describe, expect, test } from 'vitest'
import { componentStates } from '../../../src/components/install/component-states.ts'
import type { Component } from '../../../src/domain/component.ts'
import { componentRegistry } from '../../../src/components/index.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'

const { signal } = new AbortController()
const argoCd = componentRegistry.find('argo-cd')
const mebibyte = 2 ** 20

let cluster: FakeCluster

beforeEach(() => {
  cluster = new FakeCluster()
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } })
})

function putWorkload(kind: string, name: string, component: string, creationTimestamp: string): void {
  cluster.put({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'argocd', labels: { 'dev.play.component': component }, creationTimestamp },
    spec: { replicas: 1, selector: { matchLabels: { app: name } } },
    status: { updatedReplicas: 1, readyReplicas: 1 },
  })
}

function putPod(name: string, app: string, more: object = {}, phase = 'Running'): void {
  const container = (memory: string): object => ({ name: 'main', resources: { requests: { memory } } })
  cluster.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'argocd', labels: { app } },
    spec: { containers: [container('64Mi')], ...more },
    status: { phase },
  })
}

async function stateOf(component: Component = argoCd) {
  return (await componentStates([component], cluster, signal))[0]
}

describe('the state of a component', () => {
  test('has the age of its oldest workload', async () => {
    putWorkload('Deployment', 'server', 'argo-cd', '2026-02-01T00:00:00Z')
    putWorkload('StatefulSet', 'controller', 'argo-cd', '2026-01-01T00:00:00Z')
    putWorkload('Deployment', 'other', 'argocd-ui', '2025-01-01T00:00:00Z')
    expect(await stateOf()).toEqual({ status: 'healthy', reason: '', createdAt: '2026-01-01T00:00:00Z' })
  })

  test('is unhealthy while something of it is scaled to nothing, or has a pod in trouble', async () => {
    putWorkload('Deployment', 'server', 'argo-cd', '2026-02-01T00:00:00Z')
    putPod('server-1', 'server')
    const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "web:nope"' }
    const pod = cluster.object({ apiVersion: 'v1', kind: 'Pod', namespace: 'argocd', name: 'server-1' })
    if (pod !== undefined)
      cluster.put({ ...pod, status: { containerStatuses: [{ name: 'main', state: { waiting } }] } })
    expect(await stateOf()).toMatchObject({
      status: 'unhealthy',
      reason: 'pod server-1: ImagePullBackOff: Back-off pulling image "web:nope"',
    })
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argocd', name: 'server' }
    await cluster.patch(ref, { spec: { replicas: 0 } }, signal)
    cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'argocd', name: 'server-1' })
    expect(await stateOf()).toMatchObject({ status: 'unhealthy', reason: 'server is scaled to nothing' })
  })

  test('has the memory of the pods of its workloads, also where others share the namespace', async () => {
    putWorkload('Deployment', 'server', 'argo-cd', '2026-02-01T00:00:00Z')
    putPod('server-1', 'server')
    const sidecar = { restartPolicy: 'Always', resources: { requests: { memory: '8Mi' } } }
    const init = { resources: { requests: { memory: '1Gi' } } }
    putPod('server-2', 'server', { initContainers: [sidecar, init] })
    putPod('server-0', 'server', {}, 'Failed')
    putPod('pipeline', 'build')
    cluster.memory = ['server-0', 'server-1', 'server-2', 'pipeline'].map((name) => ({
      ...{ namespace: 'argocd', name, usedBytes: 10 * mebibyte },
    }))
    expect((await stateOf())?.memory).toEqual({
      requestedBytes: (64 + 64 + 8) * mebibyte,
      usedBytes: 20 * mebibyte,
    })
  })

  test('does not tell the memory of some pods for that of all', async () => {
    putWorkload('Deployment', 'server', 'argo-cd', '2026-02-01T00:00:00Z')
    putPod('server-1', 'server')
    putPod('server-2', 'server')
    cluster.memory = [{ namespace: 'argocd', name: 'server-1', usedBytes: mebibyte }]
    expect((await stateOf())?.memory).toEqual({ requestedBytes: 128 * mebibyte })
  })

  test('is missing, without age and memory, where nothing of it is there', async () => {
    expect(await stateOf()).toEqual({ status: 'missing', reason: '' })
  })

  test('takes as many requests for all components as for one', async () => {
    await componentStates(componentRegistry.all, cluster, signal)
    expect(cluster.calls.sort()).toEqual(['list Deployment', 'list Pod', 'list StatefulSet', 'podMemory'])
  })
})
