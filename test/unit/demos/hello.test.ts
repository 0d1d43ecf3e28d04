import { beforeEach, describe, expect, test } from 'vitest'
import { createDemoFolders } from '../../../src/adapters/demo-folders.ts'
import { componentRegistry } from '../../../src/components/index.ts'
import { demoMaker } from '../../../src/demos/index.ts'
import type { DemoResult } from '../../../src/domain/demo.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import { runDemo } from '../../../src/workflows/demo.ts'
import { argoDefinition } from '../../fakes/demo-stage.ts'
import { playHello, type HelloScript } from '../../fakes/fake-hello.ts'
import { FakeWorld, packageRoot } from '../../fakes/fake-ports.ts'
import { playTekton } from '../../fakes/fake-tekton.ts'

const workflows = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace: 'demo-hello' }
const folders = createDemoFolders({ packageRoot, cwd: packageRoot })
let world: FakeWorld

beforeEach(() => {
  world = new FakeWorld()
})

async function makePlayground(component: 'argo-workflows' | 'tekton'): Promise<void> {
  const spec = { name: 'dev', source: 'kind', kubernetesVersion: '1.34.10', nodes: 1 } as const
  await world.makePlayground('dev', { spec: { ...spec, components: [component] } })
}

async function run(options: Readonly<Record<string, string>> = {}, timeoutMs = 60_000): Promise<DemoResult> {
  const asked = {
    ...{ folder: await folders.open('hello'), name: 'dev', timeoutMs, options },
    again: 'play demo hello dev',
    confirmStop: () => Promise.resolve(true),
    onStopped: () => undefined,
  }
  const tools = { ports: world.ports, components: componentRegistry, demos: demoMaker }
  return world.run(runDemo(asked, tools, world.session()))
}

/** The lines of steps, each with whose it is. */
function said(): readonly (readonly [string, string | undefined])[] {
  return world.eventsOf('step.log').map(({ line, task }) => [line, task] as const)
}

