/** Argo CD without its user interface: keeps applications in line with git. */
import { defineComponent } from '../../domain/component.ts'

const namespace = 'argocd'

export const argoCd = defineComponent({
  id: 'argo-cd',
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
  adjust: (object) => object,
})
