/** The action `workflow`: a run of a pipeline, followed to its end. */
import type { KubeObject } from '../../domain/cluster.ts'
import { filled } from '../../domain/demo.ts'
import type { WorkflowAction } from '../../domain/demo-definition.ts'
import { PlayError } from '../../domain/errors.ts'
import { oldestFirst } from '../../domain/oldest-first.ts'
import type { ClusterClient } from '../../domain/ports.ts'
import { followRun } from '../follow-run.ts'
import { demoLabel, type Perform, type Scene } from '../scene.ts'
import { labelled } from './apply.ts'

/** Runs that stay when a new one begins, so that a person can look at them. */
const keptRuns = 2

/** Submits the run and shows it. Throws DEMO_FAILED with the log of the step that failed. */
export const workflow: Perform<WorkflowAction> = async ({ workflow: wanted }, scene, scope) => {
  const { context, text } = scene
  const { signal, report } = scope
  const pipelines = filled('pipelines', context.pipelines, context)
  const file = scene.file(wanted.file)
  const [client, [object]] = await Promise.all([context.client(), context.folder.objects(file)])
  if (object === undefined) throw scene.failure(`${file} has no object`, `cat ${file}`)
  const given = Object.entries(wanted.parameters ?? {}).map(([name, value]) => [name, text(value)])
  const parameters = Object.fromEntries(given) as Readonly<Record<string, string>>
  await forgetOldRuns(client, object, scene, signal)
  // A request that is cut off may make the run all the same, and nobody would know its name.
  const whole = new AbortController().signal
  signal.throwIfAborted()
  const run = await pipelines.submit(client, labelled(object, context), parameters, whole)
  context.onRun(run, 'started')
  const following = followRun({ client, pipelines, run, report, signal, clock: context.clock })
  const end = await following.catch((error: unknown) => {
    // Nobody has to stop what somebody has deleted.
    if (error instanceof PlayError && error.id === 'PIPELINE_GONE') context.onRun(run, 'ended')
    throw error
  })
  context.onRun(run, 'ended')
  scene.runs.push(end.state)
  if (end.succeeded) return { ...end.state.outputs, name: run.name, log: end.log.join('\n') }
  const { failed } = end
  const where = failed === undefined ? '' : `, step ${failed.step}`
  const pod = failed?.pod
  const inspect =
    pod === undefined
      ? `kubectl --namespace ${run.namespace} get ${pipelines.resource} ${run.name} --output yaml`
      : `kubectl --namespace ${run.namespace} logs ${pod} --all-containers`
  throw scene.failure(
    `workflow ${run.name}${where}: ${end.reason}`,
    inspect,
    failed?.log ?? end.log.slice(-40),
  )
}

/** Deletes all but the newest: a demo may be run without end. */
async function forgetOldRuns(
  client: ClusterClient,
  { apiVersion, kind, metadata }: KubeObject,
  { context }: Scene,
  signal: AbortSignal,
): Promise<void> {
  const { namespace = 'default' } = metadata
  const ref = { apiVersion, kind, namespace }
  const labelSelector = `${demoLabel}=${context.folder.definition.id}`
  const runs = await client.list({ ...ref, labelSelector, metadataOnly: true }, signal)
  const old = runs.toSorted(oldestFirst).slice(0, -keptRuns)
  await Promise.all(old.map(({ metadata: { name } }) => client.delete({ ...ref, name }, signal)))
}
