import { beforeEach, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import type { RunOutcome } from '../../../src/engine/run-plan.ts'
import type { FakeCluster } from '../../fakes/fake-cluster.ts'
import { controller, InstallStage, pod, server } from '../../fakes/install-stage.ts'

let stage: InstallStage
let cluster: FakeCluster

beforeEach(() => {
  stage = new InstallStage()
  ;({ cluster } = stage)
})

const ready = { updatedReplicas: 1, readyReplicas: 1 }

function waiting(reason: string, message: string, more: object = {}): object {
  return { containerStatuses: [{ name: 'main', state: { waiting: { reason, message } }, ...more }] }
}

/** Runs what a test does beside an installation, as soon as the Deployment is there. */
function whenStarted(react: () => void): void {
  cluster.whenApplied('Deployment', ({ metadata }) => {
    if (metadata.name === server.name) react()
  })
}

async function pass(ms: number): Promise<void> {
  const until = stage.clock.now() + ms
  while (stage.clock.now() < until) await new Promise((resolve) => setImmediate(resolve))
}

function failure(outcome: RunOutcome): PlayError {
  if (outcome.kind === 'failed' && outcome.error instanceof PlayError) return outcome.error
  throw new Error('the run did not fail as expected', { cause: outcome })
}

describe('an image that cannot be pulled', () => {
  test.each([
    ['ErrImagePull', 'failed to pull and unpack image "example.org/server:1": not found'],
    ['ErrImageNeverPull', 'not present with pull policy of Never'],
    ['ImagePullBackOff', 'Back-off pulling image "example.org/server:1": i/o timeout'],
  ])('is named within 30 s: %s', async (reason, message) => {
    whenStarted(() => cluster.put(pod(waiting(reason, message))))
    const start = stage.clock.now()
    const error = failure(await stage.install('argo-cd', { timeoutMs: 600_000 }))
    expect(stage.clock.now() - start).toBeLessThan(30_000)
    expect(error).toMatchObject({ id: 'IMAGE_UNAVAILABLE', exitCode: 6 })
    expect(error.message).toContain('pod argocd-server-1 does not get the image example.org/server:1')
    expect(error.message).toContain(message)
    expect(error.suggestions).toEqual([
      'kubectl --namespace argocd describe pod argocd-server-1',
      'From a checkout: make bundle PROFILE=full',
      'Once the image can be had: play up dev',
    ])
  })

  test('is not blamed on a bundle where nodes pull', async () => {
    stage.artifacts.bundled = false
    whenStarted(() => cluster.put(pod(waiting('ErrImagePull', 'not found'))))
    expect(failure(await stage.install()).suggestions).toHaveLength(2)
  })

  test.each<[string, () => void]>([
    [
      'arrives while kubelet still says that it is missing',
      () => {
        cluster.put(pod({}))
      },
    ],
    [
      'is wanted by a pod that is replaced',
      () => {
        cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'argocd', name: 'argocd-server-1' })
      },
    ],
  ])('is waited for when it %s', async (_what, happen) => {
    whenStarted(() => cluster.put(pod(waiting('ErrImagePull', 'not found'))))
    const installing = stage.install()
    await pass(10_000)
    happen()
    await pass(20_000)
    cluster.setStatus(server, ready)
    cluster.setStatus(controller, ready)
    expect(await installing).toMatchObject({ kind: 'succeeded' })
  })

  test('does not matter when the pod is not the component’s', async () => {
    whenStarted(() => cluster.put(pod(waiting('ErrImagePull', 'not found'), 'mine-1')))
    expect(await stage.install('argo-cd', { timeoutMs: 40_000 })).toMatchObject({
      error: { name: 'TimeoutError' },
    })
  })
})

