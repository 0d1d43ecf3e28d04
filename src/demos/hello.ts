/** The talk's first workflow: one pod that says hello, on the real controller. */
import type { KubeObject } from '../domain/cluster.ts'
import type { Demo, DemoContext, DemoResult, DemoSteps } from '../domain/demo.ts'
import { PlayError } from '../domain/errors.ts'
import { defineStep } from '../engine/step.ts'
import { followWorkflow } from './workflow-run.ts'

const namespace = 'demo-hello'

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
  const prepare = defineStep<object>({
    id: 'hello.prepare',
    title: 'Prepare the namespace',
    timeoutMs,
    async run({ signal }) {
      const connection = await client(access)
      const [first, ...others] = await assets.objects('demos/hello/access.yaml')
      if (first !== undefined) await connection.apply(first, signal)
      await Promise.all(others.map((object) => connection.apply(object, signal)))
      return {}
    },
  })
  const submit = defineStep<{ readonly name: string }>({
    id: 'hello.submit',
    title: 'Submit the workflow',
    after: [prepare],
    timeoutMs,
    async run({ signal }) {
      const [workflow] = await assets.objects('demos/hello/workflow.yaml')
      if (workflow === undefined)
        throw PlayError.of('BUG_UNEXPECTED', { reason: 'the hello demo has no workflow' })
      const created = await (await client(access)).create(withParameters(workflow, options), signal)
      return { name: created.metadata.name }
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
      const { name } = use(submit)
      const end = await followWorkflow({ client: await client(access), namespace, name, report, signal })
      if (!end.succeeded) throw failure(name, end.reason, end.log)
      return { demo: 'hello', message: end.log.join('\n'), parts: end.parts }
    },
  })
  return { steps: [prepare, submit, story], story }
}

function failure(name: string, reason: string, log: readonly string[]): PlayError {
  const inspect = `kubectl --namespace ${namespace} get workflow ${name} --output yaml`
  return PlayError.of(
    'DEMO_FAILED',
    { demo: 'hello', reason: `workflow ${name}: ${reason}`, inspect },
    { details: log.slice(-40) },
  )
}

/** Sets the workflow's parameters; one that is not named keeps its default. */
function withParameters(workflow: KubeObject, values: Readonly<Record<string, string>>): KubeObject {
  const spec = workflow['spec'] as { arguments: { parameters: { name: string; value: string }[] } }
  const parameters = spec.arguments.parameters.map(({ name, value }) => ({
    name,
    value: values[name] ?? value,
  }))
  return { ...workflow, spec: { ...spec, arguments: { ...spec.arguments, parameters } } }
}
