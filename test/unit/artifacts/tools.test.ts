/** Where tools come from: the order of places, and what is said when none has them. */
import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ArtifactsStage } from '../../fakes/artifacts-stage.ts'
import { writeBundle } from '../../fakes/bundle-folder.ts'
import { programOf } from '../../fakes/pinned-world.ts'
import { RecordingReporter } from '../../fakes/recording-reporter.ts'

const signal = new AbortController().signal

let stage: ArtifactsStage
beforeEach(async () => {
  stage = await ArtifactsStage.make()
})
afterEach(() => stage.remove())

describe('a tool', () => {
  test('that a person names is used, if its version fits', async () => {
    await writeBundle(stage.bundleFolder)
    const path = await stage.program('mine', 'kind', 'kind v0.32.1 go1.26 linux/amd64')
    const artifacts = await stage.open({ overrides: { kind: path } })
    expect(await artifacts.tool('kind', signal)).toEqual({ path, version: '0.32.1', origin: 'override' })
  })

  test('that a person names and that does not fit is refused, though others would do', async () => {
    await writeBundle(stage.bundleFolder)
    const old = await stage.program('mine', 'kind', 'kind v0.20.0')
    const refused = (await stage.open({ overrides: { kind: old } })).tool('kind', signal)
    await expect(refused).rejects.toThrow('is version 0.20.0; play needs 0.32.0 or newer, before 0.33.0')
    const nowhere = (await stage.open({ overrides: { kind: join(stage.home, 'nowhere') } })).tool(
      'kind',
      signal,
    )
    await expect(nowhere).rejects.toMatchObject({
      id: 'TOOL_MISSING',
      suggestions: [expect.stringContaining('PLAY_KIND names')],
    })
  })

  test('comes from the bundle before anything else, and nothing is started to find that out', async () => {
    await writeBundle(stage.bundleFolder)
    const artifacts = await stage.open({ searchPath: [join(stage.home, 'bin')] })
    await stage.program('bin', 'kind', 'kind v0.32.0')
    const found = await artifacts.tool('kind', signal)
    expect(found).toEqual({
      path: join(stage.bundleFolder, 'tools', 'kind'),
      version: '0.32.0',
      origin: 'bundle',
    })
    expect(stage.processes.ran).toEqual([])
  })

  test('of a bundle that another version of play made is refused if it does not fit', async () => {
    await writeBundle(stage.bundleFolder, [
      { name: 'kind', kind: 'tool', version: 'v0.19.0', content: 'old' },
    ])
    await expect((await stage.open()).tool('kind', signal)).rejects.toMatchObject({
      id: 'TOOL_VERSION',
      exitCode: 3,
    })
  })

  test('is taken from PATH rather than downloaded', async () => {
    const path = await stage.program('bin', 'pulumi', 'v3.230.0')
    const artifacts = await stage.open({ searchPath: [join(stage.home, 'empty'), join(stage.home, 'bin')] })
    expect(await artifacts.tool('pulumi', signal)).toEqual({ path, version: '3.230.0', origin: 'path' })
    expect(stage.downloader.asked).toEqual([])
  })

  test('on PATH that does not fit is passed over in favour of the pinned one', async () => {
    await stage.program('bin', 'kind', 'kind v0.33.0')
    const found = await (await stage.open({ searchPath: [join(stage.home, 'bin')] })).tool('kind', signal)
    expect(found.origin).toBe('download')
  })

  test('on PATH that cannot be run is passed over', async () => {
    const path = await stage.program('bin', 'kind', '')
    stage.processes.prints.delete(path)
    expect(
      (await (await stage.open({ searchPath: [join(stage.home, 'bin')] })).tool('kind', signal)).origin,
    ).toBe('download')
  })

  test('is downloaded once, can be run, and comes from the cache from then on, offline too', async () => {
    const url = stage.pins.tools.kind.downloads['linux/amd64']?.url ?? ''
    const found = await (await stage.open()).tool('kind', signal)
    expect(found).toMatchObject({ version: '0.32.0', origin: 'download' })
    expect(await readFile(found.path, 'utf8')).toBe(programOf(url))
    const again = await (await stage.open({ offline: true })).tool('kind', signal)
    expect(again).toEqual({ ...found, origin: 'cache' })
    expect(stage.downloader.asked).toEqual([url])
  })

  test('inside an archive is taken out of it, and the archive is not kept', async () => {
    const url = stage.pins.tools.pulumi.downloads['linux/amd64']?.url ?? ''
    const found = await (await stage.open()).tool('pulumi', signal)
    expect(await readFile(found.path, 'utf8')).toBe(programOf(url))
    expect(await readdir(join(stage.cacheDir, 'blobs', 'sha256'))).toHaveLength(1)
    expect(await (await stage.open({ offline: true })).tool('pulumi', signal)).toEqual({
      ...found,
      origin: 'cache',
    })
  })

  test('whose first server is down comes from the mirror', async () => {
    const download = stage.pins.tools.kind.downloads['linux/amd64']
    const mirror = download?.mirrors?.[0] ?? ''
    stage.downloader.internet.set(
      mirror,
      stage.downloader.internet.get(download?.url ?? '') ?? Buffer.alloc(0),
    )
    stage.downloader.internet.delete(download?.url ?? '')
    expect((await (await stage.open()).tool('kind', signal)).origin).toBe('download')
    expect(stage.downloader.asked).toEqual([download?.url, mirror])
  })

  test('with other content than its pin is refused, and no mirror is asked to agree', async () => {
    stage.downloader.internet.set(
      stage.pins.tools.kind.downloads['linux/amd64']?.url ?? '',
      Buffer.from('evil'),
    )
    await expect((await stage.open()).tool('kind', signal)).rejects.toMatchObject({ id: 'CHECKSUM_MISMATCH' })
    expect(stage.downloader.asked).toHaveLength(1)
  })

  test('that nobody has is a failed download with the address', async () => {
    stage.downloader.internet.clear()
    await expect((await stage.open()).tool('kind', signal)).rejects.toThrow(
      'https://kind.sigs.k8s.io/dl/v0.32.0',
    )
  })

  test('for a machine without stage.pins must be there already', async () => {
    const artifacts = await stage.open({ os: 'freebsd', arch: 'x64' })
    await expect(artifacts.tool('kind', signal)).rejects.toMatchObject({ id: 'TOOL_MISSING', exitCode: 3 })
  })
})

