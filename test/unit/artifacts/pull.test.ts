/** What `play bundle pull` puts into a bundle, and that the bundle then serves. */
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createArtifacts, type ArtifactsOptions } from '../../../src/artifacts/artifacts.ts'
import type { Bundle } from '../../../src/artifacts/bundle.ts'
import { createBundles, type BundlePull } from '../../../src/artifacts/bundles.ts'
import { FakeImageEngine } from '../../fakes/fake-image-engine.ts'
import { MemoryDownloader } from '../../fakes/memory-downloader.ts'
import { pinnedWorld, programOf } from '../../fakes/pinned-world.ts'
import { RecordingReporter } from '../../fakes/recording-reporter.ts'
import { VersionRunner } from '../../fakes/version-runner.ts'

const signal = new AbortController().signal

let cacheDir: string
let folder: string
let downloader: MemoryDownloader
let options: ArtifactsOptions
let report: RecordingReporter

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'play-pull-'))
  folder = join(cacheDir, 'bundles', 'core')
  downloader = new MemoryDownloader()
  report = new RecordingReporter()
  const { pins, internet } = pinnedWorld()
  for (const [url, content] of internet) downloader.internet.set(url, content)
  options = {
    ...{ cacheDir, pins, downloader, overrides: {}, searchPath: [], offline: false },
    ...{ os: 'linux', arch: 'x64', processes: new VersionRunner(), now: () => Date.UTC(2026, 0, 1) },
  }
})
afterEach(() => rm(cacheDir, { recursive: true }))

const pull = (wanted: Partial<BundlePull> = {}, changed: Partial<ArtifactsOptions> = {}): Promise<Bundle> =>
  createBundles({ ...options, ...changed }).pull({ signal, report, ...wanted })

const statuses = async (): Promise<string[]> => {
  const bundles = createBundles(options)
  const bundle = await bundles.open()
  if (bundle === undefined) throw new Error('no bundle')
  const checks = await bundles.check(bundle, signal, () => undefined)
  return checks.filter(({ status }) => status !== 'ok').map(({ entry }) => entry.name)
}

describe('without an engine', () => {
  test('it holds the programs and the manifests, each with its source and sum', async () => {
    const { index } = await pull()
    expect(index.entries.map(({ name, kind, version }) => [name, kind, version])).toEqual([
      ['kind', 'tool', 'v0.32.0'],
      ['pulumi', 'tool', 'v3.259.0'],
      ['argo-cd', 'manifest', 'v3.5.1'],
      ['argo-workflows', 'manifest', 'v4.0.7'],
    ])
    expect(index.entries[0]?.source).toBe('https://kind.sigs.k8s.io/dl/v0.32.0/kind-linux-amd64')
    expect(index.entries[0]?.description).toBe("kind 0.32.0, its vendor's release for linux/amd64")
    expect(await statuses()).toEqual([])
  })

  test('it serves offline what it holds, and leaves images to the nodes', async () => {
    await pull()
    await rm(join(cacheDir, 'blobs'), { recursive: true })
    const artifacts = await createArtifacts({ ...options, offline: true })
    const found = await artifacts.tool('pulumi', signal)
    expect(found).toMatchObject({ origin: 'bundle', version: '3.259.0' })
    expect((await stat(found.path)).mode & 0o111).toBe(0o111)
    expect(await readFile(found.path, 'utf8')).toContain('program from https://github.com/pulumi/pulumi')
    expect(await artifacts.manifest('argo-workflows', signal)).toHaveLength(34)
    expect(artifacts.bundled).toBe(false)
  })
})

