/** Argo Workflows' controller, for the whole cluster: runs pipelines. */
import { defineComponent } from '../../domain/component.ts'
import { editPodTemplate } from '../transform.ts'

const version = '4.0.7'

export const argoWorkflows = defineComponent({
  id: 'argo-workflows',
  title: 'Argo Workflows',
  summary: 'runs pipelines',
  slot: 'pipelines',
  needs: [],
  byDefault: true,
  version,
  namespace: 'argo',
  manifest: { artifact: 'argo-workflows' },
  extraObjects: [],
  adjust: (object) => editPodTemplate(object, (container) => ({ ...container, ...pinned(container.name) })),
})

/** The upstream manifest says `latest`, and the controller would choose its executor by its own build's tag. */
function pinned(container: string): Record<string, unknown> {
  if (container !== 'workflow-controller') return {}
  return {
    image: `quay.io/argoproj/workflow-controller:v${version}`,
    args: [
      '--executor-image',
      `quay.io/argoproj/argoexec:v${version}`,
      '--executor-image-pull-policy',
      'IfNotPresent',
    ],
  }
}
