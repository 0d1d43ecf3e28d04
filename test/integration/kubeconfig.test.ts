/** A playground's own kubeconfig, the files a person has, and taking a context out again. */
import { chmod, readFile, readdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MergedContext } from '../../src/domain/ports.ts'
import { adminConf, before, modeOf, readConfig, useKubeconfigs } from './kubeconfig-world.ts'

const windows = process.platform === 'win32'
const world = useKubeconfigs()

describe("a playground's own kubeconfig", () => {
  it('is one context by the name of the playground, at the given address', async () => {
    const path = join(world.folder, 'deep', 'own')

    const access = await world.kubeconfigs.writeOwn({
      text: adminConf,
      path,
      context: 'play-one',
      server: 'https://127.0.0.1:1',
    })

    expect(access).toEqual({ kubeconfigPath: path, context: 'play-one', server: 'https://127.0.0.1:1' })
    expect(await world.kubeconfigs.readOwn(path)).toEqual(access)
    expect(await readConfig(path)).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'play-one',
          cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'VEVTVCBPTkxZIENB' },
        },
      ],
      contexts: [{ name: 'play-one', context: { cluster: 'play-one', user: 'play-one' } }],
      'current-context': 'play-one',
      preferences: {},
      users: [
        {
          name: 'play-one',
          user: {
            'client-certificate-data': 'VEVTVCBPTkxZIGNlcnRpZmljYXRl',
            'client-key-data': 'VEVTVCBPTkxZIGtleQ==',
          },
        },
      ],
    })
  })

  it('keeps the address of the cluster when none is given', async () => {
    const path = join(world.folder, 'own')

    const { server } = await world.kubeconfigs.writeOwn({ text: adminConf, path, context: 'play-one' })

    expect(server).toBe('https://play-one-control-plane:6443')
  })

  it.skipIf(windows)('is for its owner only, also when it is written again', async () => {
    const path = await world.own()
    expect(await modeOf(path)).toBe(0o600)
    await chmod(path, 0o644)

    await world.own()

    expect(await modeOf(path)).toBe(0o600)
    expect(await readdir(world.folder)).toEqual(['play-one'])
  })

  it('is shown as YAML', async () => {
    expect(await world.kubeconfigs.text(await world.own())).toMatch(
      /^apiVersion: v1\nkind: Config\nclusters:\n- name: play-one\n {2}cluster:\n/,
    )
  })

  it('is undefined where there is none', async () => {
    expect(await world.kubeconfigs.readOwn(join(world.folder, 'none'))).toBeUndefined()
  })

  it('cannot be made from something else', async () => {
    for (const text of [
      '',
      'hello',
      'clusters: {}',
      adminConf.replace('cluster: kubernetes', 'cluster: other'),
    ])
      await expect(
        world.kubeconfigs.writeOwn({ text, path: join(world.folder, 'own'), context: 'play-one' }),
      ).rejects.toMatchObject({
        id: 'KUBECONFIG_DAMAGED',
      })
  })

  it('cannot be written into a world.folder that is a file', async () => {
    await writeFile(join(world.folder, 'file'), '')

    await expect(world.own('file/play-one')).rejects.toMatchObject({ id: 'STATE_UNWRITABLE' })
  })
})

describe("the person's files", () => {
  it('are ~/.kube/config without KUBECONFIG', async () => {
    const kubeconfigs = world.open({ env: {} })

    const { path } = await kubeconfigs.merge(await world.own())

    expect(path).toBe(join(world.folder, 'home', '.kube', 'config'))
    expect(kubeconfigs.userPath()).toBe(path)
  })

  it('are written as kubectl does: the first of KUBECONFIG that exists, else the last', async () => {
    const [first, second, third] = ['first', 'second', 'third'].map((name) => join(world.folder, name)) as [
      string,
      string,
      string,
    ]
    const kubeconfigs = world.open({ env: { KUBECONFIG: ['', first, second, third, first].join(delimiter) } })
    expect(kubeconfigs.userPath()).toBe(third)
    await writeFile(second, before)
    expect(kubeconfigs.userPath()).toBe(second)

    const path = await world.own()
    const merged = await kubeconfigs.merge(path)
    await writeFile(first, '')

    expect(merged.path).toBe(second)
    expect(await kubeconfigs.isMerged(path)).toBe(true)
    expect(await kubeconfigs.remove(merged)).toEqual({ removed: true })
    expect(await readFile(second, 'utf8')).toBe(before)
  })

  it('may hold the former context in another one', async () => {
    const [first, second] = ['first', 'second'].map((name) => join(world.folder, name)) as [string, string]
    await writeFile(first, 'current-context: prod\n')
    await writeFile(second, before)
    const kubeconfigs = world.open({ env: { KUBECONFIG: [first, second].join(delimiter) } })

    await kubeconfigs.remove(await kubeconfigs.merge(await world.own()))

    expect((await readConfig(first))['current-context']).toBe('prod')
    expect(await readFile(second, 'utf8')).toBe(before)
  })
})

describe('removing', () => {
  async function mergedInto(text: string): Promise<MergedContext> {
    await writeFile(world.user, text)
    return await world.kubeconfigs.merge(await world.own())
  }

  it('leaves a current context that was chosen since', async () => {
    const merged = await mergedInto(before)
    await writeFile(
      world.user,
      (await readFile(world.user, 'utf8')).replace('current-context: play-one', 'current-context: other'),
    )

    await world.kubeconfigs.remove(merged)

    expect(await readFile(world.user, 'utf8')).toBe(
      before.replace('current-context: prod', 'current-context: other'),
    )
  })

  it('sets no current context when the former one is gone', async () => {
    const merged = await mergedInto('current-context: gone\n')

    await world.kubeconfigs.remove(merged)

    expect(await readConfig(world.user)).not.toHaveProperty('current-context')
  })

  it('finds the former context in the file when the state was lost', async () => {
    const merged = await mergedInto(before)

    await world.kubeconfigs.remove({ ...merged, formerContext: null })

    expect(await readFile(world.user, 'utf8')).toBe(before)
  })

  it('does nothing where there is nothing', async () => {
    const merged = { path: world.user, context: 'play-one', formerContext: null }
    expect(await world.kubeconfigs.remove(merged)).toEqual({ removed: false })
    expect(await readdir(world.folder)).toEqual([])
    await writeFile(world.user, before)

    expect(await world.kubeconfigs.remove(merged)).toEqual({ removed: false })
    expect(await world.kubeconfigs.contains(world.user, 'play-one')).toBe(false)
    expect(await readFile(world.user, 'utf8')).toBe(before)
  })

  it('takes what others have left of it', async () => {
    const merged = await mergedInto(before)
    const text = await readFile(world.user, 'utf8')
    await writeFile(world.user, text.replace(/- context:\n {4}cluster: play-one\n[^]*?name: play-one\n/, ''))
    expect(await world.kubeconfigs.contains(world.user, 'play-one')).toBe(true)

    await world.kubeconfigs.remove(merged)

    expect(await readFile(world.user, 'utf8')).toBe(before)
  })
})
