import { beforeEach, describe, expect, test } from 'vitest'
import Hello from '../../commands/demo/hello.ts'
import { runCommand } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

const workflow = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace: 'demo-hello' }
let world: FakeWorld

beforeEach(async () => {
  world = new FakeWorld()
  await world.makePlayground('dev', {
    spec: {
      name: 'dev',
      source: 'kind',
      kubernetesVersion: '1.34.10',
      nodes: 1,
      components: ['argo-workflows'],
    },
  })
})

/** Plays the controller: every workflow is over at once, with one pod that wrote one line. */
async function playController(phase: 'Succeeded' | 'Failed'): Promise<void> {
  const cluster = world.cluster('dev')
  for (const object of await world.artifacts.manifest('argo-workflows'))
    if (object.kind === 'CustomResourceDefinition') cluster.put(object)
  cluster.whenApplied('Workflow', ({ metadata: { name } }) => {
    const labels = { 'workflows.argoproj.io/workflow': name }
    const status = { phase, containerStatuses: [{ name: 'main', state: { terminated: {} } }] }
    cluster.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'demo-hello', labels },
      status,
    })
    cluster.setLog({ namespace: 'demo-hello', name, container: 'main' }, ['< hello world >'])
    const node = { id: name, name, displayName: name, type: 'Pod', phase, message: 'Error (exit code 3)' }
    cluster.setStatus({ ...workflow, name }, { phase, nodes: { [name]: node } })
  })
}

function parameters(): unknown {
  const [created] = world.cluster('dev').objects(workflow)
  return (created?.['spec'] as { arguments: unknown } | undefined)?.arguments
}

describe('play demo hello', () => {
  test('shows the log live on stderr and the message on stdout', async () => {
    await playController('Succeeded')
    const { stdout, stderr, exitCode } = await runCommand(Hello, [], world)
    expect(exitCode).toBe(0)
    expect(stderr).toContain('< hello world >')
    expect(stdout).toContain('< hello world >')
    expect(stdout).toContain('Succeeded')
  })

  test('passes its wishes on', async () => {
    await playController('Succeeded')
    await runCommand(Hello, ['--message', 'good morning', '--break'], world)
    expect(parameters()).toEqual({
      parameters: [
        { name: 'message', value: 'good morning' },
        { name: 'exit-code', value: '3' },
      ],
    })
  })

  test('ends with 6 when the workflow fails, with the log of its pod and how to look further', async () => {
    await playController('Failed')
    const { stdout, stderr, exitCode } = await runCommand(Hello, [], world)
    expect(exitCode).toBe(6)
    expect(stdout).toBe('')
    expect(stderr).toContain('Error (exit code 3)')
    expect(stderr).toContain('< hello world >')
    expect(stderr).toContain('kubectl --namespace demo-hello get workflow')
  })

  test('ends with 4 where there is no playground', async () => {
    const { stdout, exitCode } = await runCommand(Hello, ['other', '--json'], world)
    expect(exitCode).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { id: 'PLAYGROUND_NOT_FOUND' } })
  })
})
