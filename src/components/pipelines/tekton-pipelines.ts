/** The slot `pipelines` in Tekton's words: a run is a PipelineRun, and a step one of its tasks. */
import type { Pipelines } from '../../domain/pipelines.ts'
import { observeRun, type RunKinds } from './observe-run.ts'
import { programLines, withValues } from './run-pods.ts'
import { tektonState } from './tekton-status.ts'
import { tekton } from './tekton.ts'

const apiVersion = 'tekton.dev/v1'
const pipelineRuns = { apiVersion, kind: 'PipelineRun' }

const kinds: RunKinds = {
  run: pipelineRuns,
  parts: [
    { apiVersion, kind: 'TaskRun' },
    { apiVersion: 'v1', kind: 'Pod' },
  ],
  runLabel: 'tekton.dev/pipelineRun',
  read: tektonState,
}

/**
 * What Tekton's entrypoint writes into the container's log (cmd/entrypoint/main.go, pkg/entrypoint/entrypointer.go). That
 * a command could not be executed stays: it is why the step failed.
 */
const executorWords =
  /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (?:Skipping (?:step|execute step) |Step was cancelled|INFO (?:Step was|Skipping) ).*$/

interface Spec {
  readonly params?: Parameters<typeof withValues>[0]
}

/** What play asks of Tekton. */
export const tektonPipelines: Pipelines = {
  dialect: tekton.id,
  resource: 'pipelinerun',
  async submit(client, object, values, signal) {
    const spec = object['spec'] as Spec
    const changed = { ...object, spec: { ...spec, params: withValues(spec.params, values) } }
    const { name, namespace = 'default' } = (await client.create(changed, signal)).metadata
    return { namespace, name }
  },
  observe: (client, run, options) => observeRun(client, kinds, run, options),
  logs: (client, run, program, signal) => programLines(client, run, program, executorWords, signal),
  async stop(client, run, signal) {
    // Its `finally` tasks still run; `Cancelled` would leave them out.
    await client.patch({ ...pipelineRuns, ...run }, { spec: { status: 'CancelledRunFinally' } }, signal)
  },
}
