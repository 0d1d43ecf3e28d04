/** Marked secrets through every command, in every mode, in success and failure: they are where they belong and nowhere else. */
import { beforeEach, describe, expect, test } from 'vitest'
// Loaded once and before any clock runs: it takes a second.
import '../../src/sources/kind/program.ts'
import ComponentAdd from '../../commands/component/add.ts'
import ComponentList from '../../commands/component/list.ts'
import ComponentRemove from '../../commands/component/remove.ts'
import Down from '../../commands/down.ts'
import Inventory from '../../commands/inventory.ts'
import Kubeconfig from '../../commands/kubeconfig.ts'
import List from '../../commands/list.ts'
import Logs from '../../commands/logs.ts'
import Open from '../../commands/open.ts'
import Status from '../../commands/status.ts'
import Up from '../../commands/up.ts'
import Version from '../../commands/version.ts'
import type { App } from '../../src/cli/app.ts'
import { Canaries } from '../fakes/canaries.ts'
import { runCommand, type RunOptions, type Said } from '../fakes/fake-app.ts'
import { FakeStack } from '../fakes/fake-stack.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'
import { forwardOnce } from '../fakes/forward-once.ts'

const canaries = new Canaries()
const gitPassword = canaries.make('git password')
const registryPassword = canaries.make('registry password')
const adminPassword = canaries.make('password of Argo CD')
const clientKey = canaries.make('client key')

/** What a person's shell may hold. */
const env = Object.fromEntries(
  [
    ...['DIGITALOCEAN_TOKEN', 'DIGITALOCEAN_ACCESS_TOKEN', 'PULUMI_ACCESS_TOKEN', 'PULUMI_CONFIG_PASSPHRASE'],
    ...['AWS_SECRET_ACCESS_KEY', 'GITHUB_TOKEN', 'NPM_TOKEN', 'KUBE_TOKEN', 'DOCKER_PASSWORD'],
  ].map((name) => [name, canaries.make(name)]),
)

const url = 'https://git.example.org/me/playground.git'
const adminConf = `server: https://172.18.0.2:6443\nclient-key-data: ${Buffer.from(clientKey).toString('base64')}\n`
const up = [
  ...['--git', url, '--git-credentials', '/token'],
  ...['--registry', 'https://registry.example.org/me', '--registry-credentials', '/config.json'],
]

let world: FakeWorld
beforeEach(() => {
  world = secretWorld()
})

function secretWorld(): FakeWorld {
  const made = new FakeWorld()
  made.gitRemotes.add(url)
  made.gitRemotes.secret = { username: 'me', password: gitPassword }
  const auth = Buffer.from(`me:${registryPassword}`).toString('base64')
  made.registryCredentials = () => ({
    dockerConfig: JSON.stringify({ auths: { 'registry.example.org': { auth } } }),
    isReadByOthers: false,
  })
  made.stacks.set('dev', new FakeStack(made.engine, adminConf))
  return made
}

/** All that a run leaves or tells, but for what is meant to hold a secret: the kubeconfigs and the cluster's Secrets. */
function traces(seen: FakeWorld, said: Said): string {
  const { states, engine, gitRemotes, events } = seen
  return JSON.stringify([
    said,
    events,
    [...states.states],
    states.writes,
    [...states.files].map(([name, files]) => [name, [...files]]),
    [...states.journals],
    states.certificates,
    engine.changes,
    gitRemotes.calls,
    [...gitRemotes.branches],
    [...engine.clusters.values()].map((cluster) => cluster.calls),
    [...engine.containers.values()].map(({ name, labels, mounts }) => [name, labels, mounts]),
  ])
}

const modes = ['plain', 'json', 'ndjson'] as const
type Command = Parameters<typeof runCommand>[0]

/** Runs it in each mode with debugging on; answers what was found where it should not be. */
async function leaksOf(
  command: Command,
  argv: readonly string[],
  options: RunOptions & { readonly exits?: number } = {},
): Promise<string[]> {
  const leaks: string[] = []
  for (const mode of modes) {
    const said = await runCommand(command, [...argv, '--output', mode], world, {
      ...options,
      env: { ...env, DEBUG: 'play', ...options.env },
    })
    leaks.push(...canaries.in(traces(world, said)).map((leak) => `${mode}: ${leak}`))
    const { exits = said.exitCode } = options
    if (said.exitCode !== exits) leaks.push(`${mode}: ended with ${String(said.exitCode)}: ${said.stderr}`)
  }
  return leaks
}

