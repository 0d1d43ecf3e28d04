/** A whole world in memory: every port, wired together so that what one does the others see. */
import { fileURLToPath } from 'node:url'
import { createPackageAssets } from '../../src/adapters/package-assets.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type { EngineContainer, Ports } from '../../src/domain/ports.ts'
import type { PlaygroundState } from '../../src/domain/playground.ts'
import type { ExternalRegistry, RegistryCredentials } from '../../src/domain/registry-slot.ts'
import type { RunEvent } from '../../src/engine/events.ts'
import type { Session } from '../../src/workflows/session.ts'
import { FakeArtifacts } from './fake-artifacts.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeCluster } from './fake-cluster.ts'
import { FakeConnection } from './fake-connection.ts'
import { FakeEngine, type FakeContainer } from './fake-engine.ts'
import { FakeGitRemotes } from './fake-git-remotes.ts'
import { FakeKubeconfigs } from './fake-kubeconfigs.ts'
import { playPlatform } from './fake-platform.ts'
import { FakeProcessTable } from './fake-process-table.ts'
import { FakeStack } from './fake-stack.ts'
import { FakeStateStore } from './fake-state-store.ts'
import { letTimePass } from './let-time-pass.ts'

const clusterLabel = 'io.x-k8s.kind.cluster'

/** What kubeadm leaves in a control plane, as far as play looks at it. */
const adminConf = 'server: https://172.18.0.2:6443\nclient-key-data: c2VjcmV0\n'

/** The package's folder: assets/ is there. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url))

/** An engine that starts an API server with each control plane and remembers every change. */
class WorldEngine extends FakeEngine {
  /** The API server of each kind cluster by name; the last one made. */
  readonly clusters = new Map<string, FakeCluster>()
  /** Every change, such as `removeContainer id-of-play-dev-control-plane`. */
  readonly changes: string[] = []
  /** Changes that are told as done and are not. */
  readonly ignored = new Set<'removeContainer' | 'removeVolume' | 'removeNetwork'>()
  /** Whether workloads become ready by themselves. */
  rollsOut = true

  override addNode(cluster: string, options: Partial<FakeContainer> = {}): FakeContainer {
    const node = super.addNode(cluster, options)
    if (node.name.endsWith('-control-plane')) this.clusters.set(cluster, this.boot())
    this.clusters.get(cluster)?.put({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: node.name, labels: { 'node-role.kubernetes.io/control-plane': '' } },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    })
    return node
  }

  override async startContainer(id: string, signal: AbortSignal): Promise<void> {
    this.changes.push(`startContainer ${id}`)
    await super.startContainer(id, signal)
  }

  override async removeContainer(id: string, signal: AbortSignal): Promise<void> {
    this.changes.push(`removeContainer ${id}`)
    if (!this.ignored.has('removeContainer')) await super.removeContainer(id, signal)
  }

  override async removeVolume(name: string, signal: AbortSignal): Promise<void> {
    this.changes.push(`removeVolume ${name}`)
    if (!this.ignored.has('removeVolume')) await super.removeVolume(name, signal)
  }

  override async removeNetwork(name: string, signal: AbortSignal): Promise<boolean> {
    this.changes.push(`removeNetwork ${name}`)
    return this.ignored.has('removeNetwork') ? false : super.removeNetwork(name, signal)
  }

  override async loadImage(path: string, signal: AbortSignal): Promise<void> {
    this.changes.push(`loadImage ${path}`)
    await super.loadImage(path, signal)
  }

  private boot(): FakeCluster {
    const cluster = new FakeCluster()
    playPlatform(cluster, { rollsOut: () => this.rollsOut })
    return cluster
  }
}

/** A store whose folders hold the playground's kubeconfig and stack too, so that they go with it. */
class WorldStates extends FakeStateStore {
  onRemove: (name: string) => void = () => undefined

  override async remove(name: string): Promise<void> {
    await super.remove(name)
    this.onRemove(name)
  }
}

/** One test's world. Everything in it may be looked at and changed. */
export class FakeWorld {
  readonly clock = new FakeClock()
  readonly engine = new WorldEngine('podman')
  readonly states = new WorldStates()
  readonly artifacts = new FakeArtifacts()
  readonly kubeconfigs = new FakeKubeconfigs()
  readonly gitRemotes = new FakeGitRemotes()
  readonly processTable = new FakeProcessTable()
  readonly stacks = new Map<string, FakeStack>()
  /** What is read from a file with a registry's credentials; may throw. */
  registryCredentials = ({ url }: ExternalRegistry): RegistryCredentials => ({
    dockerConfig: JSON.stringify({ auths: { [new URL(url).host]: { auth: 'bWU6aHVudGVyMg==' } } }),
    isReadByOthers: false,
  })
  /** What an HTTP server on this machine answers, such as one behind a forward. */
  answer: (port: number, path: string) => { readonly status: number; readonly body: string } = () => ({
    status: 404,
    body: '',
  })
  /** What finding an engine throws. */
  engineError: Error | undefined
  /** Whether the person says, as with PLAY_ENGINE, that it is this one and no other. */
  engineIsPreferred = false
  /** What finding the programs of a stack throws. */
  stackError: Error | undefined
  /** Events of all sessions, in order. */
  readonly events: RunEvent[] = []
  readonly ports: Ports
  private ids = 0

  constructor() {
    for (const version of this.artifacts.kubernetesVersions)
      this.engine.archives.set(`/bundle/node-${version}.tar`, `kindest/node:v${version}`)
    this.states.onRemove = (name) => {
      this.stacks.delete(name)
      this.kubeconfigs.own.delete(`${this.states.folder(name)}/kubeconfig`)
    }
    this.ports = this.wire()
  }

