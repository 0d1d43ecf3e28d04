import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { createFileStateStore } from '../../src/adapters/file-state-store.ts'
import { ownIdentity } from '../../src/adapters/process-identity.ts'
import type { StateStore } from '../../src/domain/ports.ts'

const processes = createProcessRunner({ env: process.env })
const day = 86_400_000

let base: string
let root: string
let store: StateStore
let dead: number
/** How far the clock of the store is off. */
let jump: number

beforeAll(async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  dead = child.pid ?? 0
})
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'play-stray-'))
  root = join(base, 'playgrounds')
  jump = 0
  store = createFileStateStore({
    ...{ stateDir: base, processes, now: () => Date.now() + jump },
    openJournal: () => Promise.reject(new Error('not used')),
  })
  await store.writePrivate('dev', 'owner', '')
})
afterEach(async () => {
  await rm(base, { recursive: true })
})

/** A file as a run left it that long ago. */
async function leave(file: string, text = '', ageMs = 0): Promise<void> {
  const path = join(base, file)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, text, { mode: 0o600 })
  const time = new Date(Date.now() - ageMs)
  await utimes(path, time, time)
}

/** A lock as a process of this machine would have left it, with these differences. */
async function owner(differences: Record<string, unknown> = {}): Promise<string> {
  const own = { ...(await ownIdentity(processes)), command: 'play up dev', since: 0, epoch: 'e' }
  return JSON.stringify({ ...own, ...differences })
}

const strays = async (): Promise<string[]> =>
  (await store.strays()).map(({ path }) => path.slice(base.length + 1)).sort()

async function removeAll(): Promise<void> {
  for (const stray of await store.strays()) await store.removeStray(stray)
}

const privateFile = 'playgrounds/.dev.lock.0123456789abcdef'

describe('strays', () => {
  it('are none where there are none, not even a state folder', async () => {
    expect(await strays()).toEqual([])
    await rm(root, { recursive: true })
    expect(await strays()).toEqual([])
  })

  it('are locks, guards and private files of dead owners, also of playgrounds that are gone; then nothing is left', async () => {
    const text = await owner({ pid: dead })
    const files = ['.dev.lock', '.dev.lock.guard', '.gone.lock', '.gone.lock.sweep', '.dev.lock.sweep.guard']
    for (const file of files) await leave(`playgrounds/${file}`, text)
    await leave(privateFile, text)
    await leave('playgrounds/.gone.lock.sweep.0123456789abcdef', text)
    expect(await strays()).toHaveLength(7)
    await removeAll()
    expect((await readdir(root)).sort()).toEqual(['dev'])
  })

  it.each([
    ['a live owner', {}],
    ['an owner on another host', { host: 'elsewhere', pid: 1 }],
    ['an owner in another container', { pidNamespace: 'pid:[1]', pid: 1 }],
  ])('are not those of %s', async (_what, differences) => {
    const text = await owner(differences)
    for (const file of ['.dev.lock', '.dev.lock.guard', '.dev.lock.0123456789abcdef'])
      await leave(`playgrounds/${file}`, text, day)
    expect(await strays()).toEqual([])
  })

  it('are no locks that do not say whose they are, but private files that were never finished', async () => {
    await leave('playgrounds/.dev.lock', '', day)
    await leave(privateFile, '{"pid"', day)
    expect(await strays()).toEqual([privateFile])
    await leave(privateFile, '{"pid"')
    expect(await strays()).toEqual([])
  })

  it('are temporary files that nobody can be writing any more', async () => {
    const old = ['playgrounds/dev/.state.json.0123456789ab.tmp', 'certificates/.c.json.0123456789ab.tmp']
    for (const file of old) await leave(file, '{', 2 * 60_000)
    await leave('playgrounds/dev/.kubeconfig.0123456789ab.tmp', '{')
    expect(await strays()).toEqual(old.toReversed())
    const lock = await store.lock('dev', 'play up dev')
    expect(await strays()).toEqual([old[1]])
    await lock.release()
    await removeAll()
    expect(await readdir(join(base, 'certificates'))).toEqual([])
    expect((await readdir(store.folder('dev'))).sort()).toEqual(['.kubeconfig.0123456789ab.tmp', 'owner'])
  })

  it('are event logs older than 30 days', async () => {
    await leave('playgrounds/dev/events/01a.ndjson', '', 31 * day)
    await leave('playgrounds/dev/events/01b.ndjson', '', 29 * day)
    expect(await strays()).toEqual(['playgrounds/dev/events/01a.ndjson'])
    expect((await store.strays())[0]).toMatchObject({ kind: 'log', name: 'dev' })
    await removeAll()
    expect(await readdir(join(store.folder('dev'), 'events'))).toEqual(['01b.ndjson'])
  })

  it('are looked at again before they go', async () => {
    await leave('playgrounds/.dev.lock', await owner({ pid: dead }))
    await leave('playgrounds/dev/.state.json.0123456789ab.tmp', '{', day)
    const found = await store.strays()
    const lock = await store.lock('dev', 'play up dev')
    for (const stray of found) await store.removeStray(stray)
    expect((await readdir(root)).sort()).toEqual(['.dev.lock', 'dev'])
    expect(await readdir(store.folder('dev'))).toContain('.state.json.0123456789ab.tmp')
    await lock.release()
  })

  it('[row 37] are never behind a link', async () => {
    await leave('elsewhere/.state.json.0123456789ab.tmp', '{', day)
    await symlink(join(base, 'elsewhere'), join(root, 'linked'))
    expect(await strays()).toEqual([])
    await symlink(join(base, 'elsewhere'), join(base, 'certificates'))
    await expect(store.strays()).rejects.toMatchObject({ id: 'STATE_DAMAGED' })
    expect(await readdir(join(base, 'elsewhere'))).toHaveLength(1)
  })

  it('[row 24] are judged by their owners, not by the clock: one that is a year off makes no lock a stray', async () => {
    await leave('playgrounds/.dev.lock', await owner(), day)
    await leave('playgrounds/dev/.state.json.0123456789ab.tmp', '{')
    for (const years of [1, -1]) {
      jump = years * 365 * day
      expect(await strays()).toEqual([])
    }
  })

  it('[row 24] with an owner from before a reboot, or of a number given to another process, are strays', async () => {
    await leave('playgrounds/.one.lock', await owner({ bootId: 'another' }))
    await leave('playgrounds/.two.lock', await owner({ startTime: '1' }))
    expect((await strays()).map((path) => basename(path))).toEqual(['.one.lock', '.two.lock'])
  })
})
