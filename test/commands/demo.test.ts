import { beforeEach, describe, expect, test } from 'vitest'
import Ci from '../../commands/demo/ci.ts'
import Gitops from '../../commands/demo/gitops.ts'
import Hello from '../../commands/demo/hello.ts'
import type { DemoContext } from '../../src/domain/demo.ts'
import { demoMaker } from '../../src/demos/index.ts'
import { componentRegistry } from '../../src/components/index.ts'
import type { RunEvent } from '../../src/engine/events.ts'
import { realInventory } from '../fakes/real-inventory.ts'
import { kindSource } from '../../src/sources/kind/index.ts'
import { runCommand, type RunOptions } from '../fakes/fake-app.ts'
import { helloPlayground } from '../fakes/fake-hello.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

const workflow = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace: 'demo-hello' }
let world: FakeWorld

beforeEach(async () => {
  world = new FakeWorld()
  await helloPlayground(world)
})

function parameters(): unknown {
  const [created] = world.cluster('dev').objects(workflow)
  return (created?.['spec'] as { arguments: { parameters: unknown } } | undefined)?.arguments.parameters
}

/** An app whose demos do nothing, and what they were given. */
function idle(): { readonly given: DemoContext[]; readonly options: RunOptions } {
  const given: DemoContext[] = []
  const registries = {
    ...{ source: kindSource, components: componentRegistry },
    inventory: realInventory,
    demos: {
      ...demoMaker,
      steps(context: DemoContext) {
        given.push(context)
        const result = { demo: '', message: 'Done', outputs: {}, steps: [], parts: [], next: [] }
        return { steps: [], result: () => result }
      },
    },
  }
  return { given, options: { app: { registries } } }
}

describe('play demo hello', () => {
  test('shows the log live on stderr, and the message and how to go on on stdout', async () => {
    const { stdout, stderr, exitCode } = await runCommand(Hello, ['--logs'], world)
    expect(exitCode).toBe(0)
    expect(stderr).toContain('< hello world >')
    for (const text of ['< hello world >', 'Succeeded', '$ play demo stop hello'])
      expect(stdout).toContain(text)
  })

  test('runs on the playground that is named', async () => {
    world = new FakeWorld()
    await helloPlayground(world, 'other')
    const { exitCode } = await runCommand(Hello, ['other'], world)
    expect(exitCode).toBe(0)
    expect(world.cluster('other').objects(workflow)).toHaveLength(1)
  })

  test('passes its wishes on', async () => {
    await runCommand(Hello, ['--message', 'good morning', '--break'], world)
    expect(parameters()).toEqual([
      { name: 'message', value: 'good morning' },
      { name: 'break', value: 'yes' },
    ])
  })

  test('ends with 6 when the workflow fails, with the log of its pod and how to look further', async () => {
    const { stdout, stderr, exitCode } = await runCommand(Hello, ['--break'], world)
    expect(exitCode).toBe(6)
    expect(stdout).toBe('')
    const commands = ['kubectl --namespace demo-hello logs', 'play demo hello dev']
    for (const text of ['Error (exit code 3)', '< hello world >', ...commands]) expect(stderr).toContain(text)
    // What was broken on purpose is not to be broken again.
    expect(stderr).not.toContain('play demo hello dev --break')
  })

  test('ends with 4 where there is no playground', async () => {
    const { stdout, exitCode } = await runCommand(Hello, ['other', '--json'], world)
    expect(exitCode).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { id: 'PLAYGROUND_NOT_FOUND' } })
  })
})

