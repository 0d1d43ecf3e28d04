import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import BundleList from '../../commands/bundle/list.ts'
import BundlePull from '../../commands/bundle/pull.ts'
import BundleVerify from '../../commands/bundle/verify.ts'
import { createBundles } from '../../src/artifacts/bundles.ts'
import type { App } from '../../src/cli/app.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type { BundleList as Listed, BundleListing, BundleVerification } from '../../src/workflows/bundle.ts'
import { ArtifactsStage } from '../fakes/artifacts-stage.ts'
import { writeBundle } from '../fakes/bundle-folder.ts'
import { runCommand, type RunOptions, type Said } from '../fakes/fake-app.ts'
import { FakeImageEngine } from '../fakes/fake-image-engine.ts'
import { FakeWorld } from '../fakes/fake-ports.ts'

let stage: ArtifactsStage
let images: FakeImageEngine
beforeEach(async () => {
  stage = await ArtifactsStage.make()
  images = new FakeImageEngine()
})
afterEach(() => stage.remove())

/** Runs the command on this stage's bundles, as the composition root would wire them for these words. */
function run(
  command: typeof BundleList,
  argv: readonly string[] = [],
  { app = {}, ...options }: RunOptions = {},
): Promise<Said> {
  const { cacheDir, pins, downloader, processes } = stage
  const bundles = createBundles({
    ...{ cacheDir, pins, downloader, processes, os: 'linux', arch: 'x64' },
    ...{ offline: argv.includes('--offline'), now: () => Date.UTC(2026, 0, 1) },
  })
  const wired: Partial<App> = {
    bundles: () => Promise.resolve(bundles),
    imageEngine: () => Promise.resolve(images),
  }
  return runCommand(command, argv, new FakeWorld(), { ...options, app: { ...wired, ...app } })
}

interface Envelope<R> {
  readonly ok: boolean
  readonly result: R
  readonly error?: { readonly id: string; readonly exitCode: number; readonly details: readonly string[] }
}

function envelope<R>({ stdout }: Said): Envelope<R> {
  return JSON.parse(stdout) as Envelope<R>
}

describe('play bundle list', () => {
  test('shows where the bundle is and a row for each entry, on stdout alone', async () => {
    await writeBundle(stage.bundleFolder)
    const { stdout, stderr, exitCode } = await run(BundleList)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain(stage.bundleFolder)
    expect(stdout).toMatch(/NAME +KIND +VERSION +SIZE +WHAT IT REALLY IS/)
    expect(stdout).toMatch(/argocd +image .* a small argocd \(in node\)/)
  })

  test('gives machines the same with sizes in bytes', async () => {
    await writeBundle(stage.bundleFolder)
    const { ok, result } = envelope<Listed>(await run(BundleList, ['--json']))
    expect(ok).toBe(true)
    expect(result.bundle).toMatchObject({ folder: stage.bundleFolder, sizeBytes: 125, hasImages: true })
    expect(result.bundle?.rows).toHaveLength(6)
  })

  test('without a bundle is no error: it says where it looked and how to get one', async () => {
    const { stdout, exitCode } = await run(BundleList)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('There is no bundle')
    expect(stdout).toContain(stage.bundleFolder)
    expect(stdout).toContain('play bundle pull')
    expect(envelope<Listed>(await run(BundleList, ['--json'])).result.bundle).toBeNull()
  })

  test('ends with 4 where the index cannot be read', async () => {
    await writeBundle(stage.bundleFolder)
    await writeFile(join(stage.bundleFolder, 'index.json'), '{')
    const { stdout, stderr, exitCode } = await run(BundleList)
    expect(exitCode).toBe(4)
    expect(stdout).toBe('')
    expect(stderr).toContain('BUNDLE_INVALID')
  })
})

describe('play bundle verify', () => {
  async function damage(): Promise<void> {
    await writeBundle(stage.bundleFolder)
    await writeFile(join(stage.bundleFolder, 'tools', 'kind'), 'THE PROGRAM KIND')
    await rm(join(stage.bundleFolder, 'images', 'extra'))
  }

  test('says that every entry is whole', async () => {
    await writeBundle(stage.bundleFolder)
    const { stdout, stderr, exitCode } = await run(BundleVerify)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/kind +ok/)
    expect(stdout).toContain(`The bundle at ${stage.bundleFolder} is whole.`)
    expect(stderr).toContain('Verify the bundle')
  })

  test('shows the whole table on stdout, then what is damaged on stderr, and ends with 4', async () => {
    await damage()
    const { stdout, stderr, exitCode } = await run(BundleVerify)
    expect(exitCode).toBe(4)
    expect(stdout).toMatch(/kind +damaged/)
    expect(stdout).toMatch(/extra +missing/)
    expect(stdout).toMatch(/pulumi +ok/)
    expect(stdout).not.toContain('is whole')
    expect(stderr).toContain('is damaged: kind (damaged), extra (missing)')
    expect(stderr).toContain('play bundle pull')
  })

  test('gives machines the error and the rows in one document', async () => {
    await damage()
    const said = await run(BundleVerify, ['--json'])
    expect(said.exitCode).toBe(4)
    const { ok, error, result } = envelope<BundleVerification>(said)
    expect(ok).toBe(false)
    expect(error).toMatchObject({ id: 'BUNDLE_DAMAGED', exitCode: 4 })
    expect(error?.details).toHaveLength(2)
    expect(result.ok).toBe(false)
    expect(result.rows.map(({ name, status }) => [name, status])).toContainEqual(['extra', 'missing'])
  })

  test('with nothing to verify ends with 4 as its help says, and with how to get a bundle', async () => {
    const { stdout, stderr, exitCode } = await run(BundleVerify)
    expect(exitCode).toBe(4)
    expect(stdout).toBe('')
    expect(stderr).toContain('there is none')
    expect(stderr).toContain('make bundle')
    const { ok, error } = envelope(await run(BundleVerify, ['--json']))
    expect({ ok, id: error?.id }).toEqual({ ok: false, id: 'BUNDLE_INVALID' })
  })
})

