/** The slot `pipelines` in Argo Workflows' words: a run is a Workflow. */
import type { Pipelines } from '../../domain/pipelines.ts'
import { argoWorkflows } from './argo-workflows.ts'
import { argoState } from './argo-status.ts'
import { observeRun, type RunKinds } from './observe-run.ts'
import { programLines, withValues } from './run-pods.ts'

const workflows = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' }

const kinds: RunKinds = {
  run: workflows,
  parts: [{ apiVersion: 'v1', kind: 'Pod' }],
  runLabel: 'workflows.argoproj.io/workflow',
  read: argoState,
}

/**
 * What Argo's own executor writes into the container's log, beside what the program says (emissary.go, main.go): its log,
 * and its exit code or what it waited for in vain. That a command could not be started stays: it is why the step failed.
 */
const executorWords =
  /time=\d{4}-\S+ level=\w+ msg=.*\bargo=true\b.*$|^Error: exit status \d+$|^(?:Error: )?dependency "[^"]+" exited with non-zero code: \d+$/

interface Spec {
  readonly arguments?: { readonly parameters?: Parameters<typeof withValues>[0] }
}

/** What play asks of Argo Workflows. */
export const argoPipelines: Pipelines = {
  dialect: argoWorkflows.id,
  resource: 'workflow',
  async submit(client, object, values, signal) {
    const spec = object['spec'] as Spec
    const parameters = withValues(spec.arguments?.parameters, values)
    const changed = { ...object, spec: { ...spec, arguments: { ...spec.arguments, parameters } } }
    const { name, namespace = 'default' } = (await client.create(changed, signal)).metadata
    return { namespace, name }
  },
  observe: (client, run, options) => observeRun(client, kinds, run, options),
  logs: (client, run, program, signal) => programLines(client, run, program, executorWords, signal),
  async stop(client, run, signal) {
    // Exit handlers still run; `Terminate` would leave them out.
    await client.patch({ ...workflows, ...run }, { spec: { shutdown: 'Stop' } }, signal)
  },
}