describe('demo hello on Argo Workflows', () => {
  async function hello(script: HelloScript = {}): Promise<void> {
    await makePlayground('argo-workflows')
    playHello(world.cluster('dev'), script)
  }

  test('submits the talk’s workflow, shows its pod and its log live, and ends with its message', async () => {
    await hello({ lines: [' -------------', '< hello world >'] })
    const result = await run()
    const [workflow] = world.cluster('dev').objects(workflows)
    const name = workflow?.metadata.name ?? ''
    expect(result).toMatchObject({
      demo: 'hello',
      message: ' -------------\n< hello world >',
      outputs: { workflow: name },
      steps: [{ id: 'access' }, { id: 'run' }],
      parts: [{ name, pod: name, phase: 'Succeeded', durationMs: 4000 }],
    })
    expect(result.next).toContain('play demo stop hello')
    expect(said()).toEqual([
      [' -------------', name],
      ['< hello world >', name],
    ])
    const tasks = world.eventsOf('step.task').map(({ task, phase, message }) => [task, phase, message])
    expect(tasks[0]).toEqual([name, 'waiting', ''])
    expect(tasks.at(-1)).toEqual([name, 'succeeded', ''])
  })

  test('lets its pods tell the controller how they ended', async () => {
    await hello()
    await run()
    const cluster = world.cluster('dev')
    const { namespace } = workflows
    const [role] = cluster.objects({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', namespace })
    expect(role).toMatchObject({
      rules: [{ resources: ['workflowtaskresults'], verbs: ['create', 'patch'] }],
    })
    expect(cluster.objects(workflows)[0]).toMatchObject({ spec: { serviceAccountName: 'hello' } })
  })

  test('can be run again and again, without a heap of old workflows', async () => {
    await hello()
    for (let turn = 0; turn < 5; turn += 1) expect((await run()).message).toBe('< hello world >')
    expect(world.cluster('dev').objects(workflows)).toHaveLength(3)
  })

  test('passes on what the whale shall say, and keeps the other defaults', async () => {
    await hello()
    expect((await run({ message: 'good morning' })).message).toBe('< good morning >')
    expect(world.cluster('dev').objects(workflows)[0]).toMatchObject({
      spec: {
        arguments: {
          parameters: [
            { name: 'message', value: 'good morning' },
            { name: 'break', value: 'no' },
          ],
        },
      },
    })
  })

  test('shows the log even when the workflow was over before its pod was seen', async () => {
    await hello({ atOnce: true })
    expect((await run()).message).toBe('< hello world >')
  })

  test('shows the log at the end where the pods could not be watched', async () => {
    await hello()
    const refused = PlayError.of('API_REJECTED', { object: 'Pod', reason: 'forbidden' })
    world.cluster('dev').fail('watch Pod', refused)
    expect((await run()).message).toBe('< hello world >')
    expect(world.eventsOf('warning')).toHaveLength(1)
  })

  test('leaves out what Argo’s executor says of itself', async () => {
    const chatter = 'time=2026-01-01T00:00:00.000Z level=INFO msg="capturing logs" argo=true'
    await hello({ lines: ['< hello world >', chatter] })
    expect((await run()).message).toBe('< hello world >')
  })

  test('goes on when the log cannot be followed, since the workflow’s own status is what counts', async () => {
    await hello()
    const refused = PlayError.of('API_REJECTED', { object: 'Pod x', reason: 'forbidden' })
    world.cluster('dev').fail('logs', refused, 100)
    expect(await run()).toMatchObject({ message: '' })
    expect(world.eventsOf('warning').map(({ id }) => id)).toContain('API_REJECTED')
  })

  test('that is to break ends with exit code 6, the pod’s reason and its log', async () => {
    await hello()
    const error: unknown = await run({ break: 'yes' }).catch((each: unknown) => each)
    const [workflow] = world.cluster('dev').objects(workflows)
    const name = workflow?.metadata.name ?? ''
    expect(error).toMatchObject({
      ...{ id: 'DEMO_FAILED', exitCode: 6, details: ['< hello world >'] },
      message: expect.stringContaining('Error (exit code 3)') as string,
      suggestions: [`kubectl --namespace demo-hello logs ${name} --all-containers`, 'play demo hello dev'],
    })
  })

  test('without a controller that works gives up when patience ends', async () => {
    await makePlayground('argo-workflows')
    world.cluster('dev').put(argoDefinition('Workflow'))
    await expect(run({}, 3000)).rejects.toMatchObject({ id: 'WAIT_TIMEOUT', exitCode: 7 })
  })
})

describe('demo hello on Tekton', () => {
  async function hello(exitCode: number): Promise<DemoResult> {
    await makePlayground('tekton')
    const cluster = world.cluster('dev')
    playTekton(cluster, (_program, message) => ({ lines: [`< ${message} >`], exitCode }))
    return run({ message: 'good morning' })
  }

  test('runs where that runs the pipelines', async () => {
    const result = await hello(0)
    const [pod = ''] = result.parts.map((part) => part.pod)
    expect(result).toMatchObject({
      message: '< good morning >',
      parts: [{ name: 'whalesay', pod, phase: 'Succeeded', durationMs: 3000 }],
    })
    expect(said()).toEqual([['< good morning >', 'whalesay']])
    const progress = world.eventsOf('step.progress').map(({ text }) => text)
    expect(progress).toContain('waiting for the controller')
    const messages = world.eventsOf('step.task').map(({ phase, message }) => [phase, message])
    expect(messages).toContainEqual(['waiting', 'PodInitializing'])
  })

  test('that fails says why, and how to look at it', async () => {
    await expect(hello(3)).rejects.toMatchObject({
      id: 'DEMO_FAILED',
      message: expect.stringContaining('"step-main" exited with code 3') as string,
      details: ['< good morning >'],
      suggestions: [
        expect.stringMatching(/^kubectl --namespace demo-hello logs hello-world-\S+ --all-containers$/),
        'play demo hello dev',
      ],
    })
  })
})
