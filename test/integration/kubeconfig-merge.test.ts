/** The person's kubeconfig: what merging adds, what it leaves alone, what it refuses. */
import { chmod, lstat, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { before, fixtures, modeOf, readConfig, useKubeconfigs } from './kubeconfig-world.ts'

const windows = process.platform === 'win32'
const world = useKubeconfigs()

describe('merging', () => {
  it('adds one context, makes it current, and leaves everything else as it was', async () => {
    await writeFile(world.user, before)

    const merged = await world.kubeconfigs.merge(await world.own())

    expect(merged).toEqual({ path: world.user, context: 'play-one', formerContext: 'prod' })
    await expect(await readFile(world.user, 'utf8')).toMatchFileSnapshot(join(fixtures, 'merged.yaml'))
  })

  it('is undone to the last character', async () => {
    await writeFile(world.user, before)

    const { removed } = await world.kubeconfigs.remove(await world.kubeconfigs.merge(await world.own()))

    expect(removed).toBe(true)
    expect(await readFile(world.user, 'utf8')).toBe(before)
  })

  it('is seen, and needs no second time', async () => {
    await writeFile(world.user, before)
    const path = await world.own()
    expect(await world.kubeconfigs.isMerged(path)).toBe(false)
    await world.kubeconfigs.merge(path)
    const once = await readFile(world.user, 'utf8')

    expect(await world.kubeconfigs.isMerged(path)).toBe(true)
    expect(await world.kubeconfigs.contains(world.user, 'play-one')).toBe(true)
    expect(await world.kubeconfigs.merge(path)).toMatchObject({ formerContext: 'prod' })
    expect(await readFile(world.user, 'utf8')).toBe(once)
  })

  it('is not seen when the cluster was made anew', async () => {
    const path = await world.own()
    await world.kubeconfigs.merge(path)
    await world.own('play-one', 'https://127.0.0.1:40002')

    expect(await world.kubeconfigs.isMerged(path)).toBe(false)
    await world.kubeconfigs.merge(path)
    expect(await world.kubeconfigs.isMerged(path)).toBe(true)
    expect((await readConfig(world.user)).contexts).toHaveLength(1)
  })

  it('makes a file that is not there, and leaves it empty but valid', async () => {
    const user = join(world.folder, 'new', 'config')
    const kubeconfigs = world.open({ env: { KUBECONFIG: user } })

    const merged = await kubeconfigs.merge(await world.own())

    expect(merged).toEqual({ path: user, context: 'play-one', formerContext: null })
    expect(await readConfig(user)).toMatchObject({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'play-one',
    })
    if (!windows) expect(await modeOf(user)).toBe(0o600)
    await kubeconfigs.remove(merged)
    expect(await readFile(user, 'utf8')).toBe(
      'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n',
    )
  })

  it.each([
    ['an empty file', '', null],
    ['only a comment', '# nothing yet\n', null],
    [
      "kubectl's empty lists",
      'apiVersion: v1\nclusters: null\ncontexts: null\ncurrent-context: ""\nkind: Config\nusers: null\n',
      null,
    ],
    ['flow style', '{clusters: [], contexts: [], users: [], current-context: prod}\n', 'prod'],
    ['JSON', '{"kind":"Config","clusters":[],"contexts":[],"users":[],"current-context":"prod"}', 'prod'],
    ['Windows line ends', 'clusters: []\r\ncontexts: []\r\nusers: []\r\ncurrent-context: prod\r\n', 'prod'],
  ])('understands %s', async (_what, text, formerContext) => {
    await writeFile(world.user, text)

    expect(await world.kubeconfigs.merge(await world.own())).toMatchObject({ formerContext })
    expect(await world.kubeconfigs.isMerged(join(world.folder, 'play-one'))).toBe(true)
    expect(await readConfig(world.user)).toMatchObject({ 'current-context': 'play-one' })
    if (text.startsWith('{"')) JSON.parse(await readFile(world.user, 'utf8'))
    if (text.startsWith('#')) expect(await readFile(world.user, 'utf8')).toContain('# nothing yet')
  })

  it('refuses a name that belongs to another cluster, and changes nothing', async () => {
    const theirs = before.replaceAll('prod', 'play-one')
    await writeFile(world.user, theirs)

    await expect(world.kubeconfigs.merge(await world.own())).rejects.toMatchObject({
      id: 'KUBECONFIG_TAKEN',
      message: `The kubeconfig ${world.user} has a "play-one" of another cluster (https://play-one.example.com); it is left alone`,
    })
    expect(await readFile(world.user, 'utf8')).toBe(theirs)
  })

  it.each([
    ['half a file', before.slice(0, before.indexOf('name: prod')) + '\n  x: {'],
    ['a list', '- a\n- b\n'],
    ['a word', 'hello'],
    ['a map of clusters', 'clusters:\n  prod: {}\n'],
    ['a list of words', 'clusters:\n- prod\n'],
    ['a key twice', 'clusters: []\nclusters: []\n'],
    ['an alias to nowhere', 'clusters: *nowhere\n'],
    ['binary', '\u0000\u0001\u0002'],
  ])('refuses a file that is %s, and changes nothing', async (_what, text) => {
    await writeFile(world.user, text)
    const path = await world.own()
    const merged = { path: world.user, context: 'play-one', formerContext: null }

    const attempts = [
      () => world.kubeconfigs.merge(path),
      () => world.kubeconfigs.remove(merged),
      () => world.kubeconfigs.isMerged(path),
      () => world.kubeconfigs.contains(world.user, 'play-one'),
    ]
    for (const attempt of attempts)
      await expect(attempt()).rejects.toMatchObject({ id: 'KUBECONFIG_DAMAGED' })
    expect(await readFile(world.user, 'utf8')).toBe(text)
    expect((await readdir(world.folder)).sort()).toEqual(['config', 'play-one'])
  })

  it('shows nothing of a damaged file in its error', async () => {
    await writeFile(world.user, 'users:\n- user: {token: s3cret s3cret: s3cret}\n  s3cret\n')

    const error: unknown = await world.kubeconfigs.merge(await world.own()).catch((reason: unknown) => reason)

    expect(error).toMatchObject({
      id: 'KUBECONFIG_DAMAGED',
      message: expect.stringContaining('in line') as string,
    })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('s3cret')
  })

  it.skipIf(windows)('keeps a symbolic link and the mode of its target', async () => {
    await mkdir(join(world.folder, 'dotfiles'))
    const target = join(world.folder, 'dotfiles', 'kube')
    await writeFile(target, before)
    await chmod(target, 0o640)
    await symlink(join('dotfiles', 'kube'), world.user)

    await world.kubeconfigs.merge(await world.own())

    expect((await lstat(world.user)).isSymbolicLink()).toBe(true)
    expect(await modeOf(target)).toBe(0o640)
    expect(await readFile(target, 'utf8')).toContain('play-one')
  })

  it.skipIf(windows)('makes the target of a symbolic link to nowhere', async () => {
    await symlink(join(world.folder, 'elsewhere', 'kube'), world.user)

    await world.kubeconfigs.merge(await world.own())

    expect((await lstat(world.user)).isSymbolicLink()).toBe(true)
    expect(await modeOf(join(world.folder, 'elsewhere', 'kube'))).toBe(0o600)
  })
})
