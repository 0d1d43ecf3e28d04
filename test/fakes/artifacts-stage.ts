/** Everything that createArtifacts takes, with made-up files behind the real addresses, in a folder of its own. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createArtifacts, type ArtifactsOptions, type OpenArtifacts } from '../../src/artifacts/artifacts.ts'
import type { Pins } from '../../src/artifacts/pins.ts'
import { MemoryDownloader } from './memory-downloader.ts'
import { pinnedWorld } from './pinned-world.ts'
import { VersionRunner } from './version-runner.ts'

/** One test's machine: linux/amd64, online, with an empty cache and an empty PATH. */
export class ArtifactsStage {
  readonly home: string
  readonly cacheDir: string
  /** Where a bundle is looked for. */
  readonly bundleFolder: string
  readonly pins: Pins
  readonly downloader = new MemoryDownloader()
  readonly processes = new VersionRunner()

  private constructor(home: string) {
    this.home = home
    this.cacheDir = join(home, 'cache')
    this.bundleFolder = join(this.cacheDir, 'bundles', 'core')
    const { pins, internet } = pinnedWorld()
    this.pins = pins
    for (const [url, content] of internet) this.downloader.internet.set(url, content)
  }

  static async make(): Promise<ArtifactsStage> {
    return new ArtifactsStage(await mkdtemp(join(tmpdir(), 'play-artifacts-')))
  }

  remove(): Promise<void> {
    return rm(this.home, { recursive: true })
  }

  open(options: Partial<ArtifactsOptions> = {}): Promise<OpenArtifacts> {
    const { cacheDir, pins, downloader, processes } = this
    const machine = { os: 'linux', arch: 'x64', offline: false, now: () => Date.UTC(2026, 0, 1) }
    const nothing = { overrides: {}, searchPath: [] }
    return createArtifacts({ cacheDir, pins, processes, downloader, ...machine, ...nothing, ...options })
  }

  /** Puts a program on the disk that prints `output` when it is asked for its version. */
  async program(folder: string, name: string, output: string): Promise<string> {
    const path = join(this.home, folder, name)
    await mkdir(join(this.home, folder), { recursive: true })
    await writeFile(path, '')
    await chmod(path, 0o755)
    this.processes.prints.set(path, output)
    return path
  }
}
