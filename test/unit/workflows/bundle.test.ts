import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBundles, type Bundles } from '../../../src/artifacts/bundles.ts'
import { damageOf, listBundle, pullBundle, verifyBundle } from '../../../src/workflows/bundle.ts'
import { writeBundle } from '../../fakes/bundle-folder.ts'
import { MemoryDownloader } from '../../fakes/memory-downloader.ts'
import { pinnedWorld } from '../../fakes/pinned-world.ts'
import { RecordingReporter } from '../../fakes/recording-reporter.ts'
import { VersionRunner } from '../../fakes/version-runner.ts'

const signal = new AbortController().signal

let cacheDir: string
let folder: string
let bundles: Bundles
let report: RecordingReporter

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'play-bundle-'))
  folder = join(cacheDir, 'bundles', 'core')
  report = new RecordingReporter()
  const { pins, internet } = pinnedWorld()
  const downloader = new MemoryDownloader()
  for (const [url, content] of internet) downloader.internet.set(url, content)
  bundles = createBundles({
    ...{ cacheDir, pins, downloader, offline: false, os: 'linux', arch: 'x64' },
    ...{ processes: new VersionRunner(), now: () => Date.UTC(2026, 0, 1) },
  })
})
afterEach(() => rm(cacheDir, { recursive: true }))

describe('list', () => {
  test('without a bundle says where it looked', async () => {
    expect(await listBundle(bundles)).toEqual({
      bundle: null,
      looked: [join(cacheDir, 'bundles', 'full'), folder],
    })
  })

  test('has a row for each entry and counts what is inside another once', async () => {
    await writeBundle(folder)
    const { bundle } = await listBundle(bundles)
    expect(bundle).toMatchObject({ folder, profile: 'core', kubernetesVersion: '1.34.10', hasImages: true })
    expect(bundle?.rows.map(({ name, inside }) => [name, inside])).toEqual([
      ['kind', null],
      ['pulumi', null],
      ['node', null],
      ['argocd', 'node'],
      ['extra', null],
      ['argo-cd', null],
    ])
    expect(bundle?.rows[0]).toMatchObject({
      kind: 'tool',
      version: 'v0.32.0',
      sizeBytes: 16,
      description: 'a small kind',
    })
    expect(bundle?.sizeBytes).toBe(16 + 18 + 8 + 13 + 70)
  })
})

describe('verify', () => {
  test('of a sound bundle is ok for every entry, and tells how far it is', async () => {
    await writeBundle(folder)
    const verification = await verifyBundle(bundles, { signal, report })
    expect(verification).toMatchObject({ folder, ok: true })
    expect(verification.rows).toHaveLength(6)
    expect(damageOf(verification)).toBeUndefined()
    expect(report.progressed.at(-1)?.fraction).toBe(1)
  })

  test('of a damaged one names what is damaged and what is missing', async () => {
    await writeBundle(folder)
    await writeFile(join(folder, 'tools', 'kind'), 'THE PROGRAM KIND')
    await rm(join(folder, 'images', 'extra'))
    const verification = await verifyBundle(bundles, { signal, report })
    expect(verification.ok).toBe(false)
    expect(damageOf(verification)).toMatchObject({
      id: 'BUNDLE_DAMAGED',
      exitCode: 4,
      message: `The bundle at ${folder} is damaged: kind (damaged), extra (missing)`,
      details: [expect.stringMatching(/^kind: sha256/), expect.stringMatching(/^extra: /)],
    })
  })

  test('without a bundle is an error with advice', async () => {
    await expect(verifyBundle(bundles, { signal, report })).rejects.toMatchObject({
      id: 'BUNDLE_INVALID',
      suggestions: ['make bundle', 'play bundle pull'],
    })
  })
})

test('pull answers with the listing of what it made, and says that images are not in it', async () => {
  const made = await pullBundle(bundles, { signal, report })
  expect(made).toMatchObject({ folder, profile: 'core', hasImages: false, kubernetesVersion: '1.34.8' })
  expect((await listBundle(bundles)).bundle).toEqual(made)
})