describe('a component that crashes again and again', () => {
  const crash = (restartCount: number, message = 'back-off 40s restarting failed container'): object =>
    waiting('CrashLoopBackOff', message, { restartCount, lastState: { terminated: { exitCode: 2 } } })
  const container = { namespace: 'argocd', name: 'argocd-server-1', container: 'main' }
  const lines = Array.from({ length: 30 }, (_, index) => `line ${String(index)} of s3cret-word`)

  test('is given up with its last words, and without what is secret in them', async () => {
    whenStarted(() => {
      const data = { password: Buffer.from('s3cret-word').toString('base64'), short: 'bA==' }
      const metadata = { name: 'token', namespace: 'argocd' }
      cluster.put({ apiVersion: 'v1', kind: 'Secret', metadata, data })
      cluster.put(pod(crash(1)))
      cluster.setLog(container, [], true, lines)
    })
    cluster.whenApplied('StatefulSet', () => {
      cluster.setStatus(controller, ready)
    })
    const installing = stage.install()
    await pass(5_000)
    cluster.put(pod(crash(3)))
    const error = failure(await installing)
    expect(error).toMatchObject({ id: 'COMPONENT_UNHEALTHY', exitCode: 6 })
    expect(error.message).toContain(
      'container main of pod argocd-server-1 crashed again after 3 restarts, with exit code 2',
    )
    expect(error.details).toHaveLength(20)
    expect(error.details.at(-1)).toBe('line 29 of ***')
    expect(error.suggestions[0]).toBe(
      'kubectl --namespace argocd logs argocd-server-1 --container main --previous',
    )
  })

  test('has not failed while something else of it is not ready, nor before its next start', async () => {
    whenStarted(() => cluster.put(pod(crash(3))))
    const installing = stage.install()
    await pass(10_000)
    cluster.setStatus(controller, ready)
    await pass(10_000)
    cluster.put(pod({}))
    cluster.setStatus(server, ready)
    expect(await installing).toMatchObject({ kind: 'succeeded' })
  })

  test('is given up whatever else is not ready when it has crashed for minutes', async () => {
    whenStarted(() => cluster.put(pod(crash(5, 'back-off 2m40s restarting failed container'))))
    // The log of a container that never ran is not there.
    expect(failure(await stage.install())).toMatchObject({ id: 'COMPONENT_UNHEALTHY', details: [] })
  })
})

describe('something that is there already', () => {
  const definition: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'applications.argoproj.io' },
    spec: { group: 'argoproj.io', scope: 'Namespaced', names: { kind: 'X', plural: 'x' }, versions: [] },
  }
  const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } }

  test.each<[string, KubeObject, string]>([
    [
      'a definition',
      definition,
      'If it is not needed: kubectl delete customresourcedefinition applications.argoproj.io',
    ],
    ['a namespace', namespace, 'If it is not needed: kubectl delete namespace argocd'],
    [
      'an object of another playground',
      { ...definition, metadata: { ...definition.metadata, labels: { 'dev.play.root': 'other' } } },
      'If it is not needed: kubectl delete customresourcedefinition applications.argoproj.io',
    ],
  ])('is refused, and nothing is written: %s', async (_what, object, remove) => {
    cluster.put(object)
    const error = failure(await stage.install())
    expect(error).toMatchObject({ id: 'COMPONENT_CONFLICT', exitCode: 4 })
    expect(error.message).toContain(`${object.kind} ${object.metadata.name} exists`)
    expect(error.suggestions).toEqual([remove, 'play up dev --without argo-cd'])
    expect(stage.writes()).toEqual([])
  })

  test('is refused before anything else of the component is applied, even if that would come first', async () => {
    const { apiVersion, kind, namespace: home, name } = server
    const labels = { 'dev.play.root': '01h' }
    cluster.put({ ...namespace, metadata: { name: home, labels } })
    cluster.put({ apiVersion, kind, metadata: { name, namespace: home } })
    const error = failure(await stage.install())
    expect(error.message).toContain('Deployment argocd/argocd-server exists')
    expect(error.suggestions[0]).toContain('kubectl delete deployment argocd-server --namespace argocd')
    expect(stage.writes()).toEqual([])
  })

  test('is named three times at most', async () => {
    stage.rollOut()
    await stage.install()
    for (const { apiVersion, kind } of [namespace, definition])
      for (const object of cluster.objects({ apiVersion, kind }))
        cluster.put({ ...object, metadata: { ...object.metadata, labels: {} } })
    const roles = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' }
    for (const object of cluster.objects(roles))
      cluster.put({ ...object, metadata: { ...object.metadata, labels: {} } })
    expect(failure(await stage.install()).message).toMatch(
      /(\w+ [\w.-]+(, )?){3} and 1 more exist and were not/,
    )
  })

  test('is a question that must be answered', async () => {
    cluster.fail('list', PlayError.of('API_REJECTED', { object: 'Namespace', reason: 'forbidden' }))
    expect(failure(await stage.install()).id).toBe('API_REJECTED')
    expect(stage.writes()).toEqual([])
  })

  test('of an installation that was cut off is gone on with', async () => {
    stage.rollOut()
    cluster.fail('apply ServiceAccount', PlayError.of('API_UNREACHABLE', { server: 'x', reason: 'reset' }))
    expect(failure(await stage.install()).id).toBe('API_UNREACHABLE')
    expect(await stage.changes()).toEqual(['argo-cd.apply', 'argo-cd.start'])
  })
})
