/** The provider with a scripted kind, for each test of a file. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import type { ProcessOptions, ProcessResult, ProcessRunner } from '../../src/domain/ports.ts'
import { PlayProvider } from '../../src/pulumi/provider/provider.ts'
import type { KindTool } from '../../src/pulumi/provider/kind-cluster.ts'
import type { KindClusterInputs } from '../../src/pulumi/provider/resources.ts'
import { FakeProcess } from './fake-process.ts'

/** The cluster's name in the engine's words. */
export const urn = 'urn:pulumi:dev::play::play:index:KindCluster::cluster'
/** What the engine is asked to make. */
export const inputs: KindClusterInputs = {
  name: 'play-dev',
  nodes: 1,
  kubernetesVersion: '1.34.10',
  image: 'kindest/node:v1.34.10',
  portMappings: [],
  mounts: [{ hostPath: '/state/dev/owner-1', containerPath: '/kind/play-owner', readOnly: true }],
  containerdConfigPatches: [],
}

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

const create = [
  '/bundle/kind',
  'create',
  'cluster',
  '--name',
  'play-dev',
  '--config',
  '-',
  '--kubeconfig',
  'KUBECONFIG',
  '--retain',
]
const remove = ['/bundle/kind', 'delete', 'cluster', '--name', 'play-dev', '--kubeconfig', 'KUBECONFIG']
const list = ['/bundle/kind', 'get', 'clusters']
const kubelet = [
  'podman',
  'exec',
  'play-dev-control-plane',
  'journalctl',
  '--unit',
  'kubelet',
  '--no-pager',
  '--output',
  'cat',
]

/** The command lines that the provider runs. */
export const commands = { create, remove, list, kubelet }