describe('a demo for programs', () => {
  test('with --output json is one document with steps, times and what came of it', async () => {
    const { stdout, stderr, exitCode } = await runCommand(Hello, ['--output', 'json'], world)
    expect(exitCode).toBe(0)
    expect(stderr).toBe('')
    const { ok, result } = JSON.parse(stdout) as { ok: boolean; result: Record<string, unknown> }
    expect(ok).toBe(true)
    const [created] = world.cluster('dev').objects(workflow)
    expect(result).toMatchObject({
      ...{ demo: 'hello', message: '< hello world >', outputs: { workflow: created?.metadata.name } },
      steps: [{ id: 'access' }, { id: 'run' }],
      parts: [{ phase: 'Succeeded', durationMs: 4000 }],
    })
  })

  test('with --output json tells a failure in the document, with the log', async () => {
    const { stdout, exitCode } = await runCommand(Hello, ['--break', '--output', 'json'], world)
    expect(exitCode).toBe(6)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { id: 'DEMO_FAILED', details: ['< hello world >'] },
    })
  })

  test('with --output ndjson tells each change of the pipeline as an event, and each line with its task', async () => {
    const { stdout } = await runCommand(Hello, ['--output', 'ndjson'], world)
    const events = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as RunEvent)
    const tasks = events.filter((event) => event.type === 'step.task')
    expect(tasks.map(({ step }) => step)).toEqual(tasks.map(() => 'demo.run'))
    expect(tasks.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(['waiting', 'running', 'succeeded']),
    )
    const [log] = events.filter((event) => event.type === 'step.log')
    expect(log).toMatchObject({ line: '< hello world >', task: tasks[0]?.task })
    expect(events.at(-1)).toMatchObject({ type: 'run.succeeded', result: { demo: 'hello' } })
  })
})

describe('flags become options of the demo', () => {
  test.each([
    [Hello, [], { message: 'hello world', break: 'no' }],
    [Hello, ['--message', 'hi'], { message: 'hi', break: 'no' }],
    [Ci, [], { break: 'no' }],
    [Ci, ['--break', 'test'], { break: 'test' }],
    [Gitops, [], { replicas: '4' }],
    [Gitops, ['--replicas', '6'], { replicas: '6' }],
  ])('%o %o', async (command, argv, options) => {
    const { given, options: app } = idle()
    const { exitCode } = await runCommand(command, argv, world, app)
    expect(exitCode).toBe(0)
    expect(given.map((context) => context.options)).toEqual([options])
  })

  test.each([
    [Gitops, ['--replicas', '9'], 'replicas cannot be "9"; it is one of 4, 3, 5, 6'],
    [Ci, ['--break', 'everything'], '--break'],
  ])('%o %o is refused with 2 before anything is done', async (command, argv, reason) => {
    const { stderr, exitCode } = await runCommand(command, argv, world)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(reason)
    expect(world.cluster('dev').calls).toEqual([])
  })

  test('and --timeout its patience', async () => {
    const { given, options } = idle()
    await runCommand(Ci, ['--timeout', '90s'], world, options)
    expect(given[0]).toMatchObject({ timeoutMs: 90_000, again: 'play demo ci dev' })
  })
})

describe('a demo that is interrupted', () => {
  const interrupt = { after: 'demo.run', signal: 'SIGINT', during: true } as const

  beforeEach(async () => {
    world = new FakeWorld()
    await helloPlayground(world, 'dev', { hangs: true })
  })

  test('stops its workflow without asking where there is no terminal, and ends with 130', async () => {
    const { stderr, exitCode } = await runCommand(Hello, [], world, { interrupt })
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/^workflow hello-world-\d+ is stopped$/m)
    expect(stderr).toContain('play demo stop hello dev')
  })

  test('asks on a terminal, and says how to watch what goes on', async () => {
    const { stderr, exitCode } = await runCommand(Hello, [], world, { interrupt, answer: false })
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/^workflow \S+ goes on: kubectl --namespace demo-hello get workflow \S+ --watch$/m)
  })

  test('tells programs by its events alone', async () => {
    const { stdout, stderr } = await runCommand(Hello, ['--output', 'ndjson'], world, { interrupt })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'run.cancelled' })
  })
})

test('a demo that needs what the playground lacks says how to add it', async () => {
  const spec = { source: 'kind', kubernetesVersion: '1.34.10', nodes: 1, components: ['git'] } as const
  await world.makePlayground('bare', { spec: { name: 'bare', ...spec } })
  const { stderr, exitCode } = await runCommand(Ci, ['bare'], world)
  expect(exitCode).toBe(4)
  expect(stderr).toContain('play up bare --with argo-cd')
})
