/** All demos on a real cluster: the whole loop, its failures, its interrupts, and what is left of it. */
import { execFile } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DemoResult } from '../../src/domain/demo.ts'
import type { RunEvent } from '../../src/engine/events.ts'
import { lookAtReport } from '../browser/look-at-report.ts'
import { openSandbox, said, type Said, type Sandbox } from './playground.ts'

const name = 'demos'
const root = join(import.meta.dirname, '..', '..')
const engine = process.env['PLAY_ENGINE'] ?? 'podman'
const node = `play-${name}-control-plane`
let sandbox: Sandbox

const kubectl = (...args: readonly string[]): Promise<string> => sandbox.tool('kubectl', args)
const onNode = (...args: readonly string[]): Promise<string> => sandbox.tool(engine, ['exec', node, ...args])
const demo = (...args: readonly string[]): Promise<Said> => sandbox.play(['demo', ...args])

async function resultOf(...args: readonly string[]): Promise<{ said: Said; result: DemoResult }> {
  const { said: answer, document } = await sandbox.json(['demo', ...args])
  expect(answer.exitCode, answer.stdout).toBe(0)
  return { said: answer, result: (document as { result: DemoResult }).result }
}

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')

/** What these objects say in their fields. */
const fieldsOf = (namespace: string, objects: string, path: string): Promise<string> =>
  kubectl('get', objects, '-n', namespace, '-o', `jsonpath=${path}`)

/** How much there is of what a demo could pile up. */
async function heap(namespace: string): Promise<Readonly<Record<string, number>>> {
  const kinds = ['workflows', 'pods', 'replicasets', 'configmaps', 'secrets', 'workflowtaskresults', 'jobs']
  const counts = await Promise.all(
    kinds.map(
      async (kind) => lines(await kubectl('get', kind, '-n', namespace, '--no-headers', '-o', 'name')).length,
    ),
  )
  const images = lines(await onNode('ctr', '-n', 'k8s.io', 'images', 'ls', '-q')).length
  const found = kinds.map((kind, index) => [kind, counts[index] ?? 0] as const)
  return Object.fromEntries([...found, ['images', images] as const])
}

/** Starts a demo; resolves once its events show that this task runs. */
async function startUntil(
  task: string,
  ...args: readonly string[]
): Promise<{ readonly child: ReturnType<Sandbox['start']> }> {
  const isRunning = (event: RunEvent): boolean =>
    event.type === 'step.task' && event.task === task && event.phase === 'running'
  const child = sandbox.start(['demo', ...args, '--output', 'ndjson'])
  let rest = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split('\n')
      rest = parts.pop() ?? ''
      if (parts.filter(Boolean).some((line) => isRunning(JSON.parse(line) as RunEvent))) resolve()
    })
    void child.then((end) => {
      reject(new Error(`it ended first: ${end.stdout.slice(-2000)}`))
    })
  })
  return { child }
}

beforeAll(async () => {
  sandbox = await openSandbox()
  const up = await sandbox.play(['up', name])
  expect(up.exitCode, up.stderr).toBe(0)
})

afterAll(async () => {
  const down = await sandbox.play(['down', name, '--yes'])
  await sandbox.close()
  expect(down, down.stderr).toMatchObject({ exitCode: 0 })
})

