import { beforeEach, describe, expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import type { ForwardTarget } from '../../../src/domain/ports.ts'
import type { OpenResult } from '../../../src/domain/results.ts'
import type { RunningProcess } from '../../../src/domain/running-process.ts'
import { endpoints, openEndpoint, type OpenOptions } from '../../../src/workflows/open.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'

let world: FakeWorld
let stop: AbortController
let shown: OpenResult[]
let forwards: ForwardTarget[]

beforeEach(() => {
  world = new FakeWorld()
  stop = new AbortController()
  shown = []
  forwards = []
})

async function makePlayground(components: readonly string[]): Promise<void> {
  const spec = { name: 'dev', source: 'kind', kubernetesVersion: '1.34.10', nodes: 1, components } as const
  await world.makePlayground('dev', { spec })
  world.cluster('dev').onForward = (target, signal) => {
    forwards.push(target)
    const closed = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve()
      })
    })
    return Promise.resolve({ port: target.localPort ?? 4242, closed })
  }
}

function putPod(namespace: string, name: string, label: string, ready = 'True'): void {
  const cluster = world.cluster('dev')
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const metadata = { name, namespace, labels: { 'app.kubernetes.io/name': label } }
  const conditions = [{ type: 'Ready', status: ready }]
  cluster.put({ apiVersion: 'v1', kind: 'Pod', metadata, status: { conditions } })
}

/** Opens, and stops as soon as something has been shown. */
async function open(options: Partial<OpenOptions> = {}): Promise<OpenResult | undefined> {
  const wanted = { name: 'dev', endpoint: undefined, withPassword: false, ...options }
  const show = (result: OpenResult): Promise<void> => {
    shown.push(result)
    stop.abort()
    return Promise.resolve()
  }
  await openEndpoint(wanted, world.ports, componentRegistry, show, stop.signal)
  return shown[0]
}

describe('what can be opened', () => {
  test('is what the components of the playground offer', async () => {
    await makePlayground(['git', 'argo-workflows', 'registry'])
    const rows = await endpoints('dev', world.ports, componentRegistry)
    expect(rows.map(({ name, component }) => [name, component])).toEqual([
      ['git', 'git'],
      ['registry', 'registry'],
    ])
  })

  test('has a name of its own for each', () => {
    const names = componentRegistry.all.flatMap((one) => (one.endpoints ?? []).map(({ name }) => name))
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('opening', () => {
  test('the only one there is needs no name', async () => {
    await makePlayground(['git', 'argo-cd'])
    putPod('git', 'git-1', 'git')
    expect(await open()).toMatchObject({
      endpoint: 'git',
      url: 'git://127.0.0.1:4242/playground',
      port: 4242,
    })
    expect(forwards).toMatchObject([{ namespace: 'git', port: 9418 }])
  })

  test('listens on the port that was asked for', async () => {
    await makePlayground(['registry'])
    putPod('registry', 'registry-1', 'registry')
    expect(await open({ localPort: 5000 })).toMatchObject({ url: 'http://127.0.0.1:5000/v2/_catalog' })
  })

  test.each<[string, string[], Partial<OpenOptions>, object]>([
    [
      'a name that nothing has',
      ['git'],
      { endpoint: 'gti' },
      { id: 'USAGE_UNKNOWN_ENDPOINT', exitCode: 2, suggestions: ['Did you mean git?', 'play open'] },
    ],
    [
      'what a missing component offers',
      ['git'],
      { endpoint: 'registry' },
      { id: 'COMPONENT_NEEDED', exitCode: 4, suggestions: ['play up dev --with registry'] },
    ],
    [
      'one of several without saying which',
      ['git', 'registry'],
      {},
      { id: 'USAGE_INVALID', suggestions: ['play open git', 'play open registry'] },
    ],
    ['anything where there is nothing', ['argo-workflows'], {}, { id: 'USAGE_INVALID' }],
    ['what no pod serves', ['git'], { endpoint: 'git' }, { id: 'COMPONENT_UNHEALTHY', exitCode: 6 }],
  ])('%s is refused before anything listens', async (_what, components, options, error) => {
    await makePlayground(components)
    await expect(open(options)).rejects.toMatchObject(error)
    expect([forwards, shown]).toEqual([[], []])
  })

  test('[row 53] is known to the process table while it lasts, and no longer', async () => {
    await makePlayground(['git'])
    putPod('git', 'git-1', 'git')
    const seen: (readonly RunningProcess[])[] = []
    const show = async (): Promise<void> => {
      seen.push(await world.processTable.find(world.states.folder('dev')))
      stop.abort()
    }
    const options = { name: 'dev', endpoint: 'git', withPassword: false }
    await openEndpoint(options, world.ports, componentRegistry, show, stop.signal)
    expect(seen).toMatchObject([[{ command: 'play open git', forwards: true }]])
    expect(world.processTable.running).toEqual([])
  })

  test('that ends by itself is an error', async () => {
    await makePlayground(['git'])
    putPod('git', 'git-1', 'git')
    world.cluster('dev').onForward = () => Promise.resolve({ port: 1, closed: Promise.resolve() })
    const show = (): Promise<void> => Promise.resolve()
    const options = { name: 'dev', endpoint: 'git', withPassword: false }
    const opening = openEndpoint(options, world.ports, componentRegistry, show, stop.signal)
    await expect(opening).rejects.toMatchObject({ id: 'API_UNREACHABLE' })
  })
})

describe('a login', () => {
  const password = 'tr0ub4dor&3'

  async function makeArgoCd(): Promise<void> {
    await makePlayground(['argo-cd', 'argocd-ui'])
    putPod('argocd', 'argocd-server-1', 'argocd-server')
    const metadata = { name: 'argocd-initial-admin-secret', namespace: 'argocd' }
    const data = { password: Buffer.from(password).toString('base64') }
    world.cluster('dev').put({ apiVersion: 'v1', kind: 'Secret', metadata, data })
  }

  test('is told with its password where that is wanted', async () => {
    await makeArgoCd()
    const opened = await open({ endpoint: 'argocd', withPassword: true })
    expect(opened).toMatchObject({ url: 'http://127.0.0.1:4242', user: 'admin', password })
  })

  test('is told with the way to its password otherwise, and then the Secret is not even read', async () => {
    await makeArgoCd()
    const opened = await open({ endpoint: 'argocd' })
    expect(opened).not.toHaveProperty('password')
    expect(opened).toMatchObject({
      user: 'admin',
      passwordFrom: expect.stringMatching(
        /^kubectl --context play-dev .* get secret argocd-initial-admin-secret /,
      ) as string,
    })
    expect(world.cluster('dev').calls.join()).not.toContain('Secret')
  })

  test('is told without a password where somebody has taken the Secret away', async () => {
    await makeArgoCd()
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'argocd' }
    world.cluster('dev').remove({ ...ref, name: 'argocd-initial-admin-secret' })
    const opened = await open({ endpoint: 'argocd', withPassword: true })
    expect(opened).toMatchObject({ user: 'admin' })
    expect(opened).not.toHaveProperty('password')
  })
})
