/** What every implementation of the Kubeconfigs port promises: the one on files, and the fake. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { createKubeconfigs } from '../../src/adapters/kube/kubeconfig.ts'
import type { Kubeconfigs, MergedContext } from '../../src/domain/ports.ts'
import { FakeKubeconfigs } from '../fakes/fake-kubeconfigs.ts'

interface World {
  readonly kubeconfigs: Kubeconfigs
  /** A folder for playgrounds' own files. */
  readonly folder: string
  /** Leaves a temporary file beside the person's kubeconfig, as a crash does; answers its path. */
  leave(): Promise<string>
  close(): Promise<void>
}

async function filesWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'play-kubeconfigs-'))
  const homeDir = join(folder, 'home')
  return {
    folder,
    kubeconfigs: createKubeconfigs({ env: {}, homeDir, processes: createProcessRunner({ env: {} }) }),
    leave: async () => {
      const path = join(homeDir, '.kube', '.config.play-0123456789ab.tmp')
      await mkdir(join(homeDir, '.kube'), { recursive: true })
      await writeFile(path, 'apiVersion: v1')
      return path
    },
    close: () => rm(folder, { recursive: true }),
  }
}

function fakeWorld(): Promise<World> {
  const kubeconfigs = new FakeKubeconfigs()
  return Promise.resolve({
    folder: '/playgrounds',
    kubeconfigs,
    leave: () => {
      const path = '/home/person/.kube/.config.play-0123456789ab.tmp'
      kubeconfigs.left.add(path)
      return Promise.resolve(path)
    },
    close: () => Promise.resolve(),
  })
}

function admin(key: string): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- name: kubernetes',
    '  cluster:',
    '    server: https://172.18.0.2:6443',
    'users:',
    '- name: admin',
    '  user:',
    `    client-key-data: ${key}`,
    'contexts:',
    '- name: admin@kubernetes',
    '  context: {cluster: kubernetes, user: admin}',
    'current-context: admin@kubernetes',
    '',
  ].join('\n')
}

