import { describe, expect, test } from 'vitest'
import {
  editPodTemplate,
  transform,
  type TransformOptions,
} from '../../../src/components/install/transform.ts'
import type { KubeObject } from '../../../src/domain/cluster.ts'
import { defineComponent } from '../../../src/domain/component.ts'
import { argoCd } from '../../../src/components/gitops/argo-cd.ts'
import { argoWorkflows } from '../../../src/components/pipelines/argo-workflows.ts'

const plain = defineComponent({
  id: 'example',
  title: 'Example',
  summary: 'shows',
  slot: 'gitops',
  needs: [],
  byDefault: true,
  version: '1.0.0',
  namespace: 'example',
  manifest: { artifact: 'example' },
  extraObjects: [],
  adjust: (object) => object,
})

const options: TransformOptions = { component: plain, root: '01h', adoption: undefined, preloaded: true }

function deployment(container = 'main', name = 'web'): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      template: {
        metadata: { labels: { app: name } },
        spec: {
          serviceAccountName: name,
          containers: [{ name: container, image: 'quay.io/example/web:latest', imagePullPolicy: 'Always' }],
          initContainers: [{ name: 'copy', image: 'quay.io/example/copy:latest' }],
        },
      },
    },
  }
}

/** The transformed object itself, without the namespace that comes first. */
function one(object: KubeObject, changes: Partial<TransformOptions> = {}): KubeObject {
  const [, transformed] = transform([object], { ...options, ...changes })
  if (transformed === undefined) throw new Error('one object was expected')
  return transformed
}

function containersOf(object: KubeObject): Record<string, unknown>[] {
  const { spec } = (object['spec'] as { template: { spec: Record<string, unknown> } }).template
  return [spec['containers'], spec['initContainers']].flat() as Record<string, unknown>[]
}

test('objects bear the mark of what they are handed over to, except definitions of kinds', () => {
  const tracked = (object: KubeObject): string | undefined =>
    transform([object], { ...options, adoption: argoCd.adoption })[1]?.metadata.annotations?.[
      'argocd.argoproj.io/tracking-id'
    ]
  expect(tracked(deployment())).toBe('example:apps/Deployment:example/web')
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'all' } }
  expect(tracked(role)).toBe('example:rbac.authorization.k8s.io/ClusterRole:example/all')
  const definition = { ...role, apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }
  expect(tracked(definition)).toBeUndefined()
})

test('a namespace that the manifest brings along is there once', () => {
  const own: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'example' } }
  const other: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } }
  const names = transform([own, other], options).map(({ metadata }) => metadata.name)
  expect(names).toEqual(['example', 'other'])
})