  /** The stack of a playground, made when it is not there. */
  stack(name: string): FakeStack {
    const stack = this.stacks.get(name) ?? new FakeStack(this.engine, adminConf)
    this.stacks.set(name, stack)
    return stack
  }

  /** The API server behind the playground `name`. */
  cluster(name: string): FakeCluster {
    const cluster = this.engine.clusters.get(`play-${name}`)
    if (cluster === undefined) throw new Error(`there is no cluster play-${name}`)
    return cluster
  }

  /** A session that keeps its events in this world. */
  session(options: Partial<Session> = {}): Session {
    this.ids += 1
    return {
      sink: (event) => this.events.push(event),
      signal: new AbortController().signal,
      clock: this.clock,
      run: `run-${String(this.ids)}`,
      command: 'play test',
      dryRun: false,
      ...options,
    }
  }

  /** Lets time pass until `work` has ended. */
  run<T>(work: Promise<T>): Promise<T> {
    return letTimePass(this.clock, work)
  }

  /** Everything outside of play that a run could have changed, for a comparison. */
  snapshot(): unknown {
    const { containers, volumes, networks, images } = this.engine
    return structuredClone({
      containers: [...containers.values()],
      volumes: [...volumes],
      networks: [...networks],
      images: [...images],
      // When a state was last written is no change of anything.
      states: [...this.states.states.values()].map((state) => ({ ...state, updatedAt: '' })),
      files: [...this.states.files],
      own: [...this.kubeconfigs.own],
      contexts: [...this.kubeconfigs.contexts],
      current: this.kubeconfigs.current,
    })
  }

  /** Events of one type, in order. */
  eventsOf<Type extends RunEvent['type']>(type: Type): Extract<RunEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type)
  }

  /** Puts a playground there as `up` leaves it, without running anything. */
  async makePlayground(name: string, changes: Partial<PlaygroundState> = {}): Promise<PlaygroundState> {
    const now = new Date(this.clock.now()).toISOString()
    const id = this.ports.newId()
    const folder = this.states.folder(name)
    const context = `play-${name}`
    const formerContext = this.kubeconfigs.current
    const marker = await this.states.writePrivate(name, `owner-${id}`, `${name}\n`)
    this.engine.networks.add('kind')
    this.engine.addNode(context, {
      network: 'kind',
      files: { '/etc/kubernetes/admin.conf': adminConf },
      mounts: [
        { source: `/var/lib/fake/volume-of-${context}`, destination: '/var', volume: `volume-of-${context}` },
        { source: marker, destination: '/kind/play-owner' },
      ],
    })
    const server = 'https://127.0.0.1:36443'
    await this.kubeconfigs.writeOwn({ text: adminConf, path: `${folder}/kubeconfig`, context, server })
    await this.kubeconfigs.merge(`${folder}/kubeconfig`)
    const state: PlaygroundState = {
      schemaVersion: 1,
      id,
      spec: { name, source: 'kind', kubernetesVersion: '1.34.10', nodes: 1, components: [] },
      phase: 'ready',
      createdAt: now,
      updatedAt: now,
      cluster: context,
      engine: this.engine.name,
      engineIdentity: this.engine.id,
      mergedContext: { path: this.kubeconfigs.path, context, formerContext },
      networkExistedBefore: false,
      ...changes,
    }
    await this.states.write(state)
    this.stack(name).state = [
      {
        name: context,
        nodes: 1,
        kubernetesVersion: '1.34.10',
        image: 'kindest/node:v1.34.10',
        portMappings: [],
        mounts: [{ hostPath: marker, containerPath: '/kind/play-owner', readOnly: true }],
        containerdConfigPatches: [],
      },
    ]
    return state
  }

  private wire(): Ports {
    const { clock, engine, states, artifacts, kubeconfigs } = this
    return {
      clock,
      loopback: {
        accepts: (port) => Promise.resolve(this.listener(port) !== undefined),
        isFree: (port) => Promise.resolve(this.listener(port) === undefined),
        get: (port, path) => Promise.resolve(this.answer(port, path)),
      },
      states: () => Promise.resolve(states),
      artifacts: () => Promise.resolve(artifacts),
      clusters: () =>
        Promise.resolve({
          open: ({ server }) => Promise.resolve(new FakeConnection(server, () => this.behind(server))),
        }),
      kubeconfigs: () => Promise.resolve(kubeconfigs),
      engine: (_signal, only) => {
        if (this.engineError !== undefined) return Promise.reject(this.engineError)
        const answers = only === undefined || only === engine.name || this.engineIsPreferred
        return answers
          ? Promise.resolve(engine)
          : Promise.reject(PlayError.of('ENGINE_DOWN', { engine: only }))
      },
      stack: async (name) => {
        if (this.stackError !== undefined) throw this.stackError
        await Promise.all([artifacts.tool('pulumi'), artifacts.tool('kind')])
        return this.stack(name)
      },
      processTable: () => Promise.resolve(this.processTable),
      gitRemotes: () => Promise.resolve(this.gitRemotes),
      registryCredentials: (registry) =>
        Promise.resolve(registry.credentials === undefined ? undefined : this.registryCredentials(registry)),
      assets: createPackageAssets(packageRoot),
      newId: () => {
        this.ids += 1
        return String(this.ids).padStart(26, '0')
      },
    }
  }

  private listener(port: number): EngineContainer | undefined {
    return [...this.engine.containers.values()].find(
      ({ state, ports }) => state === 'running' && ports.some(({ host }) => host === port),
    )
  }

  private behind(server: string): FakeCluster | undefined {
    const name = this.listener(Number(new URL(server).port))?.labels[clusterLabel]
    return name === undefined ? undefined : this.engine.clusters.get(name)
  }
}
