/** The provider with a scripted kind, for each test of a file. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import type { ProcessOptions, ProcessResult, ProcessRunner } from '../../src/domain/ports.ts'
import { PlayProvider } from '../../src/pulumi/provider/provider.ts'
import type { KindTool } from '../../src/pulumi/provider/kind-cluster.ts'
import { FakeProcess } from './fake-process.ts'

/** The cluster's name in the engine's words. */
export const urn = 'urn:pulumi:dev::play::play:index:KindCluster::cluster'

/** Puts a placeholder where kind is given a path in a temporary folder, and leaves what kind leaves there. */
class KindRunner implements ProcessRunner {
  readonly fake = new FakeProcess()
  kubeconfig = 'server: https://127.0.0.1:36443\n'

  async run(file: string, args: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
    const at = args.indexOf('--kubeconfig') + 1
    const path = at > 0 ? args[at] : undefined
    const shown = args.map((each) => (each === path ? 'KUBECONFIG' : each))
    const result = await this.fake.run(file, shown, options)
    if (path !== undefined && args[0] === 'create' && result.exitCode === 0)
      await writeFile(path, this.kubeconfig)
    return result
  }
}

/** What a test has at hand; made anew for each. Nothing expected may be left over, nor any temporary file. */
export class ProviderStage {
  readonly runner = new KindRunner()
  /** Lines that reached the engine's log. */
  readonly lines: string[] = []
  readonly provider: PlayProvider
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    this.provider = this.make()
  }

  make(changed: Partial<KindTool> = {}): PlayProvider {
    const env = { KIND_EXPERIMENTAL_PROVIDER: 'podman' }
    const tool = {
      processes: this.runner,
      kind: '/bundle/kind',
      engine: 'podman',
      temporaryFolder: this.folder,
      env,
    }
    return new PlayProvider('0.1.0', { ...tool, ...changed }, (about, line) =>
      this.lines.push(`${about} ${line}`),
    )
  }

  async close(): Promise<void> {
    this.runner.fake.done()
    expect(await readdir(this.folder)).toEqual([])
    await rm(this.folder, { recursive: true })
  }
}

/** Makes a stage before each test. */
export function useProviderStage(): { readonly stage: ProviderStage } {
  const world = {} as { stage: ProviderStage }
  beforeEach(async () => {
    world.stage = new ProviderStage(await mkdtemp(join(tmpdir(), 'play-provider-')))
  })
  afterEach(() => world.stage.close())
  return world
}

/** The command lines that the provider runs. */
export const commands = {
  create: words('/bundle/kind create cluster --name play-dev --config - --kubeconfig KUBECONFIG --retain'),
  remove: words('/bundle/kind delete cluster --name play-dev --kubeconfig KUBECONFIG'),
  list: words('/bundle/kind get clusters'),
  kubelet: words('podman exec play-dev-control-plane journalctl --unit kubelet --no-pager --output cat'),
}

function words(line: string): string[] {
  return line.split(' ')
}
