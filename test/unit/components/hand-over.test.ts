import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/components/git/tree.ts'
import { gitDaemon } from '../../../src/components/git/git-daemon.ts'
import { argoApplications } from '../../../src/components/gitops/argo-applications.ts'
import { argoCd } from '../../../src/components/gitops/argo-cd.ts'
import { applicationsOf, treeOf } from '../../../src/components/hand-over/hand-over.ts'
import { argoWorkflows } from '../../../src/components/pipelines/argo-workflows.ts'
import { toYaml } from '../../../src/components/hand-over/to-yaml.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'

const config = (name: string, namespace: string, data: object = { on: 'yes', mode: '0644' }): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { namespace, name },
  data,
})

const role: KubeObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'play:Reader' },
  rules: [],
}

function tree(objects: readonly KubeObject[]): ReadonlyMap<string, string> {
  return treeOf([{ component: argoCd, objects }], [], toYaml)
}

describe('the tree that the platform becomes in git', () => {
  test('has one readable file for each object, and words for a person', () => {
    const { parts } = applicationsOf([argoCd], argoApplications, '01h')
    const files = treeOf([{ component: argoCd, objects: [config('web', 'argocd'), role] }], parts, toYaml)
    expect([...files.keys()]).toEqual([
      'README.md',
      'apps/argo-cd.yaml',
      'demos/.gitkeep',
      'platform/argo-cd/clusterrole-play-reader.yaml',
      'platform/argo-cd/configmap-web.yaml',
    ])
    expect(files.get('platform/argo-cd/configmap-web.yaml')).toBe(`apiVersion: v1
data:
  mode: "0644"
  "on": "yes"
kind: ConfigMap
metadata:
  name: web
  namespace: argocd
`)
    expect(files.get('README.md')).toContain('play git push')
  })

  test('has the namespace in a name only where two would be the same', () => {
    const files = [...tree([config('a', 'one'), config('a', 'two'), config('b', 'two')]).keys()]
    expect(files.filter((path) => path.startsWith('platform'))).toEqual([
      'platform/argo-cd/configmap-b.yaml',
      'platform/argo-cd/configmap-one-a.yaml',
      'platform/argo-cd/configmap-two-a.yaml',
    ])
    expect(() => tree([config('a', 'one'), config('a', 'one')])).toThrow('two objects are called')
  })

  test('never holds the content of a secret', () => {
    const secret: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'redis' } }
    expect(tree([secret]).has('platform/argo-cd/secret-redis.yaml')).toBe(true)
    for (const field of ['data', 'stringData'])
      expect(() => tree([{ ...secret, [field]: { auth: 'c2VjcmV0' } }])).toThrow(
        'the secret redis would have become readable in git',
      )
  })

  test('is the same bytes for the same objects, whatever the order of their keys', () => {
    const one = tree([config('a', 'one', { x: '1', y: '2' }), role])
    const other = tree([role, config('a', 'one', { y: '2', x: '1' })])
    expect([...other]).toEqual([...one])
    expect(digestOf(other)).toBe(digestOf(one))
    expect(digestOf(tree([config('a', 'one', { x: '1' }), role]))).not.toBe(digestOf(one))
  })

  test('has no anchors, which hide from a person what is where', () => {
    const shared = { a: 'b' }
    expect(toYaml({ one: shared, two: shared })).toBe('one:\n  a: b\ntwo:\n  a: b\n')
  })
})

describe('the applications', () => {
  const { parts, root } = applicationsOf([gitDaemon, argoCd, argoWorkflows], argoApplications, '01h')

  test('are one for each component, marked as play’s', () => {
    expect(parts.map(({ metadata: { name, labels } }) => [name, labels])).toEqual(
      ['git', 'argo-cd', 'argo-workflows'].map((id) => [
        id,
        { 'dev.play.component': id, 'dev.play.root': '01h' },
      ]),
    )
    for (const { metadata } of [...parts, root])
      expect(metadata.annotations?.['dev.play/digest']).toMatch(/^[0-9a-f]{16}$/)
    expect(root.metadata.labels).toEqual({ 'dev.play.root': '01h' })
  })

  test('take their objects along when they go, but for what the rest stands on', () => {
    expect([...parts, root].map(({ metadata: { name, finalizers } }) => [name, finalizers])).toEqual([
      ['git', undefined],
      ['argo-cd', undefined],
      ['argo-workflows', ['resources-finalizer.argocd.argoproj.io']],
      ['playground', undefined],
    ])
  })
})
