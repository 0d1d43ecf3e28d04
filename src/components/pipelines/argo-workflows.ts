/** Argo Workflows' controller, for the whole cluster: runs pipelines. */
import { defineComponent } from '../../domain/component.ts'
import { editPodTemplate, type ContainerFields } from '../install/transform.ts'

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
  adjust: (object) =>
    object.metadata.name === settingsName && object.kind === 'ConfigMap'
      ? { ...object, data: { ...(object['data'] as object | undefined), executor: patientExecutor } }
      : editPodTemplate(object, (container) =>
          container.name === 'workflow-controller'
            ? { ...container, ...pinned, env: prompt(container) }
            : container,
        ),
})

const settingsName = 'workflow-controller-configmap'

/**
 * A step whose outcome cannot be told to the API for ten seconds counts as failed by default, and its workflow may never
 * end. An API server that is made anew takes longer: ten tries, each after a longer wait, are well over a minute. More in
 * number would meet it when it answers already and knows no rights yet, which counts as a refusal.
 */
const patientExecutor = "env:\n  - name: EXECUTOR_RETRY_BACKOFF_STEPS\n    value: '10'\n"

/**
 * The controller looks again only this long after a pod has changed: ten seconds by default, for each step. Two pods in a
 * row took 20.2 s with one second and 17.8 s with a tenth of it.
 */
function prompt({ env = [] }: ContainerFields): readonly unknown[] {
  return [
    ...(env as readonly unknown[]),
    { name: 'DEFAULT_REQUEUE_TIME', value: '100ms' },
    { name: 'INFORMER_WRITE_BACK', value: 'true' },
  ]
}

/** The upstream manifest says `latest`, and the controller would choose its executor by its own build's tag. */
const pinned = {
  image: `quay.io/argoproj/workflow-controller:v${version}`,
  args: [
    '--executor-image',
    `quay.io/argoproj/argoexec:v${version}`,
    '--executor-image-pull-policy',
    'IfNotPresent',
  ],
}