describe('a tool whose sum play does not ship', () => {
  const mac = { os: 'darwin', arch: 'arm64' }
  const download = () => stage.pins.tools.kubectl.downloads['darwin/arm64']

  test("is checked against its vendor's sum, which is remembered and said", async () => {
    const report = new RecordingReporter()
    const found = await (await stage.open(mac)).tool('kubectl', signal, report)
    expect(await readFile(found.path, 'utf8')).toBe(programOf(download()?.url ?? ''))
    expect(stage.downloader.asked).toEqual([download()?.checksumUrl, download()?.url])
    expect(report.warned).toEqual([
      { id: 'CHECKSUM_UNPINNED', text: expect.stringContaining('kubectl.sha256') as string },
    ])
    expect((await (await stage.open({ ...mac, offline: true })).tool('kubectl', signal)).origin).toBe('cache')
  })

  test('is refused when the vendor later serves another one with another sum', async () => {
    await (await stage.open(mac)).tool('kubectl', signal)
    await rm(join(stage.cacheDir, 'blobs'), { recursive: true })
    stage.downloader.internet.set(download()?.url ?? '', Buffer.from('evil'))
    await expect((await stage.open(mac)).tool('kubectl', signal)).rejects.toMatchObject({
      id: 'CHECKSUM_MISMATCH',
    })
  })

  test("is refused when the vendor's document has no sum for it", async () => {
    stage.downloader.internet.set(download()?.checksumUrl ?? '', Buffer.from('<html>'))
    await expect((await stage.open(mac)).tool('kubectl', signal)).rejects.toThrow(
      'it has no sha256 of kubectl',
    )
  })
})

describe('offline', () => {
  test('without a bundle says where it looked, and how to get one', async () => {
    const artifacts = await stage.open({ offline: true })
    for (const asked of [artifacts.tool('kind', signal), artifacts.manifest('argo-cd', signal)])
      await expect(asked).rejects.toMatchObject({ id: 'OFFLINE_NO_BUNDLE', exitCode: 8 })
    await expect(artifacts.nodeImage('1.34.8', signal)).rejects.toThrow(stage.bundleFolder)
    expect(stage.downloader.asked).toEqual([])
  })

  test('what the bundle lacks is named', async () => {
    await writeBundle(stage.bundleFolder)
    const artifacts = await stage.open({ offline: true })
    await expect(artifacts.tool('kubectl', signal)).rejects.toMatchObject({ id: 'ARTIFACT_MISSING' })
    await expect(artifacts.manifest('argo-workflows', signal)).rejects.toThrow('argo-workflows v4.0.7')
    await expect(artifacts.image('quay.io/other:1', signal)).rejects.toThrow('quay.io/other:1')
  })

  test('a tool on PATH that does not fit is told, since nothing else can be had', async () => {
    const path = await stage.program('bin', 'kind', 'kind v0.33.0')
    const asked = (await stage.open({ offline: true, searchPath: [join(stage.home, 'bin')] })).tool(
      'kind',
      signal,
    )
    await expect(asked).rejects.toThrow(`kind at ${path} is version 0.33.0`)
  })
})
