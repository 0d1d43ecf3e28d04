import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../src/sources/kind/program.ts'
import Up from '../../commands/up.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type { RunEvent } from '../../src/engine/events.ts'
import { runCommand, type Said } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})
afterEach(() => {
  vi.unstubAllEnvs()
})

function up(...argv: string[]): Promise<Said> {
  return runCommand(Up, argv, world)
}

function spec(name = 'dev'): object | undefined {
  return world.states.states.get(name)?.spec
}

describe('play up', () => {
  test('tells its story on stderr and its answer on stdout', async () => {
    const { stdout, stderr, exitCode } = await up()
    expect(exitCode).toBe(0)
    expect(stderr).toContain('Create the cluster play-dev')
    expect(stdout).toContain('Playground dev is ready')
    expect(stdout).toContain('kubectl get nodes')
    expect(stdout).not.toContain('Create the cluster')
  })

  test('without components offers no demo that needs one', async () => {
    const { stdout } = await up('workshop', '--without', 'argo-cd,argo-workflows')
    expect(stdout).toContain('play status workshop')
    expect(stdout).not.toContain('play demo')
  })

  test('with --json gives one document and nothing besides', async () => {
    const { stdout, stderr, exitCode } = await up(
      'workshop',
      '--json',
      '--nodes',
      '2',
      '--without',
      'pulumi-operator',
    )
    expect(exitCode).toBe(0)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      result: {
        name: 'workshop',
        nodes: 2,
        context: 'play-workshop',
        components: ['git', 'argo-cd', 'argo-workflows', 'registry', 'buildkit'],
      },
    })
  })

  test('with --output ndjson gives one event in each line, and the result in the last', async () => {
    const { stdout, stderr } = await up('--output', 'ndjson')
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent)
    expect(stderr).toBe('')
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(events[0]).toMatchObject({
      schema: 1,
      type: 'run.started',
      subject: 'dev',
      command: 'play up dev',
    })
    expect(events.at(-1)).toMatchObject({ type: 'run.succeeded', result: { name: 'dev' } })
  })

  test('takes every wish as a flag', async () => {
    await up(
      'two',
      '--nodes',
      '2',
      '--kubernetes-version',
      'v1.33.4',
      '--without',
      'argo-cd',
      '--no-kubeconfig',
      '--no-wait',
    )
    expect(spec('two')).toMatchObject({
      nodes: 2,
      kubernetesVersion: '1.33.4',
      components: ['git', 'argo-workflows', 'registry', 'buildkit'],
    })
    expect(world.kubeconfigs.current).toBeNull()
    expect(world.events.map((event) => ('step' in event ? event.step : ''))).not.toContain(
      'argo-workflows.ready',
    )
  })

  test('takes every wish as a variable', async () => {
    vi.stubEnv('PLAY_NODES', '2')
    vi.stubEnv('PLAY_KUBERNETES_VERSION', '1.33.4')
    vi.stubEnv('PLAY_WITHOUT', 'argo-cd')
    vi.stubEnv('PLAY_PORT', '8080:30080')
    vi.stubEnv('PLAY_KUBECONFIG', 'false')
    vi.stubEnv('PLAY_OUTPUT', 'json')
    const { stdout } = await up()
    expect(JSON.parse(stdout)).toMatchObject({ ok: true })
    expect(spec()).toMatchObject({
      nodes: 2,
      kubernetesVersion: '1.33.4',
      components: ['git', 'argo-workflows', 'registry', 'buildkit'],
      ports: [{ hostPort: 8080, containerPort: 30080 }],
    })
    expect(world.kubeconfigs.current).toBeNull()
  })

  test('takes a name after a list of components', async () => {
    expect((await up('--without', 'argo-cd', 'workshop')).exitCode).toBe(0)
    expect(spec('workshop')).toMatchObject({ components: ['git', 'argo-workflows', 'registry', 'buildkit'] })
  })

  test('takes components in one flag or in several', async () => {
    await up('--without', 'argo-cd,argo-workflows', '--without', 'registry', '--without', 'buildkit')
    expect(spec()).toMatchObject({ components: ['git'] })
  })

  test('with --dry-run says what would run and makes nothing', async () => {
    const before = world.snapshot()
    const { stdout, stderr, exitCode } = await up('--dry-run')
    expect(exitCode).toBe(0)
    expect(stderr).toContain('would run')
    expect(stdout).not.toContain('is ready')
    expect(world.snapshot()).toEqual(before)
  })
})

