/** The main job on a real cluster: up, up again, hello, status, list, a cluster lost behind our back, down. */
import { access, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isAsBefore, openSandbox, said, type Said, type Sandbox } from './playground.ts'

const name = 'e2e'
const cluster = `play-${name}`
const engine = process.env['PLAY_ENGINE'] ?? 'podman'

interface Envelope<T> {
  readonly ok: boolean
  readonly result: T
}
interface StatusDocument {
  readonly healthy: boolean
  readonly cluster: { readonly status: string }
  readonly components: readonly { readonly id: string; readonly status: string }[]
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
    expect(document.result.components.map(({ id, status }) => [id, status])).toEqual([
      ['argo-cd', 'healthy'],
      ['argo-workflows', 'healthy'],
    ])
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

  test('a cluster deleted behind our back is noticed and made again', async () => {
    for (const container of await containers())
      await sandbox.tool(engine, ['rm', '--force', '--volumes', container])
    const { said: before, document } = await answerOf<StatusDocument>(['status', name])
    expect(before.exitCode).toBe(6)
    expect(document.result.cluster.status).toBe('missing')
    expect((await sandbox.play(['up', name])).exitCode).toBe(0)
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
