import { beforeEach, describe, expect, test } from 'vitest'
import Open from '../../commands/open.ts'
import type { App } from '../../src/cli/app.ts'
import { runCommand, type Said } from '../fakes/fake-app.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'
import { forwardOnce } from '../fakes/forward-once.ts'

const password = 'tr0ub4dor&3'

let world: FakeWorld
let shownInBrowser: string[]
/** What ends the command: Ctrl-C, or that nobody is there any more. */
let stop: AbortController

beforeEach(() => {
  world = new FakeWorld()
  shownInBrowser = []
  stop = new AbortController()
})

async function makePlayground(components: readonly string[]): Promise<void> {
  const spec = { name: 'dev', source: 'kind', kubernetesVersion: '1.34.10', nodes: 1, components } as const
  await world.makePlayground('dev', { spec })
  const cluster = world.cluster('dev')
  for (const [namespace, label] of [
    ['git', 'git'],
    ['argocd', 'argocd-server'],
  ] as const) {
    cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    const metadata = { name: `${label}-1`, namespace, labels: { 'app.kubernetes.io/name': label } }
    const status = { conditions: [{ type: 'Ready', status: 'True' }] }
    cluster.put({ apiVersion: 'v1', kind: 'Pod', metadata, status })
  }
  const metadata = { name: 'argocd-initial-admin-secret', namespace: 'argocd' }
  const data = { password: Buffer.from(password).toString('base64') }
  cluster.put({ apiVersion: 'v1', kind: 'Secret', metadata, data })
  cluster.onForward = () => forwardOnce(stop)
}

interface Stage {
  /** A person reads stdout. */
  readonly isTerminal?: boolean
  readonly interrupted?: number
}

function open(argv: readonly string[], { isTerminal = false, interrupted = 130 }: Stage = {}): Promise<Said> {
  const facts: App['facts'] = {
    ...{ version: '0', nodeVersion: 'v24.0.0', platform: 'linux', arch: 'x64', env: {}, isTerminal },
  }
  const browser: App['browser'] = () =>
    Promise.resolve({ open: (url) => Promise.resolve(shownInBrowser.push(url) > 0) })
  const app: Partial<App> = {
    ...{ facts, browser },
    signal: stop.signal,
    interrupted: () => (stop.signal.aborted && interrupted > 0 ? interrupted : undefined),
  }
  return runCommand(Open, argv, world, { app })
}

describe('play open', () => {
  test('lists what can be opened where that is not one thing', async () => {
    await makePlayground(['git', 'argo-cd', 'argocd-ui'])
    const { stdout, stderr, exitCode } = await open([])
    expect(stdout).toMatch(/play open git +git +.*\nplay open argocd +http +/)
    expect([stderr, exitCode]).toEqual(['', 0])
    await makePlayground([])
    expect((await open([])).stdout).toContain('There is nothing to open')
  })

  test('opens the only thing there is, until Ctrl-C', async () => {
    await makePlayground(['git'])
    const { stdout, stderr, exitCode } = await open([])
    expect(stdout).toContain('  Address  git://127.0.0.1:4242/playground\n')
    expect(stderr).toBe('It stays open until Ctrl-C.\n')
    expect(exitCode).toBe(130)
    expect(shownInBrowser).toEqual([])
  })

  test('of a web page starts the browser, and tells the login on a terminal', async () => {
    await makePlayground(['argo-cd', 'argocd-ui'])
    const { stdout } = await open(['argocd'], { isTerminal: true })
    expect(stdout).toContain(`  User      admin\n  Password  ${password}\n`)
    expect(shownInBrowser).toEqual(['http://127.0.0.1:4242'])
  })

  test.each([
    [['argocd'], { isTerminal: false }],
    [['argocd', '--print'], { isTerminal: true }],
    [['argocd', '--json'], { isTerminal: true }],
    [['argocd', '--output', 'ndjson'], { isTerminal: true }],
  ])('%j keeps the password to itself', async (argv, stage) => {
    await makePlayground(['argo-cd', 'argocd-ui'])
    const { stdout, stderr } = await open(argv, stage)
    expect(stdout).toContain('http://127.0.0.1:4242')
    expect(`${stdout}${stderr}${JSON.stringify(world.events)}`).not.toContain(password)
  })

  test('tells the password where it is asked for, and writes no event of it', async () => {
    await makePlayground(['argo-cd', 'argocd-ui'])
    const { stdout } = await open(['argocd', '--show-credentials', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: { user: 'admin', password } })
    expect(world.events).toEqual([])
  })

  test('prints the address alone for a script, and ends well when that has gone', async () => {
    await makePlayground(['git'])
    const { stdout, stderr, exitCode } = await open(['git', '--print'], { interrupted: 0 })
    expect([stdout, stderr, exitCode]).toEqual(['git://127.0.0.1:4242/playground\n', '', 0])
  })

  test('gives one document, and one line with ndjson, as soon as it listens', async () => {
    await makePlayground(['git'])
    const { stdout } = await open(['git', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      result: { endpoint: 'git', url: 'git://127.0.0.1:4242/playground', port: 4242 },
    })
    stop = new AbortController()
    const { stdout: line } = await open(['git', '--output', 'ndjson'])
    expect(line.split('\n')).toHaveLength(2)
    expect(JSON.parse(line)).toMatchObject({ ok: true, result: { port: 4242 } })
  })

  test('lists for a program that names nothing, and never stays', async () => {
    await makePlayground(['git'])
    const { stdout, exitCode } = await open(['--json'])
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: [{ name: 'git', scheme: 'git' }] })
    expect(exitCode).toBe(0)
  })

  test.each([
    [['gti'], 2, 'Did you mean git?'],
    [['registry'], 4, 'play up dev --with registry'],
    [['git', '--port', '0'], 2, 'port'],
    [['git', '--name', 'other'], 4, 'There are: dev'],
  ])('%j fails with exit code %d', async (argv, code, text) => {
    await makePlayground(['git'])
    const { stdout, stderr, exitCode } = await open(argv, { interrupted: 0 })
    expect([stdout, exitCode]).toEqual(['', code])
    expect(stderr).toContain(text)
  })
})
