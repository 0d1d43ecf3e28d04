import { describe, expect, test } from 'vitest'
import { applicationState, argoApplications } from '../../../src/components/gitops/argo-applications.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import type { ApplicationState } from '../../../src/domain/slots.ts'
import { FakeClock } from '../../fakes/fake-clock.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'
import { letTimePass } from '../../fakes/let-time-pass.ts'

const url = 'git://git.git.svc.cluster.local/playground'

function withStatus(status: object, annotations: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web', namespace: 'argocd', annotations },
    status,
  }
}

function state(status: object, annotations?: Record<string, string>): Omit<ApplicationState, 'name'> {
  const { name, ...rest } = applicationState(withStatus(status, annotations))
  expect(name).toBe('web')
  return rest
}

const fine = { sync: { status: 'Synced' }, health: { status: 'Healthy' } }

describe('an application', () => {
  test('is kept in line with its folder, without anybody asking', () => {
    const list = [{ name: 'web', path: 'platform/web', wave: 1, namespace: 'web', keep: false }]
    expect(argoApplications.applications(list, url)).toEqual([
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: {
          name: 'web',
          namespace: 'argocd',
          annotations: {
            'argocd.argoproj.io/compare-options': 'ServerSideDiff=true',
            'argocd.argoproj.io/sync-wave': '1',
          },
          finalizers: ['resources-finalizer.argocd.argoproj.io'],
        },
        spec: {
          project: 'default',
          source: { repoURL: url, targetRevision: 'main', path: 'platform/web' },
          destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
          syncPolicy: {
            automated: { prune: true, selfHeal: true },
            syncOptions: ['ServerSideApply=true'],
            retry: { limit: 5, backoff: { duration: '5s', factor: 2, maxDuration: '1m' } },
          },
        },
      },
    ])
  })

  test('of applications is kept in line with the folder that they are in', () => {
    expect(argoApplications.root(url)).toMatchObject({
      metadata: { name: 'playground' },
      spec: {
        source: { path: 'apps' },
        destination: { namespace: 'argocd' },
        syncPolicy: { automated: { prune: true, selfHeal: true } },
      },
    })
  })
})

describe('the state of an application', () => {
  test('is fine when all of it is', () => {
    const status = {
      ...fine,
      operationState: { phase: 'Succeeded', message: 'successfully synced (all tasks run)' },
    }
    expect(state(status)).toEqual({
      sync: 'synced',
      health: 'healthy',
      message: '',
      revision: '',
      broken: false,
    })
  })

  test('is not known before it was compared, or compared again after it was asked for', () => {
    const unknown = { sync: 'unknown', message: '', revision: '', broken: false }
    expect(state({})).toEqual({ ...unknown, health: 'unknown' })
    const conditions = [{ type: 'ComparisonError', message: 'from before' }]
    const asked = { 'argocd.argoproj.io/refresh': 'normal' }
    expect(state({ ...fine, conditions }, asked)).toEqual({ ...unknown, health: 'healthy' })
  })

  test.each([
    ['Progressing', 'progressing'],
    ['Suspended', 'progressing'],
    ['Degraded', 'unhealthy'],
    ['Missing', 'missing'],
    ['Unknown', 'unknown'],
  ])('%s is %s', (status, health) => {
    expect(state({ ...fine, health: { status, message: 'why' } })).toMatchObject({ health, message: 'why' })
  })

  test('names the file and the line of what cannot be read, which only a commit mends', () => {
    const message =
      'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = ' +
      'Manifest generation error (cached): rpc error: code = FailedPrecondition desc = Failed to unmarshal ' +
      '"service-web.yaml": failed to unmarshal manifest: error converting YAML to JSON: yaml: line 4: did not find'
    const status = { sync: { status: 'Unknown' }, conditions: [{ type: 'ComparisonError', message }] }
    expect(state(status)).toEqual({
      sync: 'unknown',
      health: 'unknown',
      message:
        'Failed to unmarshal "service-web.yaml": failed to unmarshal manifest: error converting YAML to JSON: ' +
        'yaml: line 4: did not find',
      revision: '',
      broken: true,
    })
  })

  test('with any other error may still mend itself', () => {
    const message =
      'Failed to load target state: rpc error: code = Unavailable desc = connection error: desc = "refused"'
    expect(state({ conditions: [{ type: 'ComparisonError', message }] })).toMatchObject({
      message: 'connection error: desc = "refused"',
      revision: '',
      broken: false,
    })
  })

  test('tells why it could not be brought in line', () => {
    const operationState = { phase: 'Failed', message: 'one or more objects failed to apply' }
    expect(state({ ...fine, sync: { status: 'OutOfSync' }, operationState })).toMatchObject({
      sync: 'out-of-sync',
      message: 'one or more objects failed to apply',
    })
  })
})

