/** Objects that the tests of cluster clients share. */
import type { KubeObject } from '../../src/domain/cluster.ts'

/** A ConfigMap in the default namespace. */
export function configMap(
  name: string,
  more: Partial<KubeObject['metadata']> = {},
  data: object = {},
): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', ...more }, data }
}

/** All ConfigMaps in the default namespace. */
export const maps = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default' }
export const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
}
/** Its container, for commands. */
export const inWeb = { namespace: 'default', pod: 'web', container: 'main' }
export const webLog = { namespace: 'default', name: 'web', container: 'main' }
/** The definition of `widget`. */
export const widgetDefinition: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.test' },
  spec: {
    group: 'example.test',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets' },
    versions: [{ name: 'v1' }],
  },
}
export const widget: KubeObject = {
  apiVersion: 'example.test/v1',
  kind: 'Widget',
  metadata: { name: 'one', namespace: 'default' },
  spec: { anything: { goes: [1, null, 'ü'] } },
}
