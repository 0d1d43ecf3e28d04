import { beforeEach, describe, expect, test } from 'vitest'
import { componentRegistry } from '../../../src/components/index.ts'
import { gitClone, gitPush, type GitOptions, type GitTools } from '../../../src/workflows/git.ts'
import { FakeProcess } from '../../fakes/fake-process.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'
import { runUp } from './verbs.ts'

const url = 'git://127.0.0.1:4242/playground'
const head = 'c'.repeat(40)
const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd' }
const options: GitOptions = { name: 'dev', directory: 'platform', timeoutMs: 60_000 }

let world: FakeWorld
let processes: FakeProcess
let tools: GitTools
/** Port-forwards that are open now. */
let open: number

beforeEach(() => {
  world = new FakeWorld()
  processes = new FakeProcess()
  tools = { ports: world.ports, components: componentRegistry, processes }
  open = 0
})

async function makePlayground(): Promise<void> {
  await runUp(world)
  world.cluster('dev').onForward = ({ port, namespace }, signal) => {
    expect([namespace, port]).toEqual(['git', 9419])
    open += 1
    const closed = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        open -= 1
        resolve()
      })
    })
    return Promise.resolve({ port: 4242, closed })
  }
}

/** Argo CD has compared everything with that commit. */
function syncTo(revision: string): void {
  const cluster = world.cluster('dev')
  const status = { sync: { status: 'Synced', revision }, health: { status: 'Healthy' } }
  for (const { metadata } of cluster.objects(application))
    cluster.setStatus({ ...application, name: metadata.name }, status)
}

const former = 'b'.repeat(40)
const tracked = 'refs/remotes/origin/main'

/** A push that goes well, from a working copy that knows what was there before unless `known` is false. */
function expectWholePush(paths: readonly string[], known = true): void {
  const inside = ['git', '-C', 'platform']
  const found = known ? { stdout: `${former}\n` } : { exitCode: 1 }
  processes.expect([...inside, 'rev-parse', '--verify', '--quiet', tracked], found)
  processes.expect([...inside, 'push', '--quiet', url, 'HEAD:refs/heads/main'])
  processes.expect([...inside, 'update-ref', tracked, 'HEAD'])
  processes.expect([...inside, 'rev-parse', 'HEAD'], { stdout: `${head}\n` })
  const stdout = paths.map((path) => `${path}\0`).join('')
  if (known) processes.expect([...inside, 'diff', '--name-only', '-z', former, head], { stdout })
}

function expectPush(reply = {}): void {
  const inside = ['git', '-C', 'platform']
  processes.expect([...inside, 'rev-parse', '--verify', '--quiet', tracked], { exitCode: 1 })
  processes.expect(['git', '-C', 'platform', 'push', '--quiet', url, 'HEAD:refs/heads/main'], reply)
}

describe('play git clone', () => {
  test('clones through a port-forward that ends with it', async () => {
    await makePlayground()
    processes.expect(['git', 'clone', '--quiet', '--', url, 'platform'])
    await world.run(gitClone(options, tools, world.session()))
    processes.done()
    expect(open).toBe(0)
  })

  test('fails in git’s own words', async () => {
    await makePlayground()
    const stderr = "fatal: destination path 'platform' already exists and is not an empty directory.\n"
    processes.expect(['git', 'clone', '--quiet', '--', url, 'platform'], { exitCode: 128, stderr })
    await expect(world.run(gitClone(options, tools, world.session()))).rejects.toMatchObject({
      id: 'GIT_REFUSED',
      exitCode: 4,
      message: expect.stringContaining('already exists') as string,
    })
    expect(open).toBe(0)
  })

  test('needs the component git', async () => {
    await world.makePlayground('dev')
    const cloning = gitClone(options, tools, world.session())
    await expect(world.run(cloning)).rejects.toMatchObject({ id: 'COMPONENT_NEEDED', exitCode: 4 })
  })
})

describe('play git push', () => {
  test('pushes, has everything compared at once, and ends when the cluster is in line with that commit', async () => {
    await makePlayground()
    expectWholePush([], false)
    const cluster = world.cluster('dev')
    const refreshes = cluster.calls.length
    const pushing = gitPush(options, tools, world.session())
    cluster.whenApplied('Application', () => {
      syncTo(head)
    })
    const result = await world.run(pushing)
    expect(result).toMatchObject({ name: 'dev', head })
    expect(result.applications).toHaveLength(6)
    expect(cluster.calls.slice(refreshes).filter((call) => call.startsWith('patch'))).toHaveLength(6)
  })

  test('has only those compared whose files it changed, and those of a person as well', async () => {
    await makePlayground()
    const cluster = world.cluster('dev')
    const spec = cluster.objects(application)[0]?.['spec'] as { source: object }
    const source = { ...spec.source, path: 'demos/site/' }
    const { kind, apiVersion, namespace } = application
    cluster.put({ apiVersion, kind, metadata: { name: 'site', namespace }, spec: { source } })
    expectWholePush(['platform/git/service-git.yaml', 'demos/site/a.yaml', 'README.md'])
    cluster.whenApplied('Application', () => {
      syncTo(head)
    })
    const { applications } = await world.run(gitPush(options, tools, world.session()))
    expect(applications.map(({ name }) => name).sort()).toEqual(['git', 'site'])
  })

  test('of nothing that runs ends at once', async () => {
    await makePlayground()
    expectWholePush(['README.md'])
    expect(await world.run(gitPush(options, tools, world.session()))).toMatchObject({ applications: [] })
  })

  test('names a pod that does not come to run, long before patience ends', async () => {
    await makePlayground()
    expectWholePush(['platform/argo-workflows/deployment-workflow-controller.yaml'])
    const cluster = world.cluster('dev')
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argo', name: 'workflow-controller' }
    await cluster.patch(
      ref,
      { spec: { selector: { matchLabels: { app: 'w' } } } },
      new AbortController().signal,
    )
    const waiting = { reason: 'ImagePullBackOff', message: 'not found' }
    const metadata = { name: 'w-1', namespace: 'argo', labels: { app: 'w' } }
    const status = { containerStatuses: [{ name: 'main', state: { waiting } }] }
    cluster.put({ apiVersion: 'v1', kind: 'Pod', metadata, status })
    const start = world.clock.now()
    await expect(world.run(gitPush(options, tools, world.session()))).rejects.toMatchObject({
      id: 'COMPONENT_UNHEALTHY',
      message: expect.stringContaining('pod w-1: ImagePullBackOff: not found') as string,
    })
    expect(world.clock.now() - start).toBeLessThan(30_000)
  })

  test('works while the last up has failed, since it may be what puts that right', async () => {
    await makePlayground()
    const state = world.states.states.get('dev')
    if (state !== undefined) world.states.states.set('dev', { ...state, phase: 'failed' })
    expectWholePush(['README.md'])
    expect(await world.run(gitPush(options, tools, world.session()))).toMatchObject({ head })
  })

  test('is refused when somebody else has pushed before', async () => {
    await makePlayground()
    const stderr =
      'To git://127.0.0.1:4242/playground\n ! [rejected]  HEAD -> main (fetch first)\nerror: failed to push'
    expectPush({ exitCode: 1, stderr })
    await expect(world.run(gitPush(options, tools, world.session()))).rejects.toMatchObject({
      id: 'GIT_REFUSED',
      message: expect.stringContaining('fetch first') as string,
    })
  })
})