describe('play up refuses with exit code 2', () => {
  test.each([
    [
      'a flag that does not exist, with the nearest',
      ['--nodez', '2'],
      ['no flag --nodez', 'Did you mean --nodes?'],
    ],
    ['a flag like no other', ['--frobnicate'], ['no flag --frobnicate', 'play --help']],
    ['a name that is no DNS label', ['Bad_Name'], ['"Bad_Name" is no name', 'lower-case letters']],
    ['a name that looks like a path', ['../../etc'], ['is no name']],
    ['two names', ['one', 'two'], ['Unexpected argument: two']],
    [
      'a duration that is none',
      ['--timeout', 'soon'],
      ['--timeout: "soon" is no duration; write it like 90s'],
    ],
    ['a duration beyond what timers can', ['--timeout', '30d'], ['at most 24h']],
    ['nodes that are no number', ['--nodes', 'many'], ['--nodes: Expected an integer but received: many']],
    ['no node', ['--nodes', '0'], ['--nodes: Expected an integer greater than or equal to 1']],
    ['an output that does not exist', ['--output', 'xml'], ['tty, plain, json, ndjson']],
    [
      'a component that does not exist, with the nearest',
      ['--with', 'argocd'],
      ['no component "argocd"', 'Did you mean argo-cd or argocd-ui?'],
    ],
    [
      'a component that is wanted and left out',
      ['--with', 'argo-cd', '--without', 'argo-cd'],
      ['both wanted and left out'],
    ],
    [
      'a version that is not there',
      ['--kubernetes-version', '9.9'],
      ['9.9 is not available', 'Available: 1.34.10, 1.33.4'],
    ],
  ])('%s', async (_what, argv, texts) => {
    const { stdout, stderr, exitCode } = await up(...argv)
    expect(exitCode).toBe(2)
    expect(stdout).toBe('')
    for (const text of texts) expect(stderr).toContain(text)
    expect(stderr).not.toMatch(/undefined|See more help|\[object|at .*\.ts:/)
    expect(world.states.states.size).toBe(0)
  })

  test.each([
    ['--json', ['--json', '--nodez', '2']],
    ['--output json', ['--nodez', '2', '--output', 'json']],
    ['--output=ndjson', ['--output=ndjson', '--nodez', '2']],
  ])('and tells machines so with %s', async (_what, argv) => {
    const { stdout, stderr, exitCode } = await up(...argv)
    expect(exitCode).toBe(2)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { id: 'USAGE_INVALID', exitCode: 2, suggestions: ['Did you mean --nodes?'] },
    })
  })

  test('and tells machines so that asked by variable', async () => {
    const { stdout } = await runCommand(Up, ['--nodez'], world, { env: { PLAY_OUTPUT: 'json' } })
    expect(JSON.parse(stdout)).toMatchObject({ ok: false })
  })
})

describe('play up fails', () => {
  test.each([
    [
      '3 without an engine',
      3,
      () => {
        world.engineError = PlayError.of('ENGINE_MISSING', { looked: ['docker', 'podman'] })
      },
      'play doctor --fix',
    ],
    [
      '4 with a cluster that it did not make',
      4,
      () => {
        world.engine.addNode('play-dev')
      },
      'CLUSTER_FOREIGN',
    ],
    [
      '5 when kind fails',
      5,
      () => {
        world.stackError = PlayError.of('KIND_FAILED', { what: 'make the cluster: no space', name: 'dev' })
      },
      'kind could not make the cluster: no space',
    ],
    [
      '8 without network or bundle',
      8,
      () => {
        world.artifacts.manifests.clear()
      },
      'ARTIFACT_MISSING',
    ],
  ] as [string, number, () => void, string][])('with exit code %s', async (_what, code, happen, text) => {
    happen()
    const { stdout, stderr, exitCode } = await up()
    expect(exitCode).toBe(code)
    expect(stdout).toBe('')
    expect(stderr).toContain(text)
    // Told once: by the run if there was one, else by the command.
    expect(stderr.split('Error ').length).toBe(2)
  })

  test('with exit code 7 when patience ends', async () => {
    world.engine.rollsOut = false
    const { stderr, exitCode } = await up('--timeout', '2s')
    expect(exitCode).toBe(7)
    expect(stderr).toContain('WAIT_TIMEOUT')
  })

  test('as one document with --json, also after the run has begun', async () => {
    world.artifacts.missing.add('kind')
    const { stdout, stderr, exitCode } = await up('--json', '--without', 'pulumi-operator')
    expect(exitCode).toBe(3)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { id: 'TOOL_MISSING', exitCode: 3 } })
  })

  test('as the last event with ndjson, and not a second time', async () => {
    world.artifacts.missing.add('kind')
    const { stdout } = await up('--output', 'ndjson')
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type?: string })
    expect(lines.at(-1)).toMatchObject({ type: 'run.failed', error: { id: 'TOOL_MISSING' } })
    expect(lines.filter(({ type }) => type === undefined)).toEqual([])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('after %s with exit code %i, naming what resumes and what cleans up', async (signal, code) => {
    const interrupt = { after: 'cluster.access', signal }
    const { stdout, stderr, exitCode } = await runCommand(Up, [], world, { interrupt })
    expect(exitCode).toBe(code)
    expect(stdout).toBe('')
    expect(stderr).toContain('play up dev')
    expect(stderr).toContain('play down dev')
  })
})
