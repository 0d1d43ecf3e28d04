/** The talk's first workflow: one pod that says hello, on the real controller. */
import { filled, type Demo, type DemoContext, type DemoResult, type DemoSteps } from '../domain/demo.ts'
import { PlayError } from '../domain/errors.ts'
import type { PipelineRun, Pipelines } from '../domain/pipelines.ts'
import { defineStep } from '../engine/step.ts'
import { followRun, type RunEnd } from './follow-run.ts'

export const hello: Demo = {
  id: 'hello',
  title: 'Hello from a workflow',
  summary: 'one pod says hello, followed live',
  needs: ['pipelines'],
  takes: '15 s',
  steps: helloSteps,
}

function helloSteps(context: DemoContext): DemoSteps {
  const { assets, access, client, options, timeoutMs } = context
  const pipelines = filled('pipelines', context.pipelines)
  const folder = `demos/hello/${pipelines.dialect}`
  const prepare = defineStep<object>({
    id: 'hello.prepare',
    title: 'Prepare the namespace',
    timeoutMs,
    async run({ signal }) {
      const connection = await client(access)
      const [first, ...others] = await assets.objects(`${folder}/access.yaml`)
      if (first !== undefined) await connection.apply(first, signal)
      await Promise.all(others.map((object) => connection.apply(object, signal)))
      return {}
    },
  })
  const submit = defineStep<PipelineRun>({
    id: 'hello.submit',
    title: 'Submit the workflow',
    after: [prepare],
    timeoutMs,
    async run({ signal }) {
      const [workflow] = await assets.objects(`${folder}/pipeline.yaml`)
      if (workflow === undefined)
        throw PlayError.of('BUG_UNEXPECTED', { reason: 'the hello demo has no workflow' })
      return pipelines.submit(await client(access), workflow, options, signal)
    },
    describe: ({ name }) => name,
  })
  const story = defineStep<DemoResult>({
    id: 'hello.run',
    title: 'Run the workflow',
    after: [submit],
    timeoutMs,
    readOnly: true,
    async run({ use, signal, report }) {
      const run = use(submit)
      const end = await followRun({ client: await client(access), pipelines, run, report, signal })
      if (!end.succeeded) throw failure(pipelines, run, end)
      return { demo: 'hello', message: end.log.join('\n'), parts: end.parts }
    },
  })
  return { steps: [prepare, submit, story], story }
}

function failure(
  { resource }: Pipelines,
  { namespace, name }: PipelineRun,
  { reason, log }: RunEnd,
): PlayError {
  const inspect = `kubectl --namespace ${namespace} get ${resource} ${name} --output yaml`
  return PlayError.of(
    'DEMO_FAILED',
    { demo: 'hello', reason: `workflow ${name}: ${reason}`, inspect },
    { details: log.slice(-40) },
  )
}
