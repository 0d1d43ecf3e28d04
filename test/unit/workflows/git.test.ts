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

function expectPush(reply = {}): void {
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
    expectPush()
    processes.expect(['git', '-C', 'platform', 'update-ref', 'refs/remotes/origin/main', 'HEAD'])
    processes.expect(['git', '-C', 'platform', 'rev-parse', 'HEAD'], { stdout: `${head}\n` })
    const cluster = world.cluster('dev')
    const refreshes = cluster.calls.length
    const pushing = gitPush(options, tools, world.session())
    cluster.whenApplied('Application', () => {
      syncTo(head)
    })
    const result = await world.run(pushing)
    expect(result).toMatchObject({ name: 'dev', head })
    expect(result.applications).toHaveLength(4)
    expect(cluster.calls.slice(refreshes).filter((call) => call.startsWith('patch'))).toHaveLength(4)
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