describe.each([
  ['on files', filesWorld],
  ['in memory', fakeWorld],
])('kubeconfigs %s', (_name, makeWorld) => {
  let world: World
  beforeEach(async () => {
    world = await makeWorld()
  })
  afterEach(() => world.close())

  const path = (name: string): string => join(world.folder, name, 'kubeconfig')
  const write = (name: string, port: number, key = 'c2VjcmV0'): Promise<unknown> =>
    world.kubeconfigs.writeOwn({
      text: admin(key),
      path: path(name),
      context: `play-${name}`,
      server: `https://127.0.0.1:${String(port)}`,
    })

  test('give back what was written, under the context and the address that were asked for', async () => {
    expect(await world.kubeconfigs.readOwn(path('dev'))).toBeUndefined()
    const access = await write('dev', 36443)
    expect(access).toEqual({
      kubeconfigPath: path('dev'),
      context: 'play-dev',
      server: 'https://127.0.0.1:36443',
    })
    expect(await world.kubeconfigs.readOwn(path('dev'))).toEqual(access)
    expect(await world.kubeconfigs.text(path('dev'))).toContain('client-key-data')
  })

  test('keep the cluster’s own address when none is given', async () => {
    await world.kubeconfigs.writeOwn({ text: admin('a2V5'), path: path('dev'), context: 'play-dev' })
    expect(await world.kubeconfigs.readOwn(path('dev'))).toMatchObject({ server: 'https://172.18.0.2:6443' })
  })

  test('refuse to merge, compare or print a file that is not there', async () => {
    const { kubeconfigs } = world
    for (const attempt of [
      () => kubeconfigs.merge(path('dev')),
      () => kubeconfigs.isMerged(path('dev')),
      () => kubeconfigs.text(path('dev')),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ id: 'KUBECONFIG_DAMAGED' })
    }
  })

  test('merge once, remember what was current before, and give it back', async () => {
    const { kubeconfigs } = world
    await write('one', 36441)
    await write('two', 36442)
    expect(await kubeconfigs.merge(path('one'))).toEqual({
      path: kubeconfigs.userPath(),
      context: 'play-one',
      formerContext: null,
    })
    const merged = await kubeconfigs.merge(path('two'))
    expect(merged.formerContext).toBe('play-one')
    expect(await kubeconfigs.contains(kubeconfigs.userPath(), 'play-two')).toBe(true)
    expect(await kubeconfigs.remove(merged)).toEqual({ removed: true })
    expect(await kubeconfigs.contains(kubeconfigs.userPath(), 'play-two')).toBe(false)
    // The third playground finds the first one current again.
    await write('three', 36443)
    expect((await kubeconfigs.merge(path('three'))).formerContext).toBe('play-one')
  })

  test('give back what was current before all of them, in whatever order they go', async () => {
    const { kubeconfigs } = world
    const merged: MergedContext[] = []
    for (const [index, name] of ['one', 'two', 'three'].entries()) {
      await write(name, 36441 + index)
      merged.push(await kubeconfigs.merge(path(name)))
    }
    const [one, two, three] = merged
    for (const each of [two, three]) if (each !== undefined) await kubeconfigs.remove(each)
    await write('four', 36444)
    const four = await kubeconfigs.merge(path('four'))
    expect(four.formerContext).toBe('play-one')
    if (one !== undefined) await kubeconfigs.remove(one)
    await kubeconfigs.remove(four)
    await write('five', 36445)
    expect((await kubeconfigs.merge(path('five'))).formerContext).toBeNull()
  })

  test('a second merge remembers what was current before the first', async () => {
    const { kubeconfigs } = world
    await write('one', 36441)
    await write('two', 36442)
    await kubeconfigs.merge(path('one'))
    await kubeconfigs.merge(path('two'))
    expect((await kubeconfigs.merge(path('two'))).formerContext).toBe('play-one')
  })

  test('know whether exactly this context is merged', async () => {
    const { kubeconfigs } = world
    await write('dev', 36443)
    expect(await kubeconfigs.isMerged(path('dev'))).toBe(false)
    await kubeconfigs.merge(path('dev'))
    expect(await kubeconfigs.isMerged(path('dev'))).toBe(true)
    await write('dev', 36999)
    expect(await kubeconfigs.isMerged(path('dev'))).toBe(false)
    await kubeconfigs.merge(path('dev'))
    expect(await kubeconfigs.isMerged(path('dev'))).toBe(true)
    await write('dev', 36999, 'b3RoZXI=')
    expect(await kubeconfigs.isMerged(path('dev'))).toBe(false)
  })

  test('tell what will be merged before it is, and leave the file alone when that cannot be noted', async () => {
    const { kubeconfigs } = world
    await write('one', 36441)
    await write('two', 36442)
    await kubeconfigs.merge(path('one'))
    const notes: MergedContext[] = []
    const refused = kubeconfigs.merge(path('two'), () => Promise.reject(new Error('disk full')))
    await expect(refused).rejects.toThrow('disk full')
    expect(await kubeconfigs.contains(kubeconfigs.userPath(), 'play-two')).toBe(false)
    const merged = await kubeconfigs.merge(path('two'), async (each) => {
      expect(await kubeconfigs.contains(each.path, 'play-two')).toBe(false)
      notes.push(each)
    })
    expect(notes).toEqual([merged])
    expect(merged.formerContext).toBe('play-one')
  })

  test('[row 42] sweep what a crash left beside the file with the next merge, and with a removal of what is not there', async () => {
    const { kubeconfigs } = world
    const user = kubeconfigs.userPath()
    expect(await kubeconfigs.strays(user)).toEqual([])
    const left = await world.leave()
    expect(await kubeconfigs.strays(user)).toEqual([left])
    expect(await kubeconfigs.remove({ path: user, context: 'play-dev', formerContext: null })).toEqual({
      removed: false,
    })
    expect(await kubeconfigs.strays(user)).toEqual([])
    await world.leave()
    await write('dev', 36443)
    await kubeconfigs.merge(path('dev'))
    expect(await kubeconfigs.strays(user)).toEqual([])
  })

  test('are content with removing what is not there', async () => {
    const { kubeconfigs } = world
    const merged = { path: kubeconfigs.userPath(), context: 'play-dev', formerContext: null }
    expect(await kubeconfigs.contains(merged.path, 'play-dev')).toBe(false)
    expect(await kubeconfigs.remove(merged)).toEqual({ removed: false })
  })
})
