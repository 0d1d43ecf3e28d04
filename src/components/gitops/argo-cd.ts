/** Argo CD without its user interface: keeps applications in line with git. */
import { randomBytes } from 'node:crypto'
import { componentLabel, defineComponent } from '../../domain/component.ts'

const id = 'argo-cd'
const namespace = 'argocd'

export const argoCd = defineComponent({
  id,
  title: 'Argo CD',
  summary: 'keeps applications in line with git',
  slot: 'gitops',
  version: '3.5.1',
  namespace,
  manifest: 'argo-cd',
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
  // Argo CD's own init container makes this secret too, but pods that start before it has wait ten seconds more.
  generate: () => [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'argocd-redis', namespace, labels: { [componentLabel]: id } },
      type: 'Opaque',
      stringData: { auth: randomBytes(24).toString('base64url') },
    },
  ],
  adjust: (object) => object,
})
