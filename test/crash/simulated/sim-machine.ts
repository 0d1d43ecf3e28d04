/** The simulated machine: what is there whatever process of play dies. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeCluster } from '../../fakes/fake-cluster.ts'
import { playPlatform } from '../../fakes/fake-platform.ts'
import { playHello } from '../../fakes/fake-hello.ts'
import type { KindWork } from './kind-work.ts'
import { SimClock } from './sim-clock.ts'
import { SimEngine, type SimContainer } from './sim-engine.ts'
import { realFiles } from './file-points.ts'

/** An entry of the process table. */
export interface SimProcess {
  readonly pid: number
  readonly startTime: string
  readonly startedAt: number
  readonly command: string
  readonly folder: string
  /** Ends in order, as after one SIGINT. */
  readonly interrupt: () => void
  /** SIGKILL. */
  readonly kill: () => void
}

/** What a person had in the kubeconfig before play came. */
export const formerKubeconfig = `apiVersion: v1
kind: Config
current-context: work
# mine
clusters:
- name: work
  cluster:
    server: https://work.example:6443
contexts:
- name: work
  context: {cluster: work, user: work}
users:
- name: work
  user:
    token: abc
`

/** Everything that outlives a process. Everything in it may be looked at and changed. */
export class SimMachine {
  readonly clock = new SimClock()
  readonly engine: SimEngine
  /** The API servers whose kubeadm has ended, by the id of the container that they run in. */
  private readonly apis = new Map<string, FakeCluster>()
  /** By pid. */
  readonly processes = new Map<number, SimProcess>()
  /** What only a record that was taken away could have told to be play's: no leftover. */
  unprovable: string | undefined
  /** Creations and destructions under way. */
  readonly stacks = new Set<KindWork>()
  /** Real folder of everything that is in files. */
  readonly root: string
  readonly stateDir: string
  readonly home: string
  private count = 0

  constructor(engine: 'docker' | 'podman' = 'podman', kubeconfig = formerKubeconfig) {
    this.engine = new SimEngine(engine)
    this.engine.images.add('kindest/node:v1.34.10')
    this.engine.archives.set('/bundle/node-1.34.10.tar', 'kindest/node:v1.34.10')
    const shared = '/dev/shm'
    const place = realFiles.existsSync(shared) ? shared : tmpdir()
    this.root = realFiles.mkdtempSync(join(place, 'play-crash-'))
    this.stateDir = join(this.root, 'state')
    this.home = join(this.root, 'home')
    realFiles.mkdirSync(join(this.home, '.kube'), { recursive: true, mode: 0o700 })
    realFiles.writeFileSync(this.kubeconfig, kubeconfig, { mode: 0o600 })
  }

  /** Path of the person's kubeconfig. */
  get kubeconfig(): string {
    return join(this.home, '.kube', 'config')
  }

  /** A number that nothing else on this machine has. */
  next(): number {
    this.count += 1
    return this.count
  }

  /** Starts a process; answers how it ends by itself. */
  start(process: Pick<SimProcess, 'command' | 'folder' | 'interrupt' | 'kill'>): () => void {
    const number = this.next()
    const pid = 4_200_000 + number
    const startTime = `sim-${String(number)}`
    this.processes.set(pid, { ...process, pid, startTime, startedAt: this.clock.now() })
    return () => {
      this.processes.delete(pid)
    }
  }

  /** kubeadm has ended: the API answers, and no node is ready. */
  boot(cluster: string): FakeCluster {
    const api = new FakeCluster()
    playPlatform(api, { rollsOut: () => true })
    const node = this.controlPlane(cluster)
    if (node !== undefined) this.apis.set(node.id, api)
    return api
  }

  /** The API of the cluster of that name. */
  api(cluster: string): FakeCluster | undefined {
    return this.apis.get(this.controlPlane(cluster)?.id ?? '')
  }

  /** A node tells the API how it is. */
  tellNode(cluster: string, name: string, ready: boolean): void {
    const role = name.endsWith('-control-plane') ? { 'node-role.kubernetes.io/control-plane': '' } : {}
    const taints =
      ready || !name.endsWith('-control-plane') ? [] : [{ key: 'node-role.kubernetes.io/control-plane' }]
    this.api(cluster)?.put({
      ...{ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: role }, spec: { taints } },
      status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    })
  }

  /** Lets the workflow controller of a cluster play `demo hello`. */
  playHello(cluster: string): void {
    const api = this.api(cluster)
    if (api === undefined) return
    const name = 'workflows.argoproj.io'
    const own = api.object({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name })
    playHello(api)
    // That brings a definition of nobody's.
    if (own !== undefined) api.put(own)
  }

  /** The API behind a port of this machine; a stopped or removed node answers nothing. */
  listener(port: number): FakeCluster | undefined {
    const node = [...this.engine.containers.values()].find(
      ({ state, ports }) => state === 'running' && ports.some(({ host }) => host === port),
    )
    return this.apis.get(node?.id ?? '')
  }

  /** Words on what keeps the cluster from being whole; undefined for one that is. */
  brokenness(cluster: string, nodes: number): string | undefined {
    const containers = this.engine.nodesOf(cluster)
    if (containers.length !== nodes) return `${String(containers.length)} of ${String(nodes)} containers`
    if (containers.some(({ state }) => state !== 'running')) return 'a node does not run'
    const told = this.api(cluster)?.objects({ apiVersion: 'v1', kind: 'Node' }) ?? []
    const ready = told.filter((node) => JSON.stringify(node['status']).includes('"True"'))
    return ready.length === nodes ? undefined : `${String(ready.length)} of ${String(nodes)} nodes are ready`
  }

  private controlPlane(cluster: string): SimContainer | undefined {
    return this.engine.nodesOf(cluster).find(({ name }) => name.endsWith('-control-plane'))
  }

  /** Takes the machine away. */
  close(): void {
    realFiles.rmSync(this.root, { recursive: true, force: true })
  }
}
