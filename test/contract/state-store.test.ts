import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { createFileStateStore } from '../../src/adapters/file-state-store.ts'
import type { PlaygroundState } from '../../src/domain/playground.ts'
import type { StateStore } from '../../src/domain/ports.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { FakeStateStore } from '../fakes/fake-state-store.ts'
import { sampleCertificate } from '../fakes/sample-certificate.ts'

/** A state with everything that is optional left out. */
function state(name: string): PlaygroundState {
  return {
    schemaVersion: 1,
    id: '01aryz6s410000000000000000',
    spec: { name, source: 'kind', kubernetesVersion: '1.34.10', nodes: 1, components: ['argo-cd'] },
    phase: 'creating',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    cluster: `play-${name}`,
    engine: 'podman',
    networkExistedBefore: false,
  }
}

let base: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'play-state-'))
})
afterEach(async () => {
  await rm(base, { recursive: true })
})

const stores: Record<string, () => StateStore> = {
  files: () => {
    const epoch = '01aryz6s410000000000000001'
    const openJournalHere = (path: string) => openJournal(path, { epoch, tool: 'play 0', now: () => 0 })
    return createFileStateStore({
      stateDir: join(base, 'state'),
      processes: createProcessRunner({ env: process.env }),
      now: () => Date.UTC(2026, 0, 1),
      openJournal: openJournalHere,
    })
  },
  fake: () => new FakeStateStore(),
}