describe('[row 35] a secret', () => {
  test('is recognized in each encoding, wherever it is in a text', () => {
    const all = new Canaries()
    const secret = all.make('it')
    for (const before of ['', 'a', 'ab', 'abc'])
      for (const text of [
        `${before}${secret}`,
        Buffer.from(`${before}${secret}z`).toString('base64'),
        Buffer.from(`${before}${secret}z`).toString('base64url'),
        Buffer.from(`${before}${secret}`).toString('hex'),
        encodeURIComponent(`${before}${secret}`),
        JSON.stringify({ [before]: secret }),
      ])
        expect(all.in(text), text).toHaveLength(1)
    expect(all.in('nothing of it')).toEqual([])
  })

  test('is in no event, log, state, journal, certificate, argument or answer of a playground’s whole life', async () => {
    expect(await leaksOf(Up, up, { exits: 0 })).toEqual([])
    for (const [command, ...argv] of [
      [Status, 'dev'],
      [List],
      [Inventory, 'dev'],
      [Version],
      [ComponentList, 'dev'],
      [ComponentAdd, 'argocd-ui', 'dev'],
      [ComponentRemove, 'argocd-ui', 'dev'],
      [Kubeconfig, '--path'],
      [Kubeconfig, '--merge'],
      [Logs, 'argo-cd'],
      [Open],
    ] as readonly (readonly [Command, ...string[]])[])
      expect(await leaksOf(command, argv, { exits: 0 }), argv.join(' ')).toEqual([])
    expect(await leaksOf(Down, ['dev', '--yes'], { exits: 0 })).toEqual([])
  })

  test('is told where a person asks for it, and only that one', async () => {
    await runCommand(Up, up, world)
    const shown = await runCommand(Kubeconfig, ['--print'], world, { env })
    expect(canaries.in(shown.stdout)).toEqual(['client key (base64)'])
    expect(canaries.in(shown.stderr)).toEqual([])
    world = secretWorld()
    await world.makePlayground('dev', {
      spec: {
        ...{ name: 'dev', source: 'kind', kubernetesVersion: '1.34.10', nodes: 1 },
        components: ['argo-cd', 'argocd-ui'],
      },
    })
    const cluster = world.cluster('dev')
    cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } })
    cluster.put({
      ...{ apiVersion: 'v1', kind: 'Pod', status: { conditions: [{ type: 'Ready', status: 'True' }] } },
      metadata: { name: 'a', namespace: 'argocd', labels: { 'app.kubernetes.io/name': 'argocd-server' } },
    })
    cluster.put({
      ...{ apiVersion: 'v1', kind: 'Secret' },
      metadata: { name: 'argocd-initial-admin-secret', namespace: 'argocd' },
      data: { password: Buffer.from(adminPassword).toString('base64') },
    })
    const browser = (): ReturnType<App['browser']> => Promise.resolve({ open: () => Promise.resolve(false) })
    const open = (...flags: string[]): Promise<Said> => {
      const stop = new AbortController()
      cluster.onForward = () => forwardOnce(stop)
      const app = { signal: stop.signal, interrupted: () => 130, browser }
      return runCommand(Open, ['argocd', ...flags], world, { env, app })
    }
    expect(canaries.in(traces(world, await open()))).toEqual([])
    const opened = await open('--show-credentials')
    expect(canaries.in(opened.stdout)).toEqual(['password of Argo CD (plain)'])
    expect(canaries.in(traces(world, { ...opened, stdout: '' }))).toEqual([])
  })

  test('is told by no failure, after whichever step', async () => {
    await runCommand(Up, up, world)
    const steps = world.events.flatMap((event) => (event.type === 'plan.ready' ? event.steps : []))
    expect(steps.length).toBeGreaterThan(20)
    let scenarios = 0
    for (const { id } of steps) {
      world = secretWorld()
      const found = await leaksOf(Up, up, { env: { PLAY_TEST_FAIL_AFTER: id } })
      expect(found, id).toEqual([])
      scenarios += modes.length
    }
    expect(scenarios).toBeGreaterThan(60)
  })

  test('is not repeated when it was given where it does not belong', async () => {
    const secret = encodeURIComponent(gitPassword)
    for (const argv of [
      ['--git', `https://me:${secret}@git.example.org/x.git`],
      ['--git', `https://git.example.org/x.git?token=${secret}`],
      ['--registry', `https://me:${secret}@registry.example.org/x`],
    ])
      expect(await leaksOf(Up, argv), argv[0]).toEqual([])
  })
})
