import { beforeEach, describe, expect, test } from 'vitest'
import Logs from '../../commands/logs.ts'
import type { PlaygroundSpec } from '../../src/domain/playground.ts'
import { runCommand } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let world: FakeWorld

function spec(name: string, components: readonly string[]): PlaygroundSpec {
  return { name, source: 'kind', kubernetesVersion: '1.34.10', nodes: 1, components }
}

beforeEach(async () => {
  world = new FakeWorld()
  await world.makePlayground('dev', { spec: spec('dev', ['argo-cd']) })
  const cluster = world.cluster('dev')
  const containerStatuses = [
    { name: 'main', containerID: 'containerd://1', state: { terminated: {} } },
    { name: 'waits', containerID: '' },
  ]
  const metadata = { name: 'controller-0', namespace: 'argocd' }
  cluster.put({ apiVersion: 'v1', kind: 'Pod', metadata, status: { containerStatuses } })
  cluster.setLog({ namespace: 'argocd', name: 'controller-0', container: 'main' }, ['one', 'two'])
})

describe('play logs', () => {
  test('prints each line with its pod and container, of containers that have started', async () => {
    const { stdout, stderr, exitCode } = await runCommand(Logs, ['argo-cd'], world)
    expect(stdout).toBe('controller-0/main  one\ncontroller-0/main  two\n')
    expect([stderr, exitCode]).toEqual(['', 0])
  })

  test('gives one document with --json', async () => {
    const { stdout } = await runCommand(Logs, ['argo-cd', '--json'], world)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      result: [
        { pod: 'controller-0', container: 'main', line: 'one' },
        { pod: 'controller-0', container: 'main', line: 'two' },
      ],
    })
  })

  test('suggests the nearest name with exit code 2', async () => {
    const { stderr, exitCode } = await runCommand(Logs, ['argocd'], world)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('argo-cd')
  })

  test('of a component that is not installed ends with 4', async () => {
    await world.makePlayground('small', { spec: spec('small', []) })
    expect(await runCommand(Logs, ['argo-cd', 'small'], world)).toMatchObject({ exitCode: 4, stdout: '' })
  })

  test('do not move the cursor of a terminal, and are as they were in a pipe', async () => {
    const line = '\u001b]0;title\u0007\u001b[2J\u001b[31mred\u001b[0m \u009b1A\b'
    const log = { namespace: 'argocd', name: 'controller-0', container: 'main' }
    world.cluster('dev').setLog(log, [line])
    const facts = { version: '0', nodeVersion: '', platform: 'linux', arch: 'x64', env: {} }
    const onTerminal = { app: { facts: { ...facts, isTerminal: true } } }
    expect((await runCommand(Logs, ['argo-cd'], world)).stdout).toBe(`controller-0/main  ${line}\n`)
    expect((await runCommand(Logs, ['argo-cd'], world, onTerminal)).stdout).toBe('controller-0/main  red\n')
  })
})
