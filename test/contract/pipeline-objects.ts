/** The pipelines with which the contract of the slot is held, in the words of each product that fills it. */
import type { KubeObject } from '../../src/domain/cluster.ts'

/** Every one of them says its parameter `message`, and has a second step that waits for the first. */
export type Story = 'succeeds' | 'fails' | 'hangs'

/** Where they run; assets/demos/hello/DIALECT/access.yaml makes it. */
export const pipelineNamespace = 'demo-hello'

const image = 'docker.io/library/busybox:1.35'
const serviceAccountName = 'hello'
const message = { name: 'message', value: 'hello' }

/** What the first step does. */
const scripts: Readonly<Record<Story, string>> = {
  succeeds: 'echo "$MESSAGE"\necho two',
  fails: 'echo "$MESSAGE"\nexit 3',
  hangs: 'echo "$MESSAGE"\nsleep 300',
}

function program(script: string, parameter: string): object {
  const env = [{ name: 'MESSAGE', value: parameter }]
  return { image, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c'], args: [script], env }
}

function argoWorkflows(story: Story): KubeObject {
  const template = (name: string, script: string): object => ({
    name,
    container: { name: 'main', ...program(script, '{{workflow.parameters.message}}') },
  })
  const tasks = [
    { name: 'first', template: 'say' },
    { name: 'second', template: 'end', depends: 'first.Succeeded' },
  ]
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: `contract-${story}-`, namespace: pipelineNamespace } as never,
    spec: {
      serviceAccountName,
      entrypoint: 'main',
      arguments: { parameters: [message] },
      templates: [
        { name: 'main', dag: { tasks } },
        template('say', scripts[story]),
        template('end', 'echo three'),
      ],
    },
  }
}

function tekton(story: Story): KubeObject {
  const task = (name: string, script: string, more: object = {}): object => ({
    name,
    params: [{ name: 'message', value: '$(params.message)' }],
    taskSpec: {
      params: [{ name: 'message' }],
      steps: [{ name: 'main', ...program(script, '$(params.message)') }],
    },
    ...more,
  })
  const tasks = [task('first', scripts[story]), task('second', 'echo three', { runAfter: ['first'] })]
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { generateName: `contract-${story}-`, namespace: pipelineNamespace } as never,
    spec: {
      taskRunTemplate: { serviceAccountName },
      params: [message],
      pipelineSpec: { params: [{ name: 'message' }], tasks },
    },
  }
}

const dialects: Readonly<Record<string, (story: Story) => KubeObject>> = {
  'argo-workflows': argoWorkflows,
  tekton,
}

/** The pipeline in a product's words. */
export function pipelineObject(dialect: string, story: Story): KubeObject {
  const make = dialects[dialect]
  if (make === undefined) throw new Error(`there is no pipeline in the words of ${dialect}`)
  return make(story)
}
