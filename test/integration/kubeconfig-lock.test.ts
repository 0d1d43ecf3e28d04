/** Kubeconfigs that several programs change at the same time: nobody loses an entry. */
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { lstat, readFile, readdir, readlink, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { ownIdentity, type ProcessIdentity } from '../../src/adapters/process-identity.ts'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { editKubeconfig } from '../../src/adapters/kube/kubeconfig-file.ts'
import { before, readConfig, useKubeconfigs } from './kubeconfig-world.ts'

const world = useKubeconfigs()
const processes = createProcessRunner({ env: {} })

/** The identity of a process that has ended, as the text of a lock of play. */
function lockOfTheDead(): Promise<string> {
  const { pid } = spawnSync(process.execPath, ['--version'])
  return lockText({ pid, startTime: '1' })
}

async function lockText(changes: Partial<ProcessIdentity>): Promise<string> {
  return `play ${JSON.stringify({ ...(await ownIdentity(processes)), ...changes, epoch: 'former' })}`
}

/** Everything in the folder but the playgrounds' own files. */
async function beside(): Promise<string[]> {
  return (await readdir(world.folder)).filter((name) => !name.startsWith('play-')).sort()
}

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
    const settings = { clock: systemClock, lock: { waitMs: 1000, staleMs: 60_000 }, processes }
    let edits = 0

    await editKubeconfig(world.user, settings, async (text) => {
      edits += 1
      if (edits < 3) await writeFile(world.user, `${text ?? ''}an edit\n`)
      return { text: `${text ?? ''}ours\n`, result: undefined }
    })

    expect(await readFile(world.user, 'utf8')).toBe('one\nan edit\nan edit\nours\n')
  })

  it('gives up on a file that never stands still, and leaves it to the others', async () => {
    const settings = { clock: systemClock, lock: { waitMs: 1000, staleMs: 60_000 }, processes }
    const editing = editKubeconfig(world.user, settings, async (text) => {
      await writeFile(world.user, `${text ?? ''}an edit\n`)
      return { text: 'ours\n', result: undefined }
    })

    await expect(editing).rejects.toMatchObject({ id: 'KUBECONFIG_UNWRITABLE' })
    expect(await readFile(world.user, 'utf8')).not.toContain('ours')
    expect(await readdir(world.folder)).toEqual(['config'])
  })
})

describe('[row 42] after a crash', () => {
  const temporary = '.config.play-0123456789ab.tmp'

  it('the lock of a dead play is taken over at once, by one among many', async () => {
    await writeFile(world.user, before)
    const paths = await Promise.all(['play-0', 'play-1', 'play-2', 'play-3'].map((name) => world.own(name)))
    await symlink(await lockOfTheDead(), `${world.user}.lock`)
    const kubeconfigs = world.open({ lock: { waitMs: 5000, staleMs: 3_600_000 } })

    expect(await kubeconfigs.strays(world.user)).toEqual([`${world.user}.lock`])
    await Promise.all(paths.map((path) => kubeconfigs.merge(path)))

    expect((await readConfig(world.user)).contexts).toHaveLength(5)
    expect(await beside()).toEqual(['config'])
  })

  it('a lock of a start of the machine before this one is that of a dead play', async () => {
    await symlink(await lockText({ bootId: 'the one before' }), `${world.user}.lock`)
    expect(await world.kubeconfigs.strays(world.user)).toEqual([`${world.user}.lock`])
    await world.kubeconfigs.merge(await world.own())
    expect(await beside()).toEqual(['config'])
  })

  it('the lock of a play that lives is kept, however old it looks, and so is what it needs', async () => {
    await writeFile(world.user, before)
    await writeFile(`${world.folder}/${temporary}`, 'half')
    const text = await lockText({})
    await symlink(text, `${world.user}.lock`)
    const kubeconfigs = world.open({ lock: { waitMs: 60, staleMs: 0 } })

    expect(await kubeconfigs.strays(world.user)).toEqual([])
    await expect(kubeconfigs.merge(await world.own())).rejects.toMatchObject({ id: 'KUBECONFIG_LOCKED' })
    expect(await readlink(`${world.user}.lock`)).toBe(text)
    expect(await beside()).toEqual([temporary, 'config', 'config.lock'])
  })

  it('one of another machine counts as left behind when it is old only', async () => {
    await symlink(await lockText({ host: 'elsewhere' }), `${world.user}.lock`)
    const path = await world.own()
    const patient = world.open({ lock: { waitMs: 60, staleMs: 3_600_000 } })
    await expect(patient.merge(path)).rejects.toMatchObject({ id: 'KUBECONFIG_LOCKED' })
    const impatient = world.open({ lock: { waitMs: 1000, staleMs: -60_000 } })
    expect(await impatient.merge(path)).toMatchObject({ context: 'play-one' })
    expect(await beside()).toEqual(['config'])
  })

  it('says who holds the lock while it is held, and keeps kubectl out', async () => {
    const settings = { clock: systemClock, lock: { waitMs: 1000, staleMs: 60_000 }, processes }
    await editKubeconfig(world.user, settings, async () => {
      expect(await readlink(`${world.user}.lock`)).toContain(`"pid":${String(process.pid)}`)
      // As client-go does: O_CREATE and O_EXCL.
      await expect(writeFile(`${world.user}.lock`, '', { flag: 'wx' })).rejects.toMatchObject({
        code: 'EEXIST',
      })
      return { text: 'ours\n', result: undefined }
    })
    expect(await beside()).toEqual(['config'])
  })

  it('temporary files and locks that were put aside go with the next edit; files of others stay', async () => {
    const aside = `config.lock.${randomUUID()}`
    const foreign = [
      '.config.swp',
      '.config.0123456789ab.tmp',
      '.other.play-0123456789ab.tmp',
      'config.lock.old',
    ]
    for (const name of [temporary, aside, ...foreign]) await writeFile(`${world.folder}/${name}`, 'x')

    expect(await world.kubeconfigs.strays(world.user)).toEqual([
      `${world.folder}/${temporary}`,
      `${world.folder}/${aside}`,
    ])
    await world.kubeconfigs.remove({ path: world.user, context: 'play-one', formerContext: null })

    expect(await beside()).toEqual([...foreign].sort())
  })

  it('temporary files are looked for where a symbolic link leads', async () => {
    const target = await world.own('play-target')
    await rm(target)
    await symlink(target, world.user)
    await writeFile(`${world.folder}/.play-target.play-0123456789ab.tmp`, 'x')

    expect(await world.kubeconfigs.strays(world.user)).toHaveLength(1)
    await world.kubeconfigs.merge(await world.own())

    expect((await lstat(world.user)).isSymbolicLink()).toBe(true)
    expect(await world.kubeconfigs.strays(world.user)).toEqual([])
  })

  it('makes nothing where there is nothing', async () => {
    const path = `${world.folder}/none/config`
    expect(await world.kubeconfigs.strays(path)).toEqual([])
    await world.kubeconfigs.remove({ path, context: 'play-one', formerContext: null })
    expect(await beside()).toEqual([])
  })
})
