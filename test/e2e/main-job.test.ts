/** The main job on a real cluster: up, up again, hello, status, list, a cluster lost behind our back, down. */
import { access, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { applications, bundleHolds, field, workloads, WorkingCopy } from './platform.ts'
import { isAsBefore, openSandbox, said, type Said, type Sandbox } from './playground.ts'

const name = 'e2e'
const cluster = `play-${name}`
const engine = process.env['PLAY_ENGINE'] ?? 'podman'
/** There by default where the bundle has its image. */
const operator = bundleHolds('docker.io/pulumi/pulumi-kubernetes-operator') ? ['pulumi-operator'] : []

interface Envelope<T> {
  readonly ok: boolean
  readonly result: T
}
interface StatusDocument {
  readonly healthy: boolean
  readonly cluster: { readonly status: string }
  readonly components: readonly { readonly id: string; readonly status: string; readonly sync?: string }[]
}

let sandbox: Sandbox
let volumesBefore: readonly string[]
let firstUpMs = 0

async function lines(args: readonly string[]): Promise<string[]> {
  return (await sandbox.tool(engine, args)).split('\n').filter(Boolean)
}
const containers = (): Promise<string[]> =>
  lines(['ps', '--all', '--filter', `label=io.x-k8s.kind.cluster=${cluster}`, '--format', '{{.Names}}'])
const volumes = (): Promise<string[]> => lines(['volume', 'ls', '--format', '{{.Name}}'])
const newVolumes = async (): Promise<string[]> =>
  (await volumes()).filter((each) => !volumesBefore.includes(each))

async function answerOf<T>(args: readonly string[]): Promise<{ said: Said; document: Envelope<T> }> {
  const { said: answer, document } = await sandbox.json(args)
  return { said: answer, document: document as Envelope<T> }
}

beforeAll(async () => {
  sandbox = await openSandbox()
  volumesBefore = await volumes()
})

afterAll(async () => {
  await sandbox.play(['down', name, '--force'])
  await sandbox.close()
})

describe('the main job', () => {
  test('an interrupted up says how to go on, and down then leaves nothing', async () => {
    const child = sandbox.start(['up', name, '--output', 'plain'])
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text: Buffer) => {
        if (/Create the cluster|control-plane|Preparing nodes/.test(text.toString())) resolve()
      })
      void child.then(() => {
        resolve()
      })
    })
    child.kill('SIGINT')
    const answer = said(await child)
    expect(answer.exitCode).toBe(130)
    expect(answer.stderr).toContain(`play up ${name}`)
    expect(answer.stderr).toContain(`play down ${name}`)
    expect((await sandbox.play(['down', name])).exitCode).toBe(0)
    expect(await containers()).toEqual([])
    expect(await newVolumes()).toEqual([])
  })

  test('up makes a cluster with its components and says what to do next', async () => {
    const answer = await sandbox.play(['up', name])
    expect(answer.stderr).not.toMatch(/Error/)
    expect(answer.exitCode).toBe(0)
    expect(answer.stdout).toContain('kubectl get nodes')
    firstUpMs = answer.durationMs
  })

  test('kubectl works with the current context', async () => {
    expect(await sandbox.tool('kubectl', ['config', 'current-context'])).toBe(cluster)
    expect(await sandbox.tool('kubectl', ['get', 'nodes', '--no-headers'])).toMatch(/\bReady\b/)
  })

  test('files that hold secrets are for their owner alone', async () => {
    const folder = join(sandbox.env['PLAY_STATE_DIR'] ?? '', 'playgrounds', name)
    for (const file of ['kubeconfig', 'pulumi/passphrase', 'state.json']) {
      expect((await stat(join(folder, file))).mode & 0o777, file).toBe(0o600)
    }
    expect((await readdir(join(folder, 'events'))).length).toBeGreaterThan(0)
  })

  test('a second up finds everything as it should be', async () => {
    const { said: answer, document } = await answerOf<{ changed: string[] }>(['up', name])
    expect(answer.exitCode).toBe(0)
    expect(document.result.changed).toEqual([])
    expect(answer.durationMs).toBeLessThan(firstUpMs / 4)
  })

  test('the platform was handed over without a change of any object', async () => {
    const all = await applications(sandbox)
    expect(all.map(({ metadata }) => metadata.name).sort()).toEqual([
      'argo-cd',
      'argo-workflows',
      'buildkit',
      'git',
      'playground',
      ...operator,
      'registry',
    ])
    for (const { status } of all)
      expect(status).toMatchObject({ sync: { status: 'Synced' }, health: { status: 'Healthy' } })
    // Nothing was made anew or rolled out again: every workload is as it was applied before there were applications.
    const before = Math.min(...all.map(({ metadata }) => Date.parse(metadata.creationTimestamp)))
    for (const { kind, metadata } of await workloads(sandbox)) {
      expect(metadata.generation, metadata.name).toBe(1)
      expect(Date.parse(metadata.creationTimestamp), `${kind} ${metadata.name}`).toBeLessThanOrEqual(before)
    }
  })

  test('what is pushed becomes what runs: Argo CD changes itself, and git revert takes it back', async () => {
    const repoServer = 'argocd/deployment/argocd-repo-server'
    const copy = new WorkingCopy(sandbox, name)
    expect((await copy.clone()).exitCode).toBe(0)
    await copy.label('argo-cd/deployment-argocd-repo-server.yaml', 'e2e: changed')
    const pushed = await copy.push()
    expect(pushed.exitCode, pushed.stderr).toBe(0)
    expect(pushed.stdout).toContain('is live after')
    expect(await field(sandbox, repoServer, '.metadata.labels.e2e')).toBe('changed')

    await copy.git('revert', '--no-edit', 'HEAD')
    expect((await copy.push()).exitCode).toBe(0)
    expect(await field(sandbox, repoServer, '.metadata.labels.e2e')).toBe('')
  })

  test('up leaves alone what a person has pushed', async () => {
    const copy = new WorkingCopy(sandbox, name)
    await copy.label('argo-workflows/deployment-workflow-controller.yaml', 'e2e: theirs')
    expect((await copy.push()).exitCode).toBe(0)
    const { document } = await answerOf<{ changed: string[] }>(['up', name])
    expect(document.result.changed).toEqual([])
    expect(await field(sandbox, 'argo/deployment/workflow-controller', '.metadata.labels.e2e')).toBe('theirs')
  })

  test('what is deleted by hand comes back', async () => {
    const controller = 'argo/deployment/workflow-controller'
    const before = await field(sandbox, controller, '.metadata.uid')
    await sandbox.tool('kubectl', ['delete', '-n', 'argo', 'deployment', 'workflow-controller'])
    await vi.waitFor(
      async () => {
        expect(await field(sandbox, controller, '.status.readyReplicas')).toBe('1')
      },
      { timeout: 90_000, interval: 1000 },
    )
    expect(await field(sandbox, controller, '.metadata.uid')).not.toBe(before)
  })

  test('a component is removed with its namespace, and comes back when it is added', async () => {
    const removed = await sandbox.play(['component', 'remove', 'argo-workflows', name])
    expect(removed.exitCode, removed.stderr).toBe(0)
    expect(await sandbox.tool('kubectl', ['get', 'namespace', 'argo', '--ignore-not-found'])).toBe('')
    expect((await applications(sandbox)).map(({ metadata }) => metadata.name)).not.toContain('argo-workflows')
    expect((await sandbox.play(['component', 'remove', 'git', name])).exitCode).toBe(4)
    const added = await sandbox.play(['component', 'add', 'argo-workflows', name])
    expect(added.exitCode, added.stderr).toBe(0)
    expect((await sandbox.play(['status', name])).exitCode).toBe(0)
  })

  test('demo hello shows its message', async () => {
    const answer = await sandbox.play(['demo', 'hello', name, '--message', 'good morning'])
    expect(answer.exitCode).toBe(0)
    expect(answer.stdout).toContain('< good morning >')
    expect(answer.stdout).toMatch(/Succeeded/)
  })

  test('a failing workflow ends with exit code 6 and the log of its pod', async () => {
    const answer = await sandbox.play(['demo', 'hello', name, '--break', '--message', 'oh no'])
    expect(answer.exitCode).toBe(6)
    expect(answer.stderr).toContain('< oh no >')
    expect(answer.stderr).toContain('kubectl')
  })

  test('status tells machines that everything is healthy', async () => {
    const { said: answer, document } = await answerOf<StatusDocument>(['status', name])
    expect(answer.exitCode).toBe(0)
    expect(document.result.healthy).toBe(true)
    const expected = ['git', 'argo-cd', 'argo-workflows', ...operator, 'registry', 'buildkit']
    expect(document.result.components).toMatchObject(
      expected.map((id) => ({ id, status: 'healthy', sync: 'synced' })),
    )
  })

  test('list has one row for it', async () => {
    const { document } = await answerOf<{ name: string; cluster: string }[]>(['list'])
    expect(document.result).toMatchObject([{ name, cluster: 'running' }])
  })

  test('a stopped node is started again', async () => {
    await sandbox.tool(engine, ['stop', `${cluster}-control-plane`])
    expect((await sandbox.play(['status', name])).exitCode).toBe(6)
    expect((await sandbox.play(['up', name])).exitCode).toBe(0)
    expect(await sandbox.tool('kubectl', ['get', 'nodes', '--no-headers'])).toMatch(/\bReady\b/)
  })

  test('a cluster deleted behind our back is noticed and made again, though nobody reads how', async () => {
    for (const container of await containers())
      await sandbox.tool(engine, ['rm', '--force', '--volumes', container])
    const { said: before, document } = await answerOf<StatusDocument>(['status', name])
    expect(before.exitCode).toBe(6)
    expect(document.result.cluster.status).toBe('missing')
    const child = sandbox.start(['up', name, '--output', 'plain'])
    child.stderr.once('data', () => child.stderr.destroy())
    expect((await child).exitCode).toBe(0)
    expect((await sandbox.play(['status', name])).exitCode).toBe(0)
  })

  test('down removes everything, and says where it looked', async () => {
    const answer = await sandbox.play(['down', name])
    expect(answer.stderr).not.toMatch(/Error/)
    expect(answer.exitCode).toBe(0)
    for (const place of ['containers', 'volumes', 'network', 'kubeconfig', 'state'])
      expect(answer.stdout).toContain(place)
    expect(await containers()).toEqual([])
    expect(await newVolumes()).toEqual([])
    expect(await isAsBefore(sandbox)).toBe(true)
    await expect(access(join(sandbox.env['PLAY_STATE_DIR'] ?? '', 'playgrounds', name))).rejects.toThrow()
  })

  test('down of what does not exist is fine', async () => {
    const answer = await sandbox.play(['down', name])
    expect(answer.exitCode).toBe(0)
    expect(answer.stdout).toContain(`There is no playground ${name}`)
  })

  test('a cluster of that name that play did not make is left alone', async () => {
    const image =
      (await lines(['images', '--format', '{{.Repository}}:{{.Tag}}'])).find((each) =>
        each.includes('play/node'),
      ) ?? ''
    const foreign = 'play-foreign-control-plane'
    await sandbox.tool(engine, [
      'create',
      '--name',
      foreign,
      '--label',
      'io.x-k8s.kind.cluster=play-foreign',
      image,
    ])
    try {
      for (const verb of ['up', 'down']) {
        const answer = await sandbox.play([verb, 'foreign'])
        expect(answer.exitCode, verb).toBe(4)
        expect(answer.stderr).toContain('CLUSTER_FOREIGN')
      }
      expect(await lines(['ps', '--all', '--format', '{{.Names}}'])).toContain(foreign)
    } finally {
      await sandbox.tool(engine, ['rm', '--force', foreign])
    }
  })
})