describe('every object of a component', () => {
  test('comes after the namespace that it lives in', () => {
    const [first, second] = transform([deployment()], options)
    expect(first).toMatchObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'example' } })
    expect(second?.kind).toBe('Deployment')
  })

  test('is placed in that namespace, unless it has one or cannot have one', () => {
    const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } }
    expect(one(account).metadata.namespace).toBe('example')
    expect(one({ ...account, metadata: { name: 'web', namespace: 'kube-system' } }).metadata.namespace).toBe(
      'kube-system',
    )
    for (const kind of [
      'ClusterRole',
      'ClusterRoleBinding',
      'CustomResourceDefinition',
      'PriorityClass',
      'Namespace',
    ])
      expect(one({ apiVersion: 'v1', kind, metadata: { name: 'web' } }).metadata, kind).not.toHaveProperty(
        'namespace',
      )
  })

  test('that binds a role to a service account finds it in that namespace', () => {
    const binding: KubeObject = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'web' },
      subjects: [
        { kind: 'ServiceAccount', name: 'web' },
        { kind: 'ServiceAccount', name: 'other', namespace: 'other' },
        { kind: 'Group', name: 'admins' },
      ],
    }
    expect(one(binding)['subjects']).toEqual([
      { kind: 'ServiceAccount', name: 'web', namespace: 'example' },
      { kind: 'ServiceAccount', name: 'other', namespace: 'other' },
      { kind: 'Group', name: 'admins' },
    ])
  })

  test('says whose it is, and keeps its own labels', () => {
    const labelled = one({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', labels: { app: 'web' } },
    })
    expect(labelled.metadata.labels).toEqual({
      app: 'web',
      'dev.play.component': 'example',
      'dev.play.root': '01h',
    })
  })

  test('carries a digest that changes whenever the object does, and only then', () => {
    const digest = (object: KubeObject, changes: Partial<TransformOptions> = {}): string | undefined =>
      one(object, changes).metadata.annotations?.['dev.play/digest']
    const same = digest(deployment())
    expect(same).toMatch(/^[0-9a-f]{16}$/)
    expect(digest(deployment())).toBe(same)
    expect(digest(deployment('other'))).not.toBe(same)
    expect(digest(deployment(), { root: '02h' })).not.toBe(same)
    expect(digest(deployment(), { preloaded: false })).not.toBe(same)
  })

  test('keeps the annotations it has', () => {
    const noted = one({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', annotations: { note: 'x' } },
    })
    expect(noted.metadata.annotations).toMatchObject({ note: 'x' })
  })
})

describe('images', () => {
  test('that are on the nodes already are not pulled', () => {
    expect(containersOf(one(deployment())).map(({ imagePullPolicy }) => imagePullPolicy)).toEqual([
      'IfNotPresent',
      'IfNotPresent',
    ])
  })

  test('that are not there are pulled as upstream says', () => {
    expect(containersOf(one(deployment(), { preloaded: false }))).toEqual(containersOf(deployment()))
  })

  test('leave the rest of the object as it is', () => {
    const spec = one(deployment())['spec'] as {
      replicas: number
      template: { metadata: object; spec: object }
    }
    expect(spec.replicas).toBe(1)
    expect(spec.template).toMatchObject({
      metadata: { labels: { app: 'web' } },
      spec: { serviceAccountName: 'web' },
    })
  })

  test('are looked for in pod templates only', () => {
    const config: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'web' },
      data: { a: 'b' },
    }
    expect(editPodTemplate(config, () => ({ name: 'never' }))).toBe(config)
    const odd: KubeObject = {
      apiVersion: 'x/v1',
      kind: 'Odd',
      metadata: { name: 'web' },
      spec: { template: {} },
    }
    expect(editPodTemplate(odd, () => ({ name: 'never' }))).toBe(odd)
  })
})

test('objects are changed in copies: what was read stays as it was', () => {
  const object = deployment()
  const before = structuredClone(object)
  transform([object], options)
  expect(object).toEqual(before)
})

describe('Argo Workflows', () => {
  test('runs the version that is pinned, and pods of the same version', () => {
    const [controller] = containersOf(one(deployment('workflow-controller'), { component: argoWorkflows }))
    expect(controller).toMatchObject({
      image: 'quay.io/argoproj/workflow-controller:v4.0.7',
      args: [
        '--executor-image',
        'quay.io/argoproj/argoexec:v4.0.7',
        '--executor-image-pull-policy',
        'IfNotPresent',
      ],
    })
  })

  test('leaves other containers alone', () => {
    const [other] = containersOf(
      one(deployment('argo-server'), { component: argoWorkflows, preloaded: false }),
    )
    expect(other).toMatchObject({
      name: 'argo-server',
      image: 'quay.io/example/web:latest',
      imagePullPolicy: 'Always',
    })
  })
})

test('Argo CD gets the project that every application belongs to', () => {
  const objects = transform([], { ...options, component: argoCd })
  expect(objects.map(({ kind, metadata: { name, namespace } }) => [kind, namespace, name])).toEqual([
    ['Namespace', undefined, 'argocd'],
    ['AppProject', 'argocd', 'default'],
  ])
})
