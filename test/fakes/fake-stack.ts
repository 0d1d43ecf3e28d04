/** A Pulumi stack that makes its clusters in the fake engine; the program runs under Pulumi's own mocks. */
import { PlayError } from '../../src/domain/errors.ts'
import type { StackResource, StackRunner, StackRunOptions } from '../../src/domain/ports.ts'
import type { KindClusterInputs } from '../../src/pulumi/provider/resources.ts'
import type { FakeEngine } from './fake-engine.ts'
import { registeredCluster } from './registered-cluster.ts'

/** What a stack's verb met on its way; thrown by the verb that it is set for. */
export interface StackFaults {
  /** After the first node is made, as a cluster that never becomes ready. */
  up?: Error
  /** Before anything is removed. */
  destroy?: Error
  /** When the state is read. */
  resources?: Error
  /** `up` makes its first node and then goes on until it is interrupted. */
  hangs?: boolean
}

/** Does what the real engine does as far as play can see it: with a state that says so, nothing is made again unless refreshed. */
export class FakeStack implements StackRunner {
  faults: StackFaults = {}
  /** Verbs as they were called, such as `up refresh`. */
  readonly calls: string[] = []
  /** What the state on disk says was made; undefined without a stack. */
  state: readonly KindClusterInputs[] | undefined
  /** What the state says of a run that was killed. */
  unfinished = false
  private readonly engine: FakeEngine
  private readonly kubeconfig: string

  constructor(engine: FakeEngine, kubeconfig: string) {
    this.engine = engine
    this.kubeconfig = kubeconfig
  }

  load(): Promise<void> {
    return Promise.resolve()
  }

  async up(...[program, options]: Parameters<StackRunner['up']>): Promise<void> {
    const { signal, report, refresh } = options
    this.calls.push(refresh ? 'up refresh' : 'up')
    const inputs = await registeredCluster(program)
    signal.throwIfAborted()
    if (refresh) await this.forgetLost(signal)
    this.state ??= []
    if (this.state.some(({ name }) => name === inputs.name)) return
    report.progress('Preparing nodes')
    this.makeNodes(inputs, this.faults.up === undefined && this.faults.hangs !== true ? inputs.nodes : 1)
    if (this.faults.hangs === true) await interrupted(signal)
    if (this.faults.up !== undefined) throw this.faults.up
    this.state = [inputs]
    this.unfinished = false
  }

  async destroy({ signal }: StackRunOptions): Promise<void> {
    this.calls.push('destroy')
    if (this.faults.destroy !== undefined) throw this.faults.destroy
    for (const { name } of this.state ?? []) {
      for (const { id } of await this.engine.clusterContainers(name, signal))
        await this.engine.removeContainer(id, signal)
    }
    this.state = undefined
  }

  resources(): Promise<readonly StackResource[] | undefined> {
    if (this.faults.resources !== undefined) return Promise.reject(this.faults.resources)
    const type = 'play:index:KindCluster'
    return Promise.resolve(
      this.state?.map(({ name }) => ({ urn: `urn:pulumi:x::play::${type}::cluster`, type, id: name })),
    )
  }

  leftUnfinished(): Promise<boolean> {
    return Promise.resolve(this.unfinished)
  }

  private async forgetLost(signal: AbortSignal): Promise<void> {
    const living = await this.engine.clusterNames(signal)
    this.state = this.state?.filter(({ name }) => living.includes(name))
  }

  private makeNodes({ name, image, mounts }: KindClusterInputs, nodes: number): void {
    if (!this.engine.images.has(image)) throw new Error(`the image ${image} is not in the engine`)
    this.engine.networks.add('kind')
    for (let index = 0; index < nodes; index += 1) {
      const container = `${name}-${index === 0 ? 'control-plane' : index === 1 ? 'worker' : `worker${String(index)}`}`
      const volume = `volume-of-${container}`
      this.engine.addNode(name, {
        id: `id-of-${container}`,
        name: container,
        image,
        network: 'kind',
        mounts: [
          { source: `/var/lib/fake/${volume}`, destination: '/var', volume },
          ...mounts.map(({ hostPath, containerPath }) => ({ source: hostPath, destination: containerPath })),
        ],
        ports: index === 0 ? [{ container: 6443, host: 36443, address: '127.0.0.1' }] : [],
        files: index === 0 ? { '/etc/kubernetes/admin.conf': this.kubeconfig } : {},
      })
    }
  }
}

function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(PlayError.of('STACK_FAILED', { verb: 'up', reason: 'interrupted', name: '' }))
    })
  })
}
