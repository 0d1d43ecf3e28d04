/** The container engine of a simulated machine: it outlives every process of play, and its books are the truth. */
import { PlayError } from '../../../src/domain/errors.ts'
import type { ContainerEngine, DiskSpace, EngineContainer, ProcessResult } from '../../../src/domain/ports.ts'

/** A container with what is inside and the network that it uses. */
export interface SimContainer extends EngineContainer {
  readonly network: string
  readonly files: Readonly<Record<string, string>>
}

const clusterLabel = 'io.x-k8s.kind.cluster'

/**
 * Strict. kind gives each node of podman a volume with a label `NAME=true`, which `rm --volumes` leaves there, since it is
 * not anonymous (podman-rm(1)); docker's are anonymous and go with their container.
 */
export class SimEngine implements ContainerEngine {
  readonly name: 'docker' | 'podman'
  readonly kindEnvironment: Readonly<Record<string, string>>
  readonly containers = new Map<string, SimContainer>()
  /** Labels by name. */
  readonly volumes = new Map<string, Readonly<Record<string, string>>>()
  readonly networks = new Set<string>()
  readonly images = new Set<string>()
  readonly archives = new Map<string, string>()
  /** What each call meets, such as an engine that is down. */
  failWith: (() => Error | undefined) | undefined
  id = 'engine-1'

  constructor(name: 'docker' | 'podman' = 'podman') {
    this.name = name
    this.kindEnvironment = name === 'docker' ? {} : { KIND_EXPERIMENTAL_PROVIDER: name }
  }

  /** Nodes of the cluster, without a request. */
  nodesOf(cluster: string): readonly SimContainer[] {
    return [...this.containers.values()].filter(({ labels }) => labels[clusterLabel] === cluster)
  }

  disk(signal: AbortSignal): Promise<DiskSpace> {
    return this.answer(signal, () => ({ path: '/var/lib/fake', freeBytes: 100 * 1024 ** 3 }))
  }

  identity(signal: AbortSignal): Promise<string> {
    return this.answer(signal, () => this.id)
  }

  clusterContainers(cluster: string, signal: AbortSignal): Promise<readonly EngineContainer[]> {
    return this.answer(signal, () => this.nodesOf(cluster))
  }

  clusterVolumes(cluster: string, signal: AbortSignal): Promise<readonly string[]> {
    const ours = new RegExp(`^${cluster}-(control-plane|worker)\\d*$`)
    return this.answer(signal, () =>
      [...this.volumes]
        .filter(([, labels]) => Object.keys(labels).some((key) => ours.test(key)))
        .map(([name]) => name),
    )
  }

  clusterNames(signal: AbortSignal): Promise<readonly string[]> {
    return this.answer(signal, () => {
      const names = [...this.containers.values()].flatMap(({ labels }) => labels[clusterLabel] ?? [])
      return [...new Set(names)].sort()
    })
  }

  startContainer(id: string, signal: AbortSignal): Promise<void> {
    return this.answer(signal, () => {
      const found = this.find(id)
      if (found === undefined) throw this.failed(`start the container ${id}`)
      this.containers.set(found.id, { ...found, state: 'running' })
    })
  }

  removeContainer(id: string, signal: AbortSignal): Promise<void> {
    return this.answer(signal, () => {
      this.dropContainer(id)
    })
  }

  /** Removes it without a request. */
  dropContainer(id: string): void {
    const found = this.find(id)
    if (found === undefined) return
    this.containers.delete(found.id)
    if (this.name === 'docker')
      for (const { volume } of found.mounts) if (volume !== undefined) this.volumes.delete(volume)
  }

  volumeExists(name: string, signal: AbortSignal): Promise<boolean> {
    return this.answer(signal, () => this.volumes.has(name))
  }

  removeVolume(name: string, signal: AbortSignal): Promise<void> {
    return this.answer(signal, () => {
      const isUsed = [...this.containers.values()].some(({ mounts }) =>
        mounts.some(({ volume }) => volume === name),
      )
      if (isUsed) throw this.failed(`remove the volume ${name}`)
      this.volumes.delete(name)
    })
  }

  networkExists(name: string, signal: AbortSignal): Promise<boolean> {
    return this.answer(signal, () => this.networks.has(name))
  }

  removeNetwork(name: string, signal: AbortSignal): Promise<boolean> {
    return this.answer(signal, () => {
      if ([...this.containers.values()].some(({ network }) => network === name)) return false
      this.networks.delete(name)
      return true
    })
  }

  imageExists(reference: string, signal: AbortSignal): Promise<boolean> {
    return this.answer(signal, () => this.images.has(reference))
  }

  loadImage(path: string, signal: AbortSignal): Promise<void> {
    return this.answer(signal, () => {
      const reference = this.archives.get(path)
      if (reference === undefined) throw this.failed(`load the image ${path}`)
      this.images.add(reference)
    })
  }

  readFile(container: string, path: string, signal: AbortSignal): Promise<string | undefined> {
    return this.answer(signal, () => {
      const found = this.find(container)
      return found?.state === 'running' ? found.files[path] : undefined
    })
  }

  exec(container: string, command: readonly string[], signal: AbortSignal): Promise<ProcessResult> {
    return this.answer(signal, () => {
      const found = this.find(container)
      if (found?.state !== 'running') throw this.failed(`run ${command[0] ?? ''} in ${container}`)
      return { exitCode: 0, stdout: '', stderr: '' }
    })
  }

  private find(idOrName: string): SimContainer | undefined {
    return [...this.containers.values()].find(({ id, name }) => id === idOrName || name === idOrName)
  }

  private failed(what: string): PlayError {
    return PlayError.of('ENGINE_FAILED', { engine: this.name, what })
  }

  private async answer<T>(signal: AbortSignal, work: () => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
    const error = this.failWith?.()
    if (error !== undefined) throw error
    return work()
  }
}
