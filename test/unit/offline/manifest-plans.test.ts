// The manifest of Argo Workflows is made applicable: one namespace, fixed image tags.
import { describe, expect, it } from 'vitest'
import { adaptWorkflows } from '../../../offline/manifest-plans.ts'
import { objectsOf } from '../../../offline/module-file-recipes.ts'

const objects = objectsOf([
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: c}\nspec: {template: {spec: {containers: [{image: "q/c:latest"}]}}}\n---\n',
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nsubjects: [{kind: ServiceAccount, name: argo}]',
])

describe('the manifest of Argo Workflows', () => {
  const adapted = adaptWorkflows(objects)

  it('begins with its namespace and puts what is not of the cluster into it', () => {
    expect(adapted.map((object) => [object.kind, object.metadata.namespace])).toEqual([
      ['Namespace', undefined],
      ['Deployment', 'argo'],
      ['ClusterRoleBinding', undefined],
    ])
    expect(adapted[2]?.['subjects']).toEqual([{ kind: 'ServiceAccount', name: 'argo', namespace: 'argo' }])
  })

  it('names the release where upstream says latest', () => {
    expect(JSON.stringify(adapted)).toContain('"image":"q/c:v4.0.7"')
  })

  it('refuses a document that is no object', () => {
    expect(() => objectsOf(['- 1'])).toThrow(/no Kubernetes object/)
  })
})