describe('demo ci', () => {
  test('takes the first change from git to a running service within a minute', async () => {
    const { said: answer, result } = await resultOf('ci', name)
    expect(answer.durationMs).toBeLessThan(60_000)
    expect(result.parts.map((part) => part.name)).toEqual([
      ...['build.clone', 'build.lint', 'build.test', 'build', 'promote.smoke', 'promote'],
    ])
    expect(result.parts.every(({ phase }) => phase === 'Succeeded')).toBe(true)
    expect(await fieldsOf('demo-ci', 'deployment/web', '{..image}')).toContain(result.outputs['digest'])
    expect(result.message).toContain(result.outputs['commit'])
  })

  test('tells machines each change as it happens, and ends with the result', async () => {
    const answer = await demo('ci', name, '--output', 'ndjson')
    const events = lines(answer.stdout).map((line) => JSON.parse(line) as RunEvent)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(events.at(-1)).toMatchObject({ type: 'run.succeeded' })
    const phases = events.flatMap((event) =>
      event.type === 'step.task' && event.task === 'build.test' ? [event.phase] : [],
    )
    expect([...new Set(phases)]).toEqual(['waiting', 'running', 'succeeded'])
    expect(answer.durationMs).toBeLessThan(30_000)
  })

  test('five runs in a row leave nothing behind but the images of their commits', async () => {
    const before = await heap('demo-ci')
    for (let run = 0; run < 5; run += 1) {
      const { said: answer } = await resultOf('ci', name)
      expect(answer.durationMs).toBeLessThan(30_000)
    }
    const after = await heap('demo-ci')
    for (const kind of Object.keys(before)) {
      // An image of a run has a name by its digest, and by its id.
      const limit = kind === 'images' ? 15 : 6
      expect((after[kind] ?? 0) - (before[kind] ?? 0), kind).toBeLessThanOrEqual(limit)
    }
    expect(after['workflows']).toBeLessThanOrEqual(3)
  })

  test.each([
    ['test', 'step build.test', /AssertionError/],
    ['build', 'step build:', /failed to solve/],
  ])('a %s that fails ends with 6, its step and its log', async (part, where, log) => {
    const answer = await demo('ci', name, '--break', part)
    expect(answer.exitCode).toBe(6)
    expect(answer.stderr).toContain(where)
    expect(answer.stderr).toMatch(log)
    expect(answer.stderr).toContain('kubectl --namespace demo-ci logs')
  })

  test('a deployment that does not become ready is undone', async () => {
    const deployed = (): Promise<string> => fieldsOf('demo-ci', 'deployment/web', '{..image}')
    const former = await deployed()
    const answer = await demo('ci', name, '--break', 'deploy')
    expect(answer.exitCode).toBe(6)
    expect(answer.stderr).toMatch(/Readiness probe failed/)
    expect(answer.stderr).toContain('undone')
    expect(await deployed()).toBe(former)
    expect(await fieldsOf('demo-ci', 'deployment/web', '{.status.readyReplicas}')).toBe('1')
  })

  test('an interrupt stops the workflow, and nothing else', async () => {
    const { child } = await startUntil('build.test', 'ci', name)
    child.kill('SIGINT')
    const answer = said(await child)
    expect(answer.exitCode).toBe(130)
    const phases = await fieldsOf('demo-ci', 'workflows', '{.items[*].status.phase}')
    expect(phases).not.toContain('Running')
    expect((await sandbox.play(['status', name])).exitCode).toBe(0)
    await resultOf('ci', name)
  })

  test('goes on while the API server is made anew', async () => {
    const { child } = await startUntil('build.clone', 'ci', name)
    // At once: asked to end, it would first wait a minute for whoever watches.
    await onNode('pkill', '-KILL', '-x', 'kube-apiserver')
    const answer = said(await child)
    expect(answer.exitCode, answer.stdout.slice(-3000)).toBe(0)
  })

  test('can be started by hand', async () => {
    const made = await kubectl('create', '-f', join(root, 'assets/demos/ci/run.yaml'), '-o', 'name')
    await kubectl('wait', made, '-n', 'demo-ci', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=120s')
  })

  test('writes a page that a browser shows', async () => {
    const report = join(sandbox.folder, 'report.html')
    await resultOf('ci', name, '--report', report)
    const seen = await lookAtReport(report)
    expect(seen.problems).toEqual([])
    expect(seen.text).toContain('build.test')
    const failed = join(sandbox.folder, 'failed.html')
    expect((await demo('ci', name, '--break', 'test', '--report', failed)).exitCode).toBe(6)
    expect((await lookAtReport(failed)).text).toContain('AssertionError')
  })
})

describe('demo hello', () => {
  test('is quick, and shows every line when asked to', async () => {
    const answer = await demo('hello', name, '--message', 'good morning', '--logs')
    expect(answer.exitCode).toBe(0)
    expect(answer.durationMs).toBeLessThan(8000)
    expect(answer.stdout).toContain('< good morning >')
    expect(answer.stderr).toMatch(/│ < good morning >/)
  })

  test('ends with 6 when it is to fail', async () => {
    const answer = await demo('hello', name, '--break')
    expect(answer.exitCode).toBe(6)
    expect(answer.stderr).toContain('exit code 3')
  })

  test('gives up after the patience it was given, and stops what it started', async () => {
    const answer = await demo('hello', name, '--timeout', '1s')
    expect(answer.exitCode).toBe(7)
    const phases = await fieldsOf('demo-hello', 'workflows', '{.items[*].status.phase}')
    expect(phases).not.toContain('Running')
  })

  test('twenty runs in a row leave nothing behind', async () => {
    for (let run = 0; run < 3; run += 1) await demo('hello', name)
    const before = await heap('demo-hello')
    for (let run = 0; run < 20; run += 1) {
      const answer = await demo('hello', name)
      expect(answer.exitCode, answer.stderr).toBe(0)
    }
    expect(await heap('demo-hello')).toEqual(before)
  })
})

describe('demo gitops', () => {
  test.each(['4', '5'])('scales to %s and heals, each time it is run', async (replicas) => {
    const answer = await demo('gitops', name, '--replicas', replicas)
    expect(answer.exitCode, answer.stderr).toBe(0)
    expect(answer.stderr).toMatch(/- {2}replicas: 2/)
    expect(answer.stderr).toContain(`+  replicas: ${replicas}`)
    expect(await fieldsOf('demo-gitops', 'deployment', '{..readyReplicas}')).toBe(replicas)
  })
})

describe("a person's own demo", () => {
  test('begins as a copy, is changed, and run', async () => {
    const own = join(sandbox.folder, 'own')
    expect((await demo('copy', 'hello', own)).exitCode).toBe(0)
    const file = join(own, 'demo.yaml')
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('default: hello world', 'default: from my own'),
    )
    const answer = await demo('run', own, name)
    expect(answer.exitCode, answer.stderr).toBe(0)
    expect(answer.stdout).toContain('< from my own >')
    expect((await demo('stop', own, name)).exitCode).toBe(0)
  })

  test('with a mistake is refused before anything is done, with its place', async () => {
    const wrong = join(sandbox.folder, 'wrong')
    await cp(join(root, 'assets/demos/hello'), wrong, { recursive: true })
    const file = join(wrong, 'demo.yaml')
    await writeFile(file, (await readFile(file, 'utf8')).replace('workflow:', 'wokflow:'))
    const answer = await demo('run', wrong, name)
    expect(answer.exitCode).toBe(2)
    expect(answer.stderr).toMatch(/demo\.yaml:\d+:\d+: .*wokflow/)
  })
})

