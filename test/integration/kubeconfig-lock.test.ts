/** Kubeconfigs that several programs change at the same time: nobody loses an entry. */
import { readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { editKubeconfig } from '../../src/adapters/kube/kubeconfig-file.ts'
import { before, readConfig, useKubeconfigs } from './kubeconfig-world.ts'

const world = useKubeconfigs()

describe('at the same time', () => {
  it('playgrounds come and go without losing one another', async () => {
    await writeFile(world.user, before)
    const names = Array.from({ length: 8 }, (_, index) => `play-${String(index)}`)
    const paths = await Promise.all(
      names.map((name, index) => world.own(name, `https://127.0.0.1:${String(5000 + index)}`)),
    )
    const merged = await Promise.all(paths.map((path) => world.open().merge(path)))
    expect((await readConfig(world.user)).contexts?.map(({ name }) => name).sort()).toEqual([
      ...names,
      'prod',
    ])

    await Promise.all([
      ...merged.slice(0, 4).map((one) => world.open().remove(one)),
      ...paths.slice(4).map((path) => world.open().merge(path)),
    ])
    expect((await readConfig(world.user)).contexts?.map(({ name }) => name).sort()).toEqual([
      ...names.slice(4),
      'prod',
    ])
    await Promise.all(merged.slice(4).map((one) => world.open().remove(one)))

    expect((await readConfig(world.user)).contexts?.map(({ name }) => name)).toEqual(['prod'])
    expect(
      (await readdir(world.folder)).filter((name) => name.startsWith('config') || name.startsWith('.')),
    ).toEqual(['config'])
  })

  it('waits for a lock of kubectl', async () => {
    await writeFile(world.user, before)
    const path = await world.own()
    await writeFile(`${world.user}.lock`, '', { mode: 0 })
    const merging = world.kubeconfigs.merge(path)
    const early = await Promise.race([merging, new Promise((resolve) => setTimeout(resolve, 100))])

    await rm(`${world.user}.lock`)

    expect(early).toBeUndefined()
    expect(await merging).toMatchObject({ context: 'play-one' })
  })

  it('gives up on a lock that stays, and changes nothing', async () => {
    await writeFile(world.user, before)
    await writeFile(`${world.user}.lock`, '')
    const kubeconfigs = world.open({ lock: { waitMs: 100, staleMs: 60_000 } })

    await expect(kubeconfigs.merge(await world.own())).rejects.toMatchObject({
      id: 'KUBECONFIG_LOCKED',
      suggestions: expect.arrayContaining([
        `If no kubectl or kind is running: rm ${world.user}.lock`,
      ]) as string[],
    })
    expect(await readFile(world.user, 'utf8')).toBe(before)
  })

  it('takes over a lock that was left behind, once among many', async () => {
    await writeFile(world.user, before)
    const paths = await Promise.all(['play-0', 'play-1', 'play-2', 'play-3'].map((name) => world.own(name)))
    await writeFile(`${world.user}.lock`, '', { mode: 0 })
    await utimes(`${world.user}.lock`, new Date(0), new Date(0))

    await Promise.all(paths.map((path) => world.open().merge(path)))

    expect((await readConfig(world.user)).contexts).toHaveLength(5)
    expect((await readdir(world.folder)).filter((name) => name.includes('lock'))).toEqual([])
  })

  it('keeps what someone writes without asking for the lock', async () => {
    await writeFile(world.user, 'one\n')
    const settings = { clock: systemClock, lock: { waitMs: 1000, staleMs: 60_000 } }
    let edits = 0

    await editKubeconfig(world.user, settings, async (text) => {
      edits += 1
      if (edits < 3) await writeFile(world.user, `${text ?? ''}an edit\n`)
      return { text: `${text ?? ''}ours\n`, result: undefined }
    })

    expect(await readFile(world.user, 'utf8')).toBe('one\nan edit\nan edit\nours\n')
  })

  it('gives up on a file that never stands still, and leaves it to the others', async () => {
    const settings = { clock: systemClock, lock: { waitMs: 1000, staleMs: 60_000 } }
    const editing = editKubeconfig(world.user, settings, async (text) => {
      await writeFile(world.user, `${text ?? ''}an edit\n`)
      return { text: 'ours\n', result: undefined }
    })

    await expect(editing).rejects.toMatchObject({ id: 'KUBECONFIG_UNWRITABLE' })
    expect(await readFile(world.user, 'utf8')).not.toContain('ours')
    expect(await readdir(world.folder)).toEqual(['config'])
  })
})
