/** The provider's six verbs as Pulumi calls them. */
import { isDeepStrictEqual } from 'node:util'
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  Provider,
  ReadResult,
} from '@pulumi/pulumi/provider/index.js'
import { createKindCluster, deleteKindCluster, kindClusterExists, type KindTool } from './kind-cluster.ts'
import { kindClusterType, type KindClusterInputs } from './resources.ts'

/** Where lines of progress go; connected to the engine's own log. */
export type EngineLog = (urn: string, line: string) => void

const replacing = ['name', 'image', 'nodes', 'mounts', 'portMappings', 'containerdConfigPatches'] as const

/** Serves `play:index:KindCluster`. Nothing changes in place: any difference that matters replaces the cluster. */
export class PlayProvider implements Provider {
  readonly version: string
  private readonly tool: KindTool
  private readonly log: EngineLog
  private readonly abort = new AbortController()

  constructor(version: string, tool: KindTool, log: EngineLog) {
    this.version = version
    this.tool = tool
    this.log = log
  }

  check(urn: string, _olds: unknown, news: Partial<KindClusterInputs>): Promise<CheckResult> {
    if (!urn.includes(kindClusterType)) {
      return Promise.resolve({ inputs: news, failures: [{ property: 'type', reason: 'not a type of play' }] })
    }
    const missing = (['name', 'image', 'nodes', 'kubernetesVersion'] as const).filter(
      (property) => news[property] === undefined,
    )
    return Promise.resolve({
      inputs: news,
      failures: missing.map((property) => ({ property, reason: 'is missing' })),
    })
  }

  diff(
    _id: string,
    _urn: string,
    olds: KindClusterInputs & { readonly incomplete?: boolean },
    news: KindClusterInputs,
  ): Promise<DiffResult> {
    // The engine gives the fields of an object in any order.
    const replaces = replacing.filter((key) => !isDeepStrictEqual(olds[key], news[key]))
    // Left by a creation that failed: it never gets ready, so it goes before another is made.
    if (olds.incomplete === true && replaces.length === 0) replaces.push('name')
    return Promise.resolve({
      changes: replaces.length > 0,
      replaces: [...replaces],
      deleteBeforeReplace: true,
    })
  }

  async create(urn: string, inputs: KindClusterInputs): Promise<CreateResult> {
    const onLine = (line: string): void => {
      if (line.trim() !== '') this.log(urn, line.trim())
    }
    const { endpoint } = await createKindCluster(this.tool, inputs, onLine, this.abort.signal)
    return { id: inputs.name, outs: { ...inputs, endpoint, context: inputs.name } }
  }

  async read(id: string, _urn: string, props: unknown): Promise<ReadResult> {
    return (await kindClusterExists(this.tool, id, this.abort.signal)) ? { id, props } : { id: '', props: {} }
  }

  update(): Promise<never> {
    return Promise.reject(new Error('a kind cluster is never changed in place'))
  }

  async delete(id: string): Promise<void> {
    await deleteKindCluster(this.tool, id, this.abort.signal)
  }

  /** The engine was interrupted: what runs is stopped and cleans up after itself. */
  cancel(): Promise<void> {
    this.abort.abort(new Error('interrupted'))
    return Promise.resolve()
  }
}
