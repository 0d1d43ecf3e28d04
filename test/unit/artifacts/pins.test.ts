/** The shipped pins: where everything comes from, on every platform. */
import { expect, test } from 'vitest'
import { parsePins, platformOf } from '../../../src/artifacts/pins.ts'
import { shippedPins } from '../../fakes/pinned-world.ts'

const files = [
  ...Object.values(shippedPins.tools).flatMap((tool) => Object.values(tool.downloads)),
  ...Object.values(shippedPins.manifests).flatMap((manifest) => manifest.files),
]

// Names and layouts as the vendors document them: kind's quick start and site redirects (kind.sigs.k8s.io leads to
// the GitHub release), pulumi's dist/install.sh (x64, arm64; folder pulumi/ in the archive; GitHub first, then
// get.pulumi.com), kubernetes.io "Install and Set Up kubectl".
const kind = 'https://kind.sigs.k8s.io/dl/v0.32.0/kind-'
const kindMirror = 'https://github.com/kubernetes-sigs/kind/releases/download/v0.32.0/kind-'
const pulumi = 'https://github.com/pulumi/pulumi/releases/download/v3.259.0/pulumi-v3.259.0-'
const pulumiMirror = 'https://get.pulumi.com/releases/sdk/pulumi-v3.259.0-'
const kubectl = 'https://dl.k8s.io/release/v1.34.10/bin/'

test.each([
  ['kind', 'linux/amd64', `${kind}linux-amd64`, `${kindMirror}linux-amd64`, undefined],
  ['kind', 'linux/arm64', `${kind}linux-arm64`, `${kindMirror}linux-arm64`, undefined],
  ['kind', 'darwin/amd64', `${kind}darwin-amd64`, `${kindMirror}darwin-amd64`, undefined],
  ['kind', 'darwin/arm64', `${kind}darwin-arm64`, `${kindMirror}darwin-arm64`, undefined],
  ['pulumi', 'linux/amd64', `${pulumi}linux-x64.tar.gz`, `${pulumiMirror}linux-x64.tar.gz`, 'pulumi/pulumi'],
  [
    'pulumi',
    'linux/arm64',
    `${pulumi}linux-arm64.tar.gz`,
    `${pulumiMirror}linux-arm64.tar.gz`,
    'pulumi/pulumi',
  ],
  [
    'pulumi',
    'darwin/amd64',
    `${pulumi}darwin-x64.tar.gz`,
    `${pulumiMirror}darwin-x64.tar.gz`,
    'pulumi/pulumi',
  ],
  [
    'pulumi',
    'darwin/arm64',
    `${pulumi}darwin-arm64.tar.gz`,
    `${pulumiMirror}darwin-arm64.tar.gz`,
    'pulumi/pulumi',
  ],
  ['kubectl', 'linux/amd64', `${kubectl}linux/amd64/kubectl`, undefined, undefined],
  ['kubectl', 'linux/arm64', `${kubectl}linux/arm64/kubectl`, undefined, undefined],
  ['kubectl', 'darwin/amd64', `${kubectl}darwin/amd64/kubectl`, undefined, undefined],
  ['kubectl', 'darwin/arm64', `${kubectl}darwin/arm64/kubectl`, undefined, undefined],
] as const)('%s for %s comes from its vendor', (tool, platform, url, mirror, member) => {
  const download = shippedPins.tools[tool].downloads[platform]
  expect(download?.url).toBe(url)
  expect(download?.mirrors?.[0]).toBe(mirror)
  expect(download?.member).toBe(member)
})

test('every file has a sum, or names the document of its vendor that has it', () => {
  for (const file of files) {
    if (file.sha256 === undefined) expect(file.checksumUrl).toBe(`${file.url}.sha256`)
    else expect(file.sha256).toMatch(/^[0-9a-f]{64}$/)
  }
  const unpinned = files.filter((file) => file.sha256 === undefined).map((file) => file.url)
  expect(unpinned).toEqual([`${kubectl}darwin/amd64/kubectl`, `${kubectl}darwin/arm64/kubectl`])
})

test('no two files share a sum, and every address is https', () => {
  const sums = files.flatMap((file) => file.sha256 ?? [])
  expect(new Set(sums).size).toBe(sums.length)
  for (const { url, mirrors = [] } of files)
    for (const address of [url, ...mirrors]) expect(address).toMatch(/^https:\/\/[^?#]+$/)
})

test('every pinned version is one that play accepts', () => {
  for (const { version, accepts } of Object.values(shippedPins.tools)) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(accepts.from.localeCompare(version, 'en', { numeric: true })).toBeLessThanOrEqual(0)
    expect(accepts.below.localeCompare(version, 'en', { numeric: true })).toBe(1)
  }
})

test('node images are named by version and digest, the default among them', () => {
  expect(shippedPins.kubernetes.images).toHaveProperty([shippedPins.kubernetes.default])
  for (const [version, reference] of Object.entries(shippedPins.kubernetes.images))
    expect(reference).toMatch(
      new RegExp(`^kindest/node:v${version.replaceAll('.', '\\.')}@sha256:[0-9a-f]{64}$`),
    )
})

test('Argo Workflows is read without its server, definitions first', () => {
  const names = shippedPins.manifests['argo-workflows']?.files.map(({ url }) => url.split('/').at(-1)) ?? []
  expect(names).toHaveLength(17)
  expect(names.slice(0, 8).every((name) => name?.startsWith('argoproj.io_'))).toBe(true)
  expect(names.slice(8, 12)).toContain('workflow-controller-deployment.yaml')
  expect(names.join()).not.toContain('argo-server')
})

test('Argo CD has a small and a full manifest of the same tag', () => {
  const base = 'https://raw.githubusercontent.com/argoproj/argo-cd/v3.5.1/manifests'
  expect(shippedPins.manifests['argo-cd']?.files[0]?.url).toBe(`${base}/core-install.yaml`)
  expect(shippedPins.manifests['argo-cd-full']?.files[0]?.url).toBe(`${base}/install.yaml`)
})

test('pins of another format are refused', () => {
  expect(() => parsePins('{"formatVersion": 2}')).toThrow('format 2')
})

test('platforms are named as Go names them', () => {
  expect(platformOf('linux', 'x64')).toBe('linux/amd64')
  expect(platformOf('darwin', 'arm64')).toBe('darwin/arm64')
  expect(platformOf('freebsd', 'riscv64')).toBe('freebsd/riscv64')
})
