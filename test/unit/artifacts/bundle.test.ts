import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkEntries, entryFile, findBundle, type Bundle } from '../../../src/artifacts/bundle.ts'
import { coreFiles, writeBundle } from '../../fakes/bundle-folder.ts'

const platform = 'linux/amd64'
const signal = new AbortController().signal

let cacheDir: string
let core: string
let full: string
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'play-bundles-'))
  core = join(cacheDir, 'bundles', 'core')
  full = join(cacheDir, 'bundles', 'full')
})
afterEach(() => rm(cacheDir, { recursive: true }))

async function found(): Promise<Bundle> {
  const bundle = await findBundle({ cacheDir, platform })
  if (bundle === undefined) throw new Error('no bundle')
  return bundle
}

describe('the bundle that is used', () => {
  test('is none where there is none', async () => {
    expect(await findBundle({ cacheDir, platform })).toBeUndefined()
  })

  test('is the only one there', async () => {
    await writeBundle(core)
    expect((await found()).folder).toBe(core)
  })

  test.each([
    ['full', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
    ['core', '2026-03-01T00:00:00Z', '2026-02-01T00:00:00Z'],
  ])('is the newer one: %s', async (newer, coreTime, fullTime) => {
    await writeBundle(core, coreFiles, { createdAt: coreTime })
    await writeBundle(full, coreFiles, { createdAt: fullTime, profile: 'full' })
    expect((await found()).folder).toBe(join(cacheDir, 'bundles', newer))
  })

  test('is the one that can be read, if the other cannot', async () => {
    await writeBundle(core)
    await mkdir(full)
    await writeFile(join(full, 'index.json'), '{"formatVersion": 99}')
    expect((await found()).folder).toBe(core)
  })

  test('is an error if the only one cannot be read: doing without it would hide that', async () => {
    await mkdir(full, { recursive: true })
    await writeFile(join(full, 'index.json'), 'not JSON')
    await expect(findBundle({ cacheDir, platform })).rejects.toMatchObject({
      id: 'BUNDLE_INVALID',
      exitCode: 4,
    })
  })

  test('is never one for another machine', async () => {
    await writeBundle(core)
    expect(await findBundle({ cacheDir, platform: 'darwin/arm64' })).toBeUndefined()
  })

  test('is the named one, whatever else is there', async () => {
    await writeBundle(core)
    const named = join(cacheDir, 'stick')
    await writeBundle(named)
    expect((await findBundle({ cacheDir, platform, named }))?.folder).toBe(named)
  })

  test('must be there if it was named, and be for this machine', async () => {
    await writeBundle(core)
    const missing = findBundle({ cacheDir, platform, named: join(cacheDir, 'typo') })
    await expect(missing).rejects.toThrow('it has no index.json')
    const foreign = findBundle({ cacheDir, platform: 'darwin/arm64', named: core })
    await expect(foreign).rejects.toThrow('it is not for darwin/arm64')
  })
})

describe('a file of the bundle', () => {
  const fileOf = (bundle: Bundle, name: string): Promise<string> => {
    const entry = bundle.index.entries.find((candidate) => candidate.name === name)
    if (entry?.path === undefined) throw new Error(`no file ${name}`)
    return entryFile(bundle, { ...entry, path: entry.path })
  }

  test('is its path when its size is right', async () => {
    await writeBundle(core)
    expect(await fileOf(await found(), 'kind')).toBe(join(core, 'tools', 'kind'))
  })

  test('is damage when it is cut off or missing', async () => {
    await writeBundle(core)
    await writeFile(join(core, 'tools', 'kind'), 'the pro')
    await rm(join(core, 'tools', 'pulumi'))
    await expect(fileOf(await found(), 'kind')).rejects.toThrow('kind (7 of 16 bytes)')
    await expect(fileOf(await found(), 'pulumi')).rejects.toMatchObject({ id: 'BUNDLE_DAMAGED', exitCode: 4 })
  })
})

describe('reading everything', () => {
  test('finds a sound bundle sound, byte by byte', async () => {
    await writeBundle(core)
    let bytes = 0
    const checks = await checkEntries(await found(), { signal, onBytes: (count) => (bytes += count) })
    expect(checks.map(({ status }) => status)).toEqual(coreFiles.map(() => 'ok'))
    expect(bytes).toBe(coreFiles.reduce((sum, { content = '' }) => sum + content.length, 0))
  })

  test('tells damage from absence, and an image inside a damaged node image is damaged', async () => {
    await writeBundle(core)
    await writeFile(join(core, 'node-images', 'node'), 'AN IMAGE')
    await writeFile(join(core, 'tools', 'kind'), 'longer than it was')
    await rm(join(core, 'manifests', 'argo-cd'))
    const checks = await checkEntries(await found(), { signal, onBytes: () => undefined })
    const statuses = Object.fromEntries(checks.map(({ entry, status }) => [entry.name, status]))
    expect(statuses).toEqual({
      kind: 'damaged',
      pulumi: 'ok',
      node: 'damaged',
      argocd: 'damaged',
      extra: 'ok',
      'argo-cd': 'missing',
    })
  })

  test('stops when it is aborted', async () => {
    await writeBundle(core)
    const reason = new Error('enough')
    const options = { signal: AbortSignal.abort(reason), onBytes: () => undefined }
    await expect(checkEntries(await found(), options)).rejects.toBe(reason)
  })
})
