/** What play fetches, starts and listens on, as its sources and its lock file say it. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parsePins } from '../../src/artifacts/pins.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const pins = parsePins(read('assets/versions.json'))

/**
 * Images that are named by tag only, since nobody has compared their digests yet: whoever controls the tag controls what
 * runs. docs/security.md says so. The list may only become shorter.
 */
const byTagOnly = [
  ...[
    'docker.io/library/busybox:1.35',
    'docker.io/library/nginx:1.22.1',
    'docker.io/library/node:24.21.0-slim',
  ],
  ...['docker.io/library/registry:3.1.2', 'docker.io/moby/buildkit:v0.32.2'],
  ...['quay.io/argoproj/argoexec:v4.0.7', 'quay.io/argoproj/workflow-controller:v4.0.7'],
]

describe('[row 40] everything from outside is pinned', () => {
  test('images by digest, but for those that are known not to be', () => {
    const withoutDigest = pins.images.filter(({ digest }) => digest === undefined)
    expect(withoutDigest.map(({ reference }) => reference).sort()).toEqual(byTagOnly)
    for (const { digest } of pins.images)
      if (digest !== undefined) expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    for (const image of Object.values(pins.kubernetes.images)) expect(image).toMatch(/@sha256:[0-9a-f]{64}$/)
  })

  test('each image that a file of play names is one of the pinned ones', () => {
    const pinned = new Set(pins.images.map(({ reference }) => reference))
    const files = globSync('assets/{components,demos}/**/{*.yaml,Dockerfile}', { cwd: root })
    const named = files.flatMap((file) =>
      [...read(file).matchAll(/^\s*(?:- )?image: *"?([^\s"]+)|^FROM (\S+)/gm)].map(([, image, base]) => ({
        ...{ file, image: image ?? base ?? '' },
      })),
    )
    expect(named.length).toBeGreaterThan(10)
    // Argo CD's is given its version when play applies it; the others stand for what a demo builds.
    const placeholder = /^(quay\.io\/argoproj\/argocd|IMAGE|\$\{.*|\{\{.*)$/
    expect(named.filter(({ image }) => !pinned.has(image) && !placeholder.test(image))).toEqual([])
  })

  test('files by sha256, from https, and the exceptions are the known ones', () => {
    const files = [
      ...Object.values(pins.tools).flatMap(({ downloads }) => Object.values(downloads)),
      ...Object.values(pins.manifests).flatMap((manifest) => manifest.files),
    ]
    const unpinned = files
      .filter(({ sha256 }) => sha256 === undefined)
      .map(({ url }) => new URL(url).pathname)
    expect(unpinned.map((path) => path.split('/').slice(-3).join('/'))).toEqual([
      ...['darwin/amd64/kubectl', 'darwin/arm64/kubectl'],
    ])
    for (const { url } of files) expect(url).toMatch(/^https:/)
  })

  test('no version is older than the first that has no known hole', () => {
    const floor = { 'argo-cd': 'v3.4.4', 'argo-cd-full': 'v3.4.4', 'argo-workflows': 'v4.0.2' }
    for (const [name, lowest] of Object.entries(floor)) {
      const version = pins.manifests[name]?.version ?? ''
      expect(version.localeCompare(lowest, 'en', { numeric: true }), name).toBeGreaterThanOrEqual(0)
    }
  })

  test('npm packages by exact version or integrity, and none may run a script of its own but those that are named', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      readonly packages: Readonly<Record<string, { integrity?: string; link?: boolean; resolved?: string }>>
    }
    const manifest = JSON.parse(read('package.json')) as {
      readonly dependencies?: object
      readonly allowScripts: Readonly<Record<string, boolean>>
    }
    const unproven = Object.entries(lock.packages).filter(
      ([path, { integrity, link }]) => path !== '' && integrity === undefined && link !== true,
    )
    expect(unproven.map(([path]) => path)).toEqual([])
    expect(manifest.dependencies).toBeUndefined()
    const allowed = Object.entries(manifest.allowScripts).filter(([, may]) => may)
    expect(allowed.map(([name]) => name)).toEqual(['esbuild', 'node'])
  })
})

const sources = globSync('{src,commands,bin}/**/*.{ts,js}', { cwd: root }).map((file) => ({
  file,
  text: read(file),
}))

describe('[row 38] what play listens on', () => {
  test('is this machine’s own address, wherever a server is made', () => {
    const listening = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/\.(?:listen|bindAsync)\(([^)]*)\)?/g)].map(([, what]) => ({ file, what })),
    )
    expect(listening.length).toBeGreaterThan(0)
    expect(listening.filter(({ what }) => !/^\{ host, port/.test(what ?? ''))).toEqual([])
    for (const { file } of listening)
      expect(sources.find((one) => one.file === file)?.text, file).toContain("const host = '127.0.0.1'")
    for (const { file, text } of sources) expect(text, file).not.toMatch(/0\.0\.0\.0|'::'/)
  })

  test('no component opens a port of the nodes', () => {
    for (const file of globSync('assets/{components,demos}/**/*.yaml', { cwd: root }))
      expect(read(file), file).not.toMatch(/hostPort:|hostNetwork: *true|type: *(NodePort|LoadBalancer)/)
  })
})

describe('[row 32] no shell', () => {
  test('is started with text that is put together', () => {
    for (const { file, text } of sources) {
      expect(text, file).not.toMatch(/\bshell: *true|\bexecSync\(|\bexec\(`/)
      if (file !== 'src/adapters/execa-process-runner.ts')
        expect(text, file).not.toMatch(/child_process|from 'execa'/)
    }
  })
})