describe('with an engine', () => {
  test('it holds the node image and the component images, pulled by digest where one is pinned', async () => {
    const engine = new FakeImageEngine()
    const { index } = await pull({ engine })
    expect(engine.pulled).toEqual([
      expect.stringMatching(/^docker\.io\/kindest\/node@sha256:0272/),
      expect.stringMatching(/^quay\.io\/argoproj\/argocd@sha256:/),
      expect.stringMatching(/^public\.ecr\.aws\/docker\/library\/redis@sha256:/),
      'quay.io/argoproj/workflow-controller:v4.0.7',
      'quay.io/argoproj/argoexec:v4.0.7',
      'docker.io/library/registry:3.1.2',
      'docker.io/moby/buildkit:v0.32.2',
      'docker.io/library/busybox:1.35',
      'docker.io/library/node:24.21.0-slim',
      'docker.io/library/nginx:1.22.1',
    ])
    expect(index.kubernetesVersion).toBe('v1.34.8')
    expect(index.entries.find(({ name }) => name === 'node')?.reference).toBe('kindest/node:v1.34.8')
    expect(await statuses()).toEqual([])
    const artifacts = await createArtifacts({ ...options, offline: true })
    expect(artifacts.bundled).toBe(true)
    const node = await artifacts.nodeImage('1.34.8', signal)
    expect(await readFile(node.archive ?? '', 'utf8')).toBe('archive of docker.io/kindest/node:v1.34.8')
    const redis = await artifacts.image('public.ecr.aws/docker/library/redis:8.2.3-alpine', signal)
    expect(redis).toBe(join(folder, 'images', 'redis.tar'))
  })

  test('another Kubernetes version can be had, an unknown one is refused before anything is fetched', async () => {
    const { index } = await pull({ engine: new FakeImageEngine(), kubernetesVersion: 'v1.35.5' })
    expect(index.entries.find(({ name }) => name === 'node')?.version).toBe('v1.35.5')
    downloader.asked.length = 0
    await expect(pull({ kubernetesVersion: '1.2.3' })).rejects.toMatchObject({
      id: 'USAGE_KUBERNETES_VERSION',
    })
    expect(downloader.asked).toEqual([])
  })

  test('a second pull fetches only what no digest holds still, and stays the same bundle', async () => {
    const first = await pull({ engine: new FakeImageEngine() })
    downloader.asked.length = 0
    const engine = new FakeImageEngine()
    const later = { now: () => Date.UTC(2026, 5, 1) }
    expect(await pull({ engine }, later)).toEqual(first)
    expect(downloader.asked).toEqual([])
    expect(engine.pulled).toEqual([
      'quay.io/argoproj/workflow-controller:v4.0.7',
      'quay.io/argoproj/argoexec:v4.0.7',
      'docker.io/library/registry:3.1.2',
      'docker.io/moby/buildkit:v0.32.2',
      'docker.io/library/busybox:1.35',
      'docker.io/library/node:24.21.0-slim',
      'docker.io/library/nginx:1.22.1',
    ])
    expect(await statuses()).toEqual([])
  })

  test('a damaged bundle is whole again after a pull', async () => {
    await pull({ engine: new FakeImageEngine() })
    await writeFile(join(folder, 'images', 'node.tar'), 'damaged')
    await writeFile(join(folder, 'tools', 'kind'), 'damaged')
    expect(await statuses()).toEqual(['kind', 'node'])
    const engine = new FakeImageEngine()
    await pull({ engine })
    expect(engine.pulled[0]).toContain('kindest/node')
    expect(await statuses()).toEqual([])
  })

  test('a bundle whose index is damaged is replaced', async () => {
    await pull()
    await writeFile(join(folder, 'index.json'), '{')
    await pull()
    expect(await statuses()).toEqual([])
  })
})

test('a damaged program in the cache is not passed on: it is fetched again', async () => {
  await pull()
  const blobs = join(cacheDir, 'blobs', 'sha256')
  for (const name of await readdir(blobs)) {
    const content = await readFile(join(blobs, name), 'utf8')
    if (content.startsWith('#!program')) await writeFile(join(blobs, name), 'rotten')
  }
  await pull()
  const url = options.pins.tools.kind.downloads['linux/amd64']?.url ?? ''
  expect(await readFile(join(folder, 'tools', 'kind'), 'utf8')).toBe(programOf(url))
})

test('a pull that fails leaves the former bundle alone and nothing of its own', async () => {
  const first = await pull()
  downloader.internet.clear()
  await rm(join(cacheDir, 'blobs'), { recursive: true })
  await expect(pull()).rejects.toMatchObject({ id: 'DOWNLOAD_FAILED' })
  expect((await createBundles(options).open())?.index).toEqual(first.index)
  expect(await statuses()).toEqual([])
  expect(await readdir(join(cacheDir, 'tmp'))).toEqual([])
})

test('machines that the index has no name for, and --offline, are refused with the reason', async () => {
  await expect(pull({}, { os: 'darwin', arch: 'arm64' })).rejects.toThrow('this machine is darwin/arm64')
  await expect(pull({}, { offline: true })).rejects.toThrow('--offline')
})
