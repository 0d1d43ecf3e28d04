/** What kind does in the engine, one operation after the other, each a point; it can be cut off between any two. */
import type { KindClusterInputs } from '../../../src/pulumi/provider/resources.ts'
import type { SimContainer } from './sim-engine.ts'
import type { SimMachine } from './sim-machine.ts'
import type { SimulatedRun } from './simulated-run.ts'

/** How it was cut off: in order, with what was made removed again; or by a kill of the plug-in, or of the engine. */
export type Undo = 'in order' | 'plug-in' | 'engine'

/** How long one operation takes, milliseconds. */
const operationMs = 700

class CutOff extends Error {}

/** One creation or destruction. */
export class KindWork {
  /** Resolves when the engine is killed: whoever waits for it knows at once. */
  readonly engineDied: Promise<void>
  private readonly machine: SimMachine
  /** The process that it works for. */
  readonly run: SimulatedRun
  private readonly made: (() => void)[] = []
  private stopped: Undo | undefined
  /** Operations that still happen after the end was told: a plug-in ends within two seconds. */
  private spare = 0
  private tellDeath: () => void = () => undefined

  constructor(machine: SimMachine, run: SimulatedRun) {
    this.machine = machine
    this.run = run
    this.engineDied = new Promise((resolve) => (this.tellDeath = resolve))
  }

  /** The engine or the plug-in ends; `spare` operations of kind happen all the same. */
  stop(how: Undo, spare = 0): void {
    if (this.stopped !== undefined) return
    this.stopped = how
    this.spare = spare
    if (how === 'engine') this.tellDeath()
  }

  /** Does `work`; answers how it was cut off, undefined for a whole one. */
  async finish(work: () => Promise<void>): Promise<Undo | undefined> {
    try {
      await work()
      return undefined
    } catch (error) {
      if (!(error instanceof CutOff)) throw error
      if (this.stopped === 'in order') for (const undo of this.made.reverse()) undo()
      return this.stopped
    }
  }

  async create({ name, nodes, image, mounts }: KindClusterInputs): Promise<void> {
    const { engine } = this.machine
    const names = Array.from({ length: nodes }, (_, index) =>
      index === 0 ? `${name}-control-plane` : `${name}-worker${index === 1 ? '' : String(index)}`,
    )
    if (!engine.networks.has('kind'))
      await this.operation('network create kind', () => engine.networks.add('kind'))
    for (const container of names) {
      const volume = `volume-of-${container}-${String(this.machine.next())}`
      const createVolume = (): void => {
        engine.volumes.set(volume, engine.name === 'podman' ? { [container]: 'true' } : {})
        this.made.push(() => engine.volumes.delete(volume))
      }
      // docker makes anonymous volumes itself, in the request that makes their container.
      if (engine.name === 'podman') await this.operation(`volume create ${container}`, createVolume)
      await this.operation(`run ${container}`, () => {
        if (engine.name === 'docker') createVolume()
        const made = this.node(name, container, { volume, image, mounts })
        engine.containers.set(made.id, made)
        this.made.push(() => engine.containers.delete(made.id))
      })
    }
    await this.operation(`kubeadm init ${name}`, () => {
      this.machine.boot(name)
      this.machine.tellNode(name, `${name}-control-plane`, false)
    })
    await this.operation(`install CNI ${name}`, () => {
      this.machine.tellNode(name, `${name}-control-plane`, true)
    })
    for (const worker of names.slice(1)) {
      await this.operation(`kubeadm join ${worker}`, () => {
        this.machine.tellNode(name, worker, true)
      })
    }
    await this.operation('finish', () => undefined)
  }

  async destroy(cluster: string): Promise<void> {
    const { engine } = this.machine
    const nodes = engine.nodesOf(cluster)
    const volumes = nodes.flatMap(({ mounts }) => mounts.flatMap(({ volume }) => volume ?? []))
    for (const { id, name } of nodes)
      await this.operation(`rm ${name}`, () => {
        engine.dropContainer(id)
      })
    for (const volume of volumes) await this.operation('volume rm', () => engine.volumes.delete(volume))
    await this.operation('finish', () => undefined)
  }

  private node(
    cluster: string,
    name: string,
    { volume, image, mounts }: { volume: string } & Pick<KindClusterInputs, 'image' | 'mounts'>,
  ): SimContainer {
    const first = name.endsWith('-control-plane')
    const conf = { '/etc/kubernetes/admin.conf': adminConf(cluster, this.machine.next()) }
    return {
      ...{ id: `id-${String(this.machine.next())}-${name}`, name, state: 'running', image, network: 'kind' },
      createdAt: new Date(this.machine.clock.now()).toISOString(),
      labels: { 'io.x-k8s.kind.cluster': cluster },
      mounts: [
        { source: `/var/lib/fake/${volume}`, destination: '/var', volume },
        ...mounts.map(({ hostPath, containerPath }) => ({ source: hostPath, destination: containerPath })),
      ],
      ports: first ? [{ container: 6443, host: 36_000 + this.machine.next(), address: '127.0.0.1' }] : [],
      files: first ? conf : {},
    }
  }

  private async operation(name: string, effect: () => unknown): Promise<void> {
    await this.machine.clock.sleep(operationMs, new AbortController().signal)
    this.pass(`kind ${name} before`)
    effect()
    this.machine.clock.activity += 1
    this.pass(`kind ${name} after`)
  }

  private pass(point: string): void {
    this.run.point(point)
    if (this.stopped === undefined) return
    if (point.endsWith(' before') && this.spare > 0) {
      this.spare -= 1
      return
    }
    if (point.endsWith(' before') || this.spare === 0) throw new CutOff()
  }
}

/** What kubeadm leaves in a control plane, as far as play looks at it. */
function adminConf(cluster: string, key: number): string {
  const name = `kind-${cluster}`
  return JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': name },
    clusters: [{ name, cluster: { server: 'https://172.18.0.2:6443' } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: { 'client-key-data': Buffer.from(`key ${String(key)}`).toString('base64') } }],
  })
}
