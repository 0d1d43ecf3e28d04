/** Argo CD without its user interface: keeps applications in line with git. */
import { randomBytes } from 'node:crypto'
import type { KubeObject } from '../../domain/cluster.ts'
import { componentLabel, defineComponent } from '../../domain/component.ts'
import { stackHealth, stackHealthKey } from '../infrastructure/stack-health.ts'

const id = 'argo-cd'
const namespace = 'argocd'
const version = '3.5.1'

/** The image that Argo CD's manifest names; it has git, so that play uses it for that, too. */
export const argoCdImage = `quay.io/argoproj/argocd:v${version}`

export const argoCd = defineComponent({
  id,
  title: 'Argo CD',
  summary: 'keeps applications in line with git',
  slot: 'gitops',
  needs: [],
  byDefault: true,
  version,
  namespace,
  manifest: { artifact: 'argo-cd' },
  adoption: { fieldManager: 'argocd-controller', mark: markAsTracked },
  extraObjects: [
    {
      // The core install leaves out the project that every application belongs to unless it says otherwise.
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'default', namespace },
      spec: {
        sourceRepos: ['*'],
        destinations: [{ namespace: '*', server: '*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      },
    },
  ],
  // Upstream leaves this to an init container of redis, and pods that start before it has ended wait ten seconds more.
  generate: () => [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'argocd-redis', namespace, labels: { [componentLabel]: id } },
      type: 'Opaque',
      stringData: { auth: randomBytes(24).toString('base64url') },
    },
  ],
  adjust: (object) => withStackHealth(withoutSecretInit(object)),
})

/**
 * Argo CD's tracking id, as it writes it itself: definitions of kinds bear none, and what has no namespace is noted with
 * that of its application.
 */
function markAsTracked(
  object: KubeObject,
  { id: application, namespace: home }: { id: string; namespace: string },
): KubeObject {
  const { apiVersion, kind, metadata } = object
  if (kind === 'CustomResourceDefinition') return object
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
  const tracked = `${application}:${group ?? ''}/${kind}:${metadata.namespace ?? home}/${metadata.name}`
  const annotations = { ...metadata.annotations, 'argocd.argoproj.io/tracking-id': tracked }
  return { ...object, metadata: { ...metadata, annotations } }
}

/** Argo CD learns how a Stack is doing, whether or not there is an operator. */
function withStackHealth(object: KubeObject): KubeObject {
  if (object.kind !== 'ConfigMap' || object.metadata.name !== 'argocd-cm') return object
  return { ...object, data: { ...(object['data'] as object | undefined), [stackHealthKey]: stackHealth } }
}

interface Workload {
  readonly template?: { readonly spec?: { readonly initContainers?: readonly { readonly name: string }[] } }
}

/** Takes out redis' init container, whose only work is the secret that `generate` has made. */
function withoutSecretInit(object: KubeObject): KubeObject {
  const spec = object['spec'] as Workload | undefined
  const pod = spec?.template?.spec
  if (pod?.initContainers === undefined) return object
  const initContainers = pod.initContainers.filter(({ name }) => name !== 'secret-init')
  return { ...object, spec: { ...spec, template: { ...spec?.template, spec: { ...pod, initContainers } } } }
}
