/** The pipelines with which the contract of the slot is held, in the words of each product that fills it. */
import type { KubeObject } from '../../src/domain/cluster.ts'

/** Every one of them says its parameter `message`, and has a second step that waits for the first. */
export type Story = 'succeeds' | 'fails' | 'hangs'

/** Between the two a pod of several programs, of which some wait for others: only Argo Workflows has such. */
export type SetStory = 'set-succeeds' | 'set-fails'

/** Where they run; assets/demos/hello/DIALECT/access.yaml makes it. */
export const pipelineNamespace = 'demo-hello'

const image = 'docker.io/library/busybox:1.35'
const serviceAccountName = 'hello'
const message = { name: 'message', value: 'hello' }

/** What the first step does; one that succeeds answers its message in the file. */
const scripts: Readonly<Record<Story, (answer: string) => string>> = {
  succeeds: (answer) => `echo "$MESSAGE"\nprintf %s "$MESSAGE" >${answer}\necho two`,
  fails: () => 'echo "$MESSAGE"\nexit 3',
  hangs: () => 'echo "$MESSAGE"\nsleep 300',
}

function program(script: string, parameter: string): object {
  const env = [{ name: 'MESSAGE', value: parameter }]
  return { image, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c'], args: [script], env }
}

const argoMessage = '{{workflow.parameters.message}}'
const answerFile = '/tmp/answer'

function argoTemplate(name: string, script: string): object {
  return { name, container: { name: 'main', ...program(script, argoMessage) } }
}

function argoWorkflow(
  story: string,
  tasks: readonly object[],
  templates: readonly object[],
  main = {},
): KubeObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: `contract-${story}-`, namespace: pipelineNamespace } as never,
    spec: {
      serviceAccountName,
      entrypoint: 'main',
      arguments: { parameters: [message] },
      templates: [{ name: 'main', dag: { tasks }, ...main }, ...templates],
    },
  }
}

function argoWorkflows(story: Story): KubeObject {
  const answers = (valueFrom: object): object =>
    story === 'succeeds' ? { outputs: { parameters: [{ name: 'answer', valueFrom }] } } : {}
  const tasks = [
    { name: 'first', template: 'say' },
    { name: 'second', template: 'end', depends: 'first.Succeeded' },
  ]
  const say = { ...argoTemplate('say', scripts[story](answerFile)), ...answers({ path: answerFile }) }
  return argoWorkflow(
    story,
    tasks,
    [say, argoTemplate('end', 'echo three')],
    answers({ parameter: '{{tasks.first.outputs.parameters.answer}}' }),
  )
}

/** In Argo's words only. The step in the middle is called `build`. */
export function containerSetObject(story: SetStory): KubeObject {
  const lint = story === 'set-fails' ? 'echo lint\nexit 3' : 'echo lint'
  // Long enough to be at work when the other fails.
  const test = story === 'set-fails' ? 'echo test\nsleep 300' : 'echo test'
  const container = (name: string, script: string, ...dependencies: string[]): object => ({
    ...{ name, ...program(script, argoMessage) },
    ...(dependencies.length === 0 ? {} : { dependencies }),
  })
  const containers = [
    container('clone', 'echo clone'),
    container('lint', lint, 'clone'),
    container('test', test, 'clone'),
    container('main', 'echo "$MESSAGE"', 'lint', 'test'),
  ]
  const tasks = [
    { name: 'first', template: 'say' },
    { name: 'build', template: 'set', dependencies: ['first'] },
    { name: 'second', template: 'end', dependencies: ['build'] },
  ]
  const set = { name: 'set', containerSet: { containers } }
  return argoWorkflow(story, tasks, [argoTemplate('say', 'echo one'), set, argoTemplate('end', 'echo three')])
}

function tekton(story: Story): KubeObject {
  const task = (name: string, script: string, more: object = {}, taskMore: object = {}): object => ({
    name,
    params: [{ name: 'message', value: '$(params.message)' }],
    taskSpec: {
      params: [{ name: 'message' }],
      steps: [{ name: 'main', ...program(script, '$(params.message)') }],
      ...taskMore,
    },
    ...more,
  })
  const answers = (result: object): object => (story === 'succeeds' ? { results: [result] } : {})
  const tasks = [
    task('first', scripts[story]('$(results.answer.path)'), {}, answers({ name: 'answer' })),
    task('second', 'echo three', { runAfter: ['first'] }),
  ]
  const results = answers({ name: 'answer', value: '$(tasks.first.results.answer)' })
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { generateName: `contract-${story}-`, namespace: pipelineNamespace } as never,
    spec: {
      taskRunTemplate: { serviceAccountName },
      params: [message],
      pipelineSpec: { params: [{ name: 'message' }], tasks, ...results },
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