describe('demo stop', () => {
  test.each(['ci', 'hello', 'gitops'])('takes out all that %s has made, and twice is fine', async (id) => {
    expect((await demo('stop', id, name)).exitCode).toBe(0)
    expect(await kubectl('get', 'namespaces', '-o', 'name')).not.toContain(`demo-${id}`)
    expect(await kubectl('get', 'applications', '-n', 'argocd', '-o', 'name')).not.toContain(`demo-${id}`)
    expect(await onNode('ls', '/var/lib/play/git')).not.toContain(`demo-${id}`)
    const again = await demo('stop', id, name)
    expect(again.exitCode).toBe(0)
    expect(again.stdout).toContain('Nothing of it was there')
  })

  test('and the playground is as it was', async () => {
    const status = await sandbox.json(['status', name])
    expect(status.document).toMatchObject({ ok: true, result: { healthy: true } })
  })
})

describe('the example Makefile', () => {
  const make = (parts: string): Promise<{ stdout: string }> =>
    promisify(execFile)('make', ['-f', join(root, 'docs/examples/Makefile.ci'), 'ci', `PARTS=${parts}`], {
      env: { ...process.env, ...sandbox.env, PLAY: `${process.execPath} ${join(root, 'bin/run.js')}` },
      maxBuffer: 10_000_000,
    })

  test('makes a playground, runs the pipeline and cleans up, whatever the pipeline did', async () => {
    expect((await make('')).stdout).toContain('is live')
    await expect(make('--break test')).rejects.toMatchObject({
      stderr: expect.stringContaining('AssertionError') as string,
    })
    const { document } = await sandbox.json(['list'])
    expect((document as { result: { name: string }[] }).result.map((one) => one.name)).toEqual([name])
  })
})
