/** Where images and manifests come from, with and without a bundle. */
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ArtifactsStage } from '../../fakes/artifacts-stage.ts'
import { coreFiles, writeBundle } from '../../fakes/bundle-folder.ts'
import { RecordingReporter } from '../../fakes/recording-reporter.ts'

const signal = new AbortController().signal

let stage: ArtifactsStage
beforeEach(async () => {
  stage = await ArtifactsStage.make()
})
afterEach(() => stage.remove())

describe('the node image', () => {
  test('of a bundle is its archive, with what is inside, and it is the only version', async () => {
    await writeBundle(stage.bundleFolder)
    const artifacts = await stage.open()
    expect(artifacts.bundled).toBe(true)
    expect([artifacts.defaultKubernetesVersion, artifacts.kubernetesVersions]).toEqual([
      '1.34.10',
      ['1.34.10'],
    ])
    expect(await artifacts.nodeImage('v1.34.10', signal)).toEqual({
      reference: 'kindest/node:v1.34.10',
      kubernetesVersion: '1.34.10',
      archive: join(stage.bundleFolder, 'node-images', 'node'),
      contains: ['quay.io/argoproj/argocd:v3.5.1'],
    })
    await expect(artifacts.nodeImage('1.36.1', signal)).rejects.toMatchObject({
      id: 'USAGE_KUBERNETES_VERSION',
      suggestions: ['Available: 1.34.10', 'play bundle list'],
    })
  })

  test.each(['1.36.1', '1.35.5', '1.34.8', '1.33.12'])(
    'online of %s is named by its digest',
    async (version) => {
      const artifacts = await stage.open()
      const image = await artifacts.nodeImage(version, signal)
      expect(image).toMatchObject({ kubernetesVersion: version, contains: [] })
      expect(image.reference).toMatch(new RegExp(`^kindest/node:v${version}@sha256:`))
      expect(image.archive).toBeUndefined()
      expect(artifacts.bundled).toBe(false)
    },
  )

  test('online can be asked for by its minor version, and the default is among them', async () => {
    const artifacts = await stage.open()
    expect((await artifacts.nodeImage('1.35', signal)).kubernetesVersion).toBe('1.35.5')
    const byDefault = await artifacts.nodeImage(artifacts.defaultKubernetesVersion, signal)
    expect(byDefault.kubernetesVersion).toBe('1.34.8')
  })

  test.each(['1.30.0', '1', '1.3', 'latest', ''])('"%s" is refused with what there is', async (version) => {
    const refused = (await stage.open()).nodeImage(version, signal)
    await expect(refused).rejects.toMatchObject({ id: 'USAGE_KUBERNETES_VERSION', exitCode: 2 })
  })

  test('is left to the engine by a bundle without one', async () => {
    await writeBundle(stage.bundleFolder, coreFiles.slice(0, 2))
    const artifacts = await stage.open()
    expect(artifacts.bundled).toBe(false)
    expect((await artifacts.nodeImage('1.34.8', signal)).archive).toBeUndefined()
  })
})

test('a component image is an archive, or inside the node, or pulled by the nodes', async () => {
  await writeBundle(stage.bundleFolder)
  const artifacts = await stage.open()
  expect(await artifacts.image('example.org/extra:1', signal)).toBe(
    join(stage.bundleFolder, 'images', 'extra'),
  )
  expect(await artifacts.image('quay.io/argoproj/argocd:v3.5.1', signal)).toBeUndefined()
  expect(await artifacts.image('quay.io/other:1', signal)).toBeUndefined()
})

describe('a manifest', () => {
  test('comes from the bundle', async () => {
    await writeBundle(stage.bundleFolder)
    const objects = await (await stage.open()).manifest('argo-cd', signal)
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(['bundled'])
    expect(stage.downloader.asked).toEqual([])
  })

  test.each([
    [
      'of another content of the same size',
      (text: string) => text.replace('bundled', 'BUNDLED'),
      'wrong content',
    ],
    ['that is cut off', (text: string) => text.slice(0, 20), '20 of 70 bytes'],
  ])('of a bundle %s is damage', async (_what, damage, words) => {
    await writeBundle(stage.bundleFolder)
    const path = join(stage.bundleFolder, 'manifests', 'argo-cd')
    await writeFile(path, damage(await readFile(path, 'utf8')))
    const asked = (await stage.open()).manifest('argo-cd', signal)
    await expect(asked).rejects.toMatchObject({ id: 'BUNDLE_DAMAGED' })
    await expect(asked).rejects.toThrow(words)
  })

  test('of many files is all their objects in the order of the pins', async () => {
    const report = new RecordingReporter()
    const objects = await (await stage.open()).manifest('argo-workflows', signal, report)
    const names = stage.pins.manifests['argo-workflows']?.files.flatMap(({ url }) => {
      const name = url.split('/').at(-1)?.replace('.yaml', '') ?? ''
      return [name, `${name}-2`]
    })
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(names)
    expect(report.progressed.at(-1)).toEqual({
      text: 'manifest of argo-workflows v4.0.7: 17 of 17 files',
      fraction: 1,
    })
  })

  test('is parsed once: the second time comes from the cache, offline too', async () => {
    const first = await (await stage.open()).manifest('argo-cd', signal)
    const asked = stage.downloader.asked.length
    const again = await (await stage.open({ offline: true })).manifest('argo-cd', signal)
    expect(again).toEqual(first)
    expect(stage.downloader.asked).toHaveLength(asked)
  })

  test('whose parsed copy was damaged is made again', async () => {
    const first = await (await stage.open()).manifest('argo-cd', signal)
    const blobs = join(stage.cacheDir, 'blobs', 'sha256')
    for (const name of await readdir(blobs)) {
      const text = await readFile(join(blobs, name), 'utf8')
      if (text.startsWith('[')) await writeFile(join(blobs, name), '[]')
    }
    expect(await (await stage.open({ offline: true })).manifest('argo-cd', signal)).toEqual(first)
  })

  test('with other content than its pin is refused', async () => {
    stage.downloader.internet.set(
      stage.pins.manifests['argo-cd']?.files[0]?.url ?? '',
      Buffer.from('kind: Evil'),
    )
    await expect((await stage.open()).manifest('argo-cd', signal)).rejects.toMatchObject({
      id: 'CHECKSUM_MISMATCH',
    })
  })
})
