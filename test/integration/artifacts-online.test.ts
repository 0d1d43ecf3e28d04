/** The way most people come: no bundle, everything from the vendors' addresses, which a local server stands in for. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { createDownloader } from '../../src/adapters/verified-downloader.ts'
import { createArtifacts, type OpenArtifacts } from '../../src/artifacts/artifacts.ts'
import { createBundles } from '../../src/artifacts/bundles.ts'
import { fileSha256 } from '../../src/artifacts/file-hash.ts'
import type { Pins } from '../../src/artifacts/pins.ts'
import { answerWith, FileServer, serveInstead } from '../fakes/file-server.ts'
import { pinnedWorld, programOf } from '../fakes/pinned-world.ts'
import { RecordingReporter } from '../fakes/recording-reporter.ts'
import { VersionRunner } from '../fakes/version-runner.ts'

const signal = new AbortController().signal

let cacheDir: string
let server: FileServer
let pins: Pins

/** https://host/path is served as /host/path. */
const pathOf = (url: string): string => url.replace('https://', '/')

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'play-online-'))
  server = await FileServer.start()
  const world = pinnedWorld()
  pins = world.pins
  for (const [url, content] of world.internet) server.put(pathOf(url), content)
})
afterEach(async () => {
  await server.close()
  await rm(cacheDir, { recursive: true })
})

function machine(os: string, arch: string) {
  const limits = { fruitlessTries: 2, firstWaitMs: 1, stallMs: 5_000 }
  const rewrite = (url: string): string => server.origin + pathOf(url)
  const downloader = createDownloader({
    clock: systemClock,
    random: Math.random,
    userAgent: 'play/test',
    limits,
    rewrite,
  })
  const processes = new VersionRunner()
  return { cacheDir, pins, downloader, processes, os, arch, offline: false, now: () => Date.now() }
}

const open = (os = 'linux', arch = 'x64'): Promise<OpenArtifacts> =>
  createArtifacts({ ...machine(os, arch), overrides: {}, searchPath: [] })

const asked = (): string[] => server.requests.map(({ path }) => path)

describe.each([
  ['linux', 'x64', 'linux-amd64', 'linux-x64', 'linux/amd64', []],
  ['linux', 'arm64', 'linux-arm64', 'linux-arm64', 'linux/arm64', []],
  ['darwin', 'x64', 'darwin-amd64', 'darwin-x64', 'darwin/amd64', ['.sha256']],
  ['darwin', 'arm64', 'darwin-arm64', 'darwin-arm64', 'darwin/arm64', ['.sha256']],
])('on %s %s', (os, arch, kindName, pulumiName, kubectlName, documents) => {
  test('each tool is fetched from its one address and can be run', async () => {
    const artifacts = await open(os, arch)
    const urls = {
      kind: `https://kind.sigs.k8s.io/dl/v0.32.0/kind-${kindName}`,
      pulumi: `https://github.com/pulumi/pulumi/releases/download/v3.259.0/pulumi-v3.259.0-${pulumiName}.tar.gz`,
      kubectl: `https://dl.k8s.io/release/v1.34.10/bin/${kubectlName}/kubectl`,
    }
    for (const tool of ['kind', 'pulumi', 'kubectl'] as const) {
      const { path, origin } = await artifacts.tool(tool, signal)
      expect(origin).toBe('download')
      expect(await readFile(path, 'utf8')).toBe(programOf(urls[tool]))
      expect((await stat(path)).mode & 0o777).toBe(0o755)
    }
    const { kind, pulumi, kubectl } = urls
    const all = [kind, pulumi, ...documents.map((ending) => kubectl + ending), kubectl]
    expect(asked()).toEqual(all.map(pathOf))
  })
})

