/** What every implementation of the Kubeconfigs port promises: the one on files, and the fake. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKubeconfigs } from '../../src/adapters/kube/kubeconfig.ts'
import type { Kubeconfigs } from '../../src/domain/ports.ts'
import { FakeKubeconfigs } from '../fakes/fake-kubeconfigs.ts'

interface World {
  readonly kubeconfigs: Kubeconfigs
  /** A folder for playgrounds' own files. */
  readonly folder: string
  close(): Promise<void>
}

async function filesWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'play-kubeconfigs-'))
  return {
    folder,
    kubeconfigs: createKubeconfigs({ env: {}, homeDir: join(folder, 'home') }),
    close: () => rm(folder, { recursive: true }),
  }
}

function fakeWorld(): Promise<World> {
  return Promise.resolve({
    folder: '/playgrounds',
    kubeconfigs: new FakeKubeconfigs(),
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

  test('are content with removing what is not there', async () => {
    const { kubeconfigs } = world
    const merged = { path: kubeconfigs.userPath(), context: 'play-dev', formerContext: null }
    expect(await kubeconfigs.contains(merged.path, 'play-dev')).toBe(false)
    expect(await kubeconfigs.remove(merged)).toEqual({ removed: false })
  })
})