describe('play bundle pull', () => {
  test('shows its progress on stderr and what it made on stdout', async () => {
    const { stdout, stderr, exitCode } = await run(BundlePull)
    expect(exitCode).toBe(0)
    expect(stderr).toContain('Pull the bundle')
    expect(stderr).toContain('Trying to pull quay.io/argoproj/argoexec:v4.0.7...')
    expect(stdout).toContain(stage.bundleFolder)
    expect(stdout).toMatch(/Images +inside/)
    expect(stdout).not.toMatch(/Pull the bundle|Trying to pull/)
  })

  test('gives machines one document and leaves images out where it is told to', async () => {
    const { ok, result } = envelope<BundleListing>(await run(BundlePull, ['--json', '--no-images']))
    expect(ok).toBe(true)
    expect(result).toMatchObject({ folder: stage.bundleFolder, hasImages: false, profile: 'core' })
    expect(images.pulled).toEqual([])
  })

  test('takes the Kubernetes version that was asked for', async () => {
    const said = await run(BundlePull, ['--json', '--kubernetes-version', '1.35.5'])
    expect(envelope<BundleListing>(said).result.kubernetesVersion).toBe('1.35.5')
  })

  test('ends with 2 for a Kubernetes version that is not to be had, naming those that are', async () => {
    const { stderr, exitCode } = await run(BundlePull, ['--kubernetes-version', '1.2.3'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('1.34.8')
    expect(stage.downloader.asked).toEqual([])
  })

  test('ends with 8 where a file cannot be had, and leaves no half of a bundle', async () => {
    stage.downloader.internet.delete(stage.pins.manifests['argo-cd']?.files[0]?.url ?? '')
    const { stdout, stderr, exitCode } = await run(BundlePull)
    expect(exitCode).toBe(8)
    expect(stdout).toBe('')
    expect(stderr).toContain('DOWNLOAD_FAILED')
    expect(envelope<Listed>(await run(BundleList, ['--json'])).result.bundle).toBeNull()
  })

  test('that was interrupted ends with 130, names what resumes, and a second one fetches only the rest', async () => {
    const first = await run(BundlePull, [], {
      interrupt: { after: 'bundle.pull', during: true, signal: 'SIGINT' },
    })
    expect(first.exitCode).toBe(130)
    expect(first.stdout).toBe('')
    expect(first.stderr).toContain('play bundle pull')
    const fetched = [...stage.downloader.asked]
    expect(fetched).not.toEqual([])
    stage.downloader.asked.length = 0
    const second = await run(BundlePull)
    expect(second.exitCode).toBe(0)
    expect(stage.downloader.asked.filter((url) => fetched.includes(url))).toEqual([])
    expect((await run(BundleVerify)).exitCode).toBe(0)
  })

  test('is refused with --offline, before an engine is looked for', async () => {
    const noEngine = PlayError.of('ENGINE_MISSING', { looked: ['docker', 'podman'] })
    const imageEngine = (): Promise<never> => Promise.reject(noEngine)
    const { stdout, stderr, exitCode } = await run(BundlePull, ['--offline'], { app: { imageEngine } })
    expect(exitCode).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('cannot be pulled with --offline')
    expect(stage.downloader.asked).toEqual([])
  })

  test('without an engine ends with 3', async () => {
    const noEngine = PlayError.of('ENGINE_MISSING', { looked: ['docker', 'podman'] })
    const imageEngine = (): Promise<never> => Promise.reject(noEngine)
    expect((await run(BundlePull, [], { app: { imageEngine } })).exitCode).toBe(3)
  })
})

test.each([
  ['list', BundleList],
  ['verify', BundleVerify],
  ['pull', BundlePull],
])('play bundle %s ends with 2 for a flag that it does not have', async (_verb, command) => {
  const { stdout, stderr, exitCode } = await run(command, ['--offlin'])
  expect(exitCode).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain('Did you mean --offline?')
})