test('every manifest is fetched from the tag it is pinned to', async () => {
  const artifacts = await open()
  expect(await artifacts.manifest('argo-cd', signal)).toHaveLength(2)
  expect(await artifacts.manifest('argo-cd-full', signal)).toHaveLength(2)
  expect(await artifacts.manifest('argo-workflows', signal)).toHaveLength(34)
  const bases = [
    '/raw.githubusercontent.com/argoproj/argo-cd/v3.5.1/manifests/',
    '/raw.githubusercontent.com/argoproj/argo-workflows/v4.0.7/manifests/',
  ]
  expect(asked()).toHaveLength(19)
  expect(asked().every((path) => bases.some((base) => path.startsWith(base)))).toBe(true)
})

test('redirects of the vendors are followed, and busy servers are waited for', async () => {
  const kind = '/kind.sigs.k8s.io/dl/v0.32.0/kind-linux-amd64'
  const release = '/github.com/kubernetes-sigs/kind/releases/download/v0.32.0/kind-linux-amd64'
  server.put(release, server.files.get(kind) ?? '')
  server.next(kind, answerWith(429, { 'retry-after': '0' }), answerWith(301, { location: release }))
  expect((await (await open()).tool('kind', signal)).origin).toBe('download')
  expect(asked()).toEqual([kind, kind, release])
})

test('a vendor that is gone is replaced by its mirror', async () => {
  const first = '/github.com/pulumi/pulumi/releases/download/v3.259.0/pulumi-v3.259.0-linux-x64.tar.gz'
  const mirror = '/get.pulumi.com/releases/sdk/pulumi-v3.259.0-linux-x64.tar.gz'
  server.put(mirror, server.files.get(first) ?? '')
  server.files.delete(first)
  expect((await (await open()).tool('pulumi', signal)).origin).toBe('download')
  expect(asked()).toEqual([first, mirror])
})

test('a wrong sum ends with exit code 8 and nothing in the cache', async () => {
  const path = '/raw.githubusercontent.com/argoproj/argo-cd/v3.5.1/manifests/core-install.yaml'
  server.next(path, serveInstead(Buffer.from('kind: Evil')))
  const artifacts = await open()
  await expect(artifacts.manifest('argo-cd', signal)).rejects.toMatchObject({
    id: 'CHECKSUM_MISMATCH',
    exitCode: 8,
  })
  expect(await artifacts.manifest('argo-cd', signal)).toHaveLength(2)
})

test('an archive that a real tar made is read', async () => {
  const folder = join(cacheDir, 'made')
  await mkdir(join(folder, 'pulumi'), { recursive: true })
  const program = Buffer.alloc(3_000_000, 'pulumi ')
  await writeFile(join(folder, 'pulumi', 'pulumi'), program, { mode: 0o755 })
  await writeFile(join(folder, 'pulumi', 'pulumi-analyzer-policy'), 'other')
  for (const format of ['gnu', 'pax', 'ustar']) {
    const archive = join(folder, `${format}.tar.gz`)
    await promisify(execFile)('tar', [`--format=${format}`, '-czf', archive, '-C', folder, 'pulumi'])
    const { url } = pins.tools.pulumi.downloads['linux/amd64'] ?? { url: '' }
    server.put(pathOf(url), await readFile(archive))
    const sha256 = await fileSha256(archive, { signal })
    const pulumi = {
      ...pins.tools.pulumi,
      downloads: { 'linux/amd64': { url, sha256, member: 'pulumi/pulumi' } },
    }
    pins = { ...pins, tools: { ...pins.tools, pulumi } }
    const found = await (await open()).tool('pulumi', signal)
    expect((await readFile(found.path)).equals(program)).toBe(true)
  }
})

test('a bundle is pulled from the vendors and serves without them', async () => {
  const report = new RecordingReporter()
  const bundles = createBundles(machine('linux', 'x64'))
  const { folder } = await bundles.pull({ signal, report })
  await server.close()
  await rm(join(cacheDir, 'blobs'), { recursive: true })
  const artifacts = await open()
  expect((await artifacts.tool('kind', signal)).path).toBe(join(folder, 'tools', 'kind'))
  expect((await artifacts.tool('pulumi', signal)).origin).toBe('bundle')
  expect(await artifacts.manifest('argo-workflows', signal)).toHaveLength(34)
  expect(report.progressed.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/^kind 0\.32\.0: .* MB$/),
  )
})