describe.each(Object.entries(stores))('the state store (%s)', (_, make) => {
  it('knows nothing at first', async () => {
    const store = make()
    expect(await store.list()).toEqual([])
    expect(await store.read('dev')).toBeUndefined()
    expect(await store.exists('dev')).toBe(false)
  })

  it('reads back what was written, and lists it', async () => {
    const store = make()
    await store.write(state('two'))
    await store.write(state('one'))
    expect(await store.read('one')).toEqual(state('one'))
    expect(await store.list()).toEqual(['one', 'two'])
    expect(await store.exists('two')).toBe(true)
  })

  it('keeps where the context was merged', async () => {
    const store = make()
    const merged = { path: '/home/me/.kube/config', context: 'play-dev', formerContext: null }
    await store.write({ ...state('dev'), mergedContext: merged })
    expect((await store.read('dev'))?.mergedContext).toEqual(merged)
  })

  it('replaces a state as a whole', async () => {
    const store = make()
    const mergedContext = { path: '/k', context: 'c', formerContext: 'd' }
    await store.write({ ...state('dev'), mergedContext })
    await store.write({ ...state('dev'), phase: 'ready' })
    expect(await store.read('dev')).toEqual({ ...state('dev'), phase: 'ready' })
  })

  it('keeps other files in the same folder', async () => {
    const store = make()
    const path = await store.writePrivate('dev', 'owner', 'mine\n')
    expect(path).toBe(join(store.folder('dev'), 'owner'))
    expect(await store.exists('dev')).toBe(true)
    expect(await store.list()).toEqual(['dev'])
    expect(await store.read('dev')).toBeUndefined()
  })

  it('removes everything of a playground and nothing of another; twice is fine', async () => {
    const store = make()
    await store.write(state('dev'))
    await store.writePrivate('dev', 'owner', 'mine\n')
    await store.write(state('other'))
    await store.remove('dev')
    await store.remove('dev')
    expect(await store.exists('dev')).toBe(false)
    expect(await store.list()).toEqual(['other'])
  })

  it('refuses names that are no names', async () => {
    const store = make()
    expect(() => store.folder('../dev')).toThrow(expect.objectContaining({ id: 'USAGE_NAME' }))
    await expect(store.read('a/b')).rejects.toMatchObject({ id: 'USAGE_NAME' })
    await expect(store.lock('.', 'play up')).rejects.toMatchObject({ id: 'USAGE_NAME' })
    await expect(store.exists('')).rejects.toMatchObject({ id: 'USAGE_NAME' })
  })

  it('gives the lock to one at a time and says who has it', async () => {
    const store = make()
    const lock = await store.lock('dev', 'play up dev')
    await expect(store.lock('dev', 'play down dev')).rejects.toMatchObject({
      id: 'STATE_LOCKED',
      message: expect.stringContaining('"play up dev"') as string,
    })
    await lock.release()
    await (await store.lock('dev', 'play down dev')).release()
  })

  it('tells the lock that it holds, another for each holder, until it is released', async () => {
    const store = make()
    expect(store.held('dev')).toBeUndefined()
    const first = await store.lock('dev', 'play up dev')
    const held = store.held('dev')
    expect(held?.path).toContain('.dev.lock')
    expect(store.held('other')).toBeUndefined()
    await first.release()
    expect(store.held('dev')).toBeUndefined()
    const second = await store.lock('dev', 'play up dev')
    expect(store.held('dev')?.epoch).not.toBe(held?.epoch)
    await first.release()
    expect(store.held('dev')).toBeDefined()
    await second.release()
  })

  it('keeps the volumes of a closure for the next journal', async () => {
    const store = make()
    const first = await store.journal('dev')
    await first.closure(['one', 'two'])
    expect(first.knownVolumes).toEqual([])
    await first.close()
    const second = await store.journal('dev')
    expect(second.knownVolumes).toEqual(['one', 'two'])
    await second.close()
  })

  it('locks each playground for itself', async () => {
    const store = make()
    const locks = await Promise.all([store.lock('one', 'play up'), store.lock('two', 'play up')])
    for (const lock of locks) await lock.release()
  })

  it('releases a lock once: a second release does not free the next owner', async () => {
    const store = make()
    const first = await store.lock('dev', 'first')
    await first.release()
    const second = await store.lock('dev', 'second')
    await first.release()
    await expect(store.lock('dev', 'third')).rejects.toMatchObject({ id: 'STATE_LOCKED' })
    await second.release()
  })

  it('keeps the lock while the folder is removed', async () => {
    const store = make()
    const lock = await store.lock('dev', 'play down dev')
    await store.write(state('dev'))
    await store.remove('dev')
    await expect(store.lock('dev', 'play up dev')).rejects.toMatchObject({ id: 'STATE_LOCKED' })
    await lock.release()
  })

  it('opens a journal that takes notes', async () => {
    const store = make()
    const journal = await store.journal('dev')
    await journal.intend('cluster.stack')
    await journal.settle('cluster.stack', 'succeeded')
    await journal.close()
    await (await store.journal('dev')).close()
    expect(await store.exists('dev')).toBe(true)
  })

  it('keeps certificates beside the playgrounds, by time and name, where removing one leaves them', async () => {
    const store = make()
    await store.write(state('dev'))
    const path = await store.certify(sampleCertificate('dev', '2026-11-22T22:05:01.250Z'))
    expect(basename(path)).toBe('20261122T220501Z-dev.json')
    expect(dirname(path)).toBe(join(dirname(dirname(store.folder('dev'))), 'certificates'))
    await store.remove('dev')
    expect(await store.list()).toEqual([])
    await expect(
      store.certify({ ...sampleCertificate('x', '2026-11-22T22:05:01.250Z'), name: '../x' }),
    ).rejects.toMatchObject({ id: 'USAGE_NAME' })
  })

  it('has no strays where nothing crashed, and removes none that is no more', async () => {
    const store = make()
    expect(await store.strays()).toEqual([])
    await store.write(state('dev'))
    const lock = await store.lock('dev', 'play up dev')
    expect(await store.strays()).toEqual([])
    const path = join(dirname(store.folder('dev')), '.dev.lock')
    expect(await store.removeStray({ path, kind: 'lock', name: 'dev' })).toBe(false)
    await expect(store.lock('dev', 'play down dev')).rejects.toMatchObject({ id: 'STATE_LOCKED' })
    await lock.release()
  })

  it('knows whether a folder is there, and how much its own hold', async () => {
    const store = make()
    expect(await store.usage('dev')).toBeUndefined()
    expect(await store.isThere(store.folder('dev'))).toBe(false)
    await store.writePrivate('dev', 'owner', 'mine\n')
    await store.writePrivate('dev', 'other', 'yours\n')
    expect(await store.usage('dev')).toEqual({ files: 2, bytes: 11 })
    expect(await store.isThere(store.folder('dev'))).toBe(true)
  })
})
