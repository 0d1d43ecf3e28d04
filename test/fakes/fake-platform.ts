/** Plays what runs in a cluster once it is applied: workloads that become ready, a git that remembers, an Argo CD that syncs. */
import { createHash } from 'node:crypto'
import type { KubeObject } from '../../src/domain/cluster.ts'
import type { FakeCluster } from './fake-cluster.ts'
import type { CommandAnswer } from './pod-commands.ts'

const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd' }

/** What the test may look at and change. */
export interface FakePlatform {
  /** Whether workloads become ready by themselves. */
  rollsOut: () => boolean
}

/** Sets the reactions of a cluster. */
export function playPlatform(cluster: FakeCluster, { rollsOut }: FakePlatform): void {
  for (const kind of ['Deployment', 'StatefulSet'])
    cluster.whenApplied(kind, (object) => {
      if (rollsOut()) rollOut(cluster, kind, object)
    })
  cluster.whenApplied('Application', (object) => {
    sync(cluster, object)
  })
  cluster.onExec = gitServer()
}

function rollOut(cluster: FakeCluster, kind: string, { metadata }: KubeObject): void {
  const { name, namespace = 'default' } = metadata
  const status = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 }
  cluster.setStatus({ apiVersion: 'apps/v1', kind, namespace, name }, status)
  if (namespace !== 'git') return
  const labels = { 'app.kubernetes.io/name': 'git' }
  const containerStatuses = [{ name: 'git', ready: true }]
  const pod = { name: 'git-1', namespace, labels }
  cluster.put({ apiVersion: 'v1', kind: 'Pod', metadata: pod, status: { containerStatuses } })
}

/** Compares at once and takes the annotation away that asked for it. */
function sync(cluster: FakeCluster, object: KubeObject): void {
  const { 'argocd.argoproj.io/refresh': asked, ...annotations } = object.metadata.annotations ?? {}
  const status = { sync: { status: 'Synced' }, health: { status: 'Healthy' } }
  if (asked === undefined && cluster.object({ ...application, name: object.metadata.name })?.['status'])
    return
  cluster.put({ ...object, metadata: { ...object.metadata, annotations }, status })
}

/** Answers the scripts of src/components/git/repository.ts; test/integration runs them with the real git. */
function gitServer(): FakeCluster['onExec'] {
  let main: { readonly head: string; readonly digest: string } | undefined
  return ({ command, stdin }): CommandAnswer | undefined => {
    const script = command.join(' ')
    const said = (stdout: string): CommandAnswer => ({ exitCode: 0, stdout, stderr: '' })
    if (script.includes('for-each-ref'))
      return said(main === undefined ? '' : `${main.head}\n${main.digest}\n`)
    if (!script.includes('fast-import')) return undefined
    const stream = stdin?.toString() ?? ''
    const digest = /^Play-Digest: ([0-9a-f]{64})$/m.exec(stream)?.[1] ?? ''
    main = { head: createHash('sha1').update(stream).digest('hex'), digest }
    return said(`${main.head}\n`)
  }
}
