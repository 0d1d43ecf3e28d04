import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { createFileStateStore } from '../../src/adapters/file-state-store.ts'
import type { PlaygroundState } from '../../src/domain/playground.ts'

let base: string
let stateDir: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'play-store-'))
  stateDir = join(base, 'state')
})
afterEach(async () => {
  await rm(base, { recursive: true })
})

const state: PlaygroundState = {
  schemaVersion: 1,
  id: '01aryz6s410000000000000000',
  spec: { name: 'dev', source: 'kind', kubernetesVersion: '1.34.10', nodes: 1, components: [] },
  phase: 'ready',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  cluster: 'play-dev',
  engine: 'docker',
  networkExistedBefore: true,
}

function store(dir = stateDir) {
  const openJournal = () => Promise.reject(new Error('not used'))
  return createFileStateStore({
    stateDir: dir,
    processes: createProcessRunner({ env: process.env }),
    now: () => 0,
    openJournal,
  })
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

/** Puts this text where the state belongs. */
async function writeState(text: string): Promise<string> {
  await store().write(state)
  const path = join(store().folder('dev'), 'state.json')
  await writeFile(path, text)
  return path
}

describe('files of the state', () => {
  it('are private, whatever the umask', async () => {
    const umask = process.umask(0)
    try {
      await store().write(state)
      const path = await store().writePrivate('dev', 'passphrase', 'secret')
      const lock = await store().lock('dev', 'play up')
      const folder = dirname(path)
      for (const each of [stateDir, dirname(folder), folder]) expect(await modeOf(each)).toBe('700')
      for (const each of [path, join(folder, 'state.json'), join(dirname(folder), '.dev.lock')]) {
        expect(await modeOf(each)).toBe('600')
      }
      await lock.release()
    } finally {
      process.umask(umask)
    }
  })

  it('are written without leaving anything else behind', async () => {
    await store().write(state)
    const lock = await store().lock('dev', 'play up')
    await store().write(state)
    expect(await readdir(join(stateDir, 'playgrounds'))).toEqual(['.dev.lock', 'dev'])
    await lock.release()
    expect(await readdir(join(stateDir, 'playgrounds'))).toEqual(['dev'])
    expect(await readdir(store().folder('dev'))).toEqual(['state.json'])
  })

  it('never come from a path that leads elsewhere', async () => {
    const path = await store().writePrivate('dev', '../../outside', 'text')
    expect(path).toBe(join(store().folder('dev'), 'outside'))
  })
})

describe('a damaged state', () => {
  const good = JSON.stringify(state)
  it.each([
    ['empty', '', 'it is empty'],
    ['cut off', good.slice(0, 60), 'it is not JSON'],
    ['no object', '[1]', 'not a JSON object'],
    ['without a version', '{}', 'schemaVersion'],
    ['of a newer play', good.replace('"schemaVersion":1', '"schemaVersion":2'), 'made by a newer play'],
    ['with a wrong phase', good.replace('"ready"', '"done"'), 'its field phase'],
    ['with a wrong number of nodes', good.replace('"nodes":1', '"nodes":0'), 'its field spec.nodes'],
    ['without an id', good.replace('"id"', '"idea"'), 'its field id'],
    ['with a broken merged context', good.replace(/}$/, ',"mergedContext":{}}'), 'mergedContext'],
    ['with a version that is none', good.replace(/}$/, ',"versions":{"git":1}}'), 'its field versions'],
    ['with an expiry that is no instant', good.replace(/}$/, ',"expiresAt":"soon"}'), 'its field expiresAt'],
    ['with an engine that is none', good.replace(/}$/, ',"engineIdentity":1}'), 'its field engineIdentity'],
    [
      'with a registry that is nowhere',
      good.replace('"nodes":1', '"nodes":1,"registry":{}'),
      'spec.registry.url',
    ],
    ['of another playground', good.replace('"name":"dev"', '"name":"other"'), 'it is about "other"'],
    ['with a prototype for a field', good.replace('"spec":', '"__proto__":'), 'spec.name'],
  ])('is refused with its path and the reason: %s', async (_, text, reason) => {
    const path = await writeState(text)
    await expect(store().read('dev')).rejects.toMatchObject({
      id: 'STATE_DAMAGED',
      message: expect.stringContaining(path) as string,
    })
    await expect(store().read('dev')).rejects.toThrow(reason)
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it('is still listed and can be removed', async () => {
    await writeState('')
    expect(await store().list()).toEqual(['dev'])
    await store().remove('dev')
    expect(await store().list()).toEqual([])
  })

  it('keeps fields that it does not know', async () => {
    await writeState(good.replace('"phase"', '"later":1,"phase"'))
    expect(await store().read('dev')).toMatchObject({ later: 1 })
  })
})

describe('symbolic links and foreign folders', () => {
  it('refuses a state folder that is a link, for reading and for writing', async () => {
    await mkdir(join(base, 'elsewhere'), { mode: 0o700 })
    await symlink(join(base, 'elsewhere'), stateDir)
    await expect(store().write(state)).rejects.toMatchObject({ id: 'STATE_UNWRITABLE' })
    await expect(store().read('dev')).rejects.toThrow('is a symbolic link')
    expect(await readdir(join(base, 'elsewhere'))).toEqual([])
  })

  it('refuses a playground that is a link, and does not remove what it points at', async () => {
    const other = join(base, 'elsewhere')
    await mkdir(other, { mode: 0o700 })
    await writeFile(join(other, 'precious'), '')
    await mkdir(join(stateDir, 'playgrounds'), { recursive: true, mode: 0o700 })
    await symlink(other, join(stateDir, 'playgrounds', 'dev'))
    await expect(store().remove('dev')).rejects.toThrow('is a symbolic link')
    await expect(store().write(state)).rejects.toThrow('is a symbolic link')
    expect(await store().list()).toEqual([])
    expect(await readdir(other)).toEqual(['precious'])
  })

  it('does not read a state file that is a link', async () => {
    await store().write(state)
    const path = join(store().folder('dev'), 'state.json')
    await rm(path)
    await writeFile(join(base, 'other.json'), JSON.stringify(state))
    await symlink(join(base, 'other.json'), path)
    await expect(store().read('dev')).rejects.toThrow('is a symbolic link')
  })

  it('removes links inside a playground, never what they point at', async () => {
    await store().write(state)
    await mkdir(join(base, 'precious'))
    await symlink(join(base, 'precious'), join(store().folder('dev'), 'link'))
    await store().remove('dev')
    expect(await readdir(base)).toContain('precious')
  })

  it('refuses a folder that others can write to', async () => {
    await mkdir(stateDir)
    await chmod(stateDir, 0o777)
    await expect(store().write(state)).rejects.toThrow('can be written by others')
  })
})

describe('a state folder that cannot be used', () => {
  it('is named with the reason when a file is in its place', async () => {
    await writeFile(stateDir, '')
    await expect(store().write(state)).rejects.toMatchObject({
      id: 'STATE_UNWRITABLE',
      exitCode: 3,
      message: expect.stringContaining(stateDir) as string,
    })
    await expect(store().lock('dev', 'play up')).rejects.toMatchObject({ id: 'STATE_UNWRITABLE' })
  })

  it('is named when the system forbids to write there', async () => {
    // /proc takes no folders from anybody, not even from root.
    await expect(store('/proc/play').write(state)).rejects.toMatchObject({ id: 'STATE_UNWRITABLE' })
  })
})