test('applications are observed together: missing first, then as they come, change and go', async () => {
  const cluster = new FakeCluster()
  const stop = new AbortController()
  const seen: string[] = []
  const ref = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd', name: 'web' }
  const acts = [
    () => {
      cluster.put({ ...withStatus(fine), metadata: { name: 'other', namespace: 'argocd' } })
      cluster.put(withStatus(fine))
    },
    () => {
      cluster.put(withStatus({ ...fine, sync: { status: 'OutOfSync' } }))
    },
    () => {
      cluster.remove(ref)
    },
    () => {
      stop.abort()
    },
  ]
  for await (const states of argoApplications.observe(cluster, ['web', 'never'], stop.signal)) {
    seen.push(states.map(({ name, sync, health }) => `${name} ${sync} ${health}`).join(', '))
    acts.shift()?.()
  }
  expect(seen).toEqual([
    'web unknown missing, never unknown missing',
    'web synced healthy, never unknown missing',
    'web out-of-sync healthy, never unknown missing',
    'web unknown missing, never unknown missing',
  ])
})

test('a refresh asks for each application by name and changes nothing else', async () => {
  const asked: unknown[] = []
  const client = {
    patch: (ref: object, fields: object) => {
      asked.push({ ...ref, fields })
      return Promise.resolve(withStatus({}))
    },
  }
  await argoApplications.refresh(client, ['web'], new AbortController().signal)
  expect(asked).toEqual([
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      namespace: 'argocd',
      name: 'web',
      fields: { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } },
    },
  ])
})

test('a removal ends when the application is gone, also where Argo CD forgets it until it is asked again', async () => {
  const clock = new FakeClock()
  const calls: string[] = []
  let isThere = true
  const object = withStatus({})
  const client = {
    delete: () => Promise.resolve(calls.push('delete') > 0),
    get: () => Promise.resolve(isThere ? object : undefined),
    patch: () => {
      calls.push('refresh')
      isThere = false
      return Promise.resolve(object)
    },
  }
  const options = { timeoutMs: 60_000, clock, signal: new AbortController().signal }
  await letTimePass(clock, argoApplications.remove(client, ['web'], options))
  expect(calls).toEqual(['delete', 'refresh'])
})

test('a removal that does not end runs into its timeout', async () => {
  const clock = new FakeClock()
  const object = withStatus({})
  const client = {
    delete: () => Promise.resolve(true),
    get: () => Promise.resolve(object),
    patch: () => Promise.resolve(object),
  }
  const options = { timeoutMs: 10_000, clock, signal: new AbortController().signal }
  const removal = letTimePass(clock, argoApplications.remove(client, ['web'], options))
  await expect(removal).rejects.toThrow('web to go')
})

describe('a repository that not everybody may read', () => {
  const url = 'https://git.example.org/me/x.git'

  test('is followed on its branch', () => {
    const one = { name: 'web', path: 'platform/web', wave: 1, namespace: 'web', keep: false }
    const [application] = argoApplications.applications([one], url, 'play')
    for (const object of [application, argoApplications.root(url, 'play')])
      expect(object?.['spec']).toMatchObject({ source: { repoURL: url, targetRevision: 'play' } })
  })

  test('is opened by a secret that Argo CD finds by its label', () => {
    const secret = argoApplications.repositoryAccess(url, { username: 'me', password: 'p' })
    expect(secret).toMatchObject({
      kind: 'Secret',
      metadata: { namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
      data: { type: 'Z2l0', username: 'bWU=', password: 'cA==' },
    })
  })

  test('on an ssh server has its key among the known hosts, once, and nothing else changes', () => {
    const data = { ssh_known_hosts: 'a ssh-rsa A', other: 'x' }
    const metadata = { name: 'argocd-ssh-known-hosts-cm' }
    const hosts: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
    const trusting = argoApplications.trustHosts(hosts, 'b ssh-rsa B\n')
    expect(trusting).toEqual({ ...hosts, data: { ...data, ssh_known_hosts: 'a ssh-rsa A\nb ssh-rsa B\n' } })
    expect(argoApplications.trustHosts(trusting, 'b ssh-rsa B\n')).toEqual(trusting)
    const other = { ...hosts, metadata: { name: 'argocd-cm' } }
    expect(argoApplications.trustHosts(other, 'b ssh-rsa B\n')).toBe(other)
  })
})
