/** A ContainerEngine in memory: containers, volumes, networks and images that a test sets and looks at. */
import { readFile } from 'node:fs/promises'
import { PlayError } from '../../src/domain/errors.ts'
import type { ContainerEngine, DiskSpace, EngineContainer, ProcessResult } from '../../src/domain/ports.ts'

/** A container with what is inside. */
export interface FakeContainer extends EngineContainer {
  readonly network?: string
  readonly files: Readonly<Record<string, string>>
}

/** A command that ran in a container. */
export interface FakeExec {
  readonly container: string
  readonly command: readonly string[]
  readonly inputFile?: string
}

const clusterLabel = 'io.x-k8s.kind.cluster'

/** Passes the contract suite of the real engines. `failWith` makes every call fail, as an engine that went down does. */
export class FakeEngine implements ContainerEngine {
  readonly name: 'docker' | 'podman'
  readonly kindEnvironment: Readonly<Record<string, string>>
  readonly containers = new Map<string, FakeContainer>()
  readonly volumes = new Set<string>()
  readonly networks = new Set<string>()
  readonly images = new Set<string>()
  /** What an archive holds: image references by path. */
  readonly archives = new Map<string, string>()
  readonly execs: FakeExec[] = []
  /** Answers of `exec`; without one the container has `cat` and `false`, and all else succeeds without output. */
  onExec: ((exec: FakeExec) => ProcessResult | undefined) | undefined
  space: DiskSpace = { path: '/var/lib/fake', freeBytes: 100 * 1024 ** 3 }
  failWith: PlayError | undefined
  /** What the call of that number meets; calls count from 1. */
  failAt: ((call: number) => Error | undefined) | undefined
  /** How many calls there were. */
  calls = 0
  /** Changes when another engine answers in its place. */
  id = 'fake-engine'
  /** Clusters by the volumes that bear the label of one. */
  readonly volumeLabels = new Map<string, string>()
  /** Whether volumes stay when their container goes, as those that kind makes on podman do. */
  keepsVolumes = false

  constructor(name: 'docker' | 'podman' = 'podman') {
    this.name = name
    this.kindEnvironment = name === 'docker' ? {} : { KIND_EXPERIMENTAL_PROVIDER: name }
  }

  /** Puts a node of the kind cluster there, with a volume of its own; `state` is running unless told. */
  addNode(cluster: string, options: Partial<FakeContainer> = {}): FakeContainer {
    const name = options.name ?? `${cluster}-control-plane`
    const volume = `volume-of-${name}`
    const container: FakeContainer = {
      id: `id-of-${name}`,
      name,
      state: 'running',
      image: 'kindest/node:v1.34.10',
      createdAt: '2026-01-01T00:00:00.000Z',
      labels: { [clusterLabel]: cluster },
      mounts: [{ source: `/var/lib/fake/${volume}`, destination: '/var', volume }],
      ports: [{ container: 6443, host: 36443, address: '127.0.0.1' }],
      files: {},
      ...options,
    }
    this.containers.set(container.id, container)
    for (const mount of container.mounts) if (mount.volume !== undefined) this.volumes.add(mount.volume)
    return container
  }

  async disk(signal: AbortSignal): Promise<DiskSpace> {
    await this.answer(signal)
    return this.space
  }

  async clusterContainers(cluster: string, signal: AbortSignal): Promise<readonly EngineContainer[]> {
    await this.answer(signal)
    return [...this.containers.values()].filter(({ labels }) => labels[clusterLabel] === cluster)
  }

  async identity(signal: AbortSignal): Promise<string> {
    await this.answer(signal)
    return this.id
  }

  async clusterVolumes(cluster: string, signal: AbortSignal): Promise<readonly string[]> {
    await this.answer(signal)
    return [...this.volumes].filter((name) => this.volumeLabels.get(name) === cluster)
  }

  async clusterNames(signal: AbortSignal): Promise<readonly string[]> {
    await this.answer(signal)
    const names = [...this.containers.values()].flatMap(({ labels }) => labels[clusterLabel] ?? [])
    return [...new Set(names)].sort()
  }

  async startContainer(id: string, signal: AbortSignal): Promise<void> {
    await this.answer(signal)
    const found = this.find(id)
    if (found === undefined) throw this.failed(`start the container ${id}`)
    this.containers.set(found.id, { ...found, state: 'running' })
  }

  async removeContainer(id: string, signal: AbortSignal): Promise<void> {
    await this.answer(signal)
    const found = this.find(id)
    if (found === undefined) return
    this.containers.delete(found.id)
    if (this.keepsVolumes) return
    for (const { volume } of found.mounts) if (volume !== undefined) this.volumes.delete(volume)
  }

  async volumeExists(name: string, signal: AbortSignal): Promise<boolean> {
    await this.answer(signal)
    return this.volumes.has(name)
  }

  async removeVolume(name: string, signal: AbortSignal): Promise<void> {
    await this.answer(signal)
    const users = [...this.containers.values()].filter(({ mounts }) =>
      mounts.some(({ volume }) => volume === name),
    )
    if (users.length > 0) throw this.failed(`remove the volume ${name}`)
    this.volumes.delete(name)
  }

  async networkExists(name: string, signal: AbortSignal): Promise<boolean> {
    await this.answer(signal)
    return this.networks.has(name)
  }

  async removeNetwork(name: string, signal: AbortSignal): Promise<boolean> {
    await this.answer(signal)
    if ([...this.containers.values()].some(({ network }) => network === name)) return false
    this.networks.delete(name)
    return true
  }

  async imageExists(reference: string, signal: AbortSignal): Promise<boolean> {
    await this.answer(signal)
    return this.images.has(reference)
  }

  async loadImage(path: string, signal: AbortSignal): Promise<void> {
    await this.answer(signal)
    const reference = this.archives.get(path)
    if (reference === undefined) throw this.failed(`load the image ${path}`)
    this.images.add(reference)
  }

  async readFile(container: string, path: string, signal: AbortSignal): Promise<string | undefined> {
    await this.answer(signal)
    const found = this.find(container)
    return found?.state === 'running' ? found.files[path] : undefined
  }

  async exec(
    container: string,
    command: readonly string[],
    signal: AbortSignal,
    inputFile?: string,
  ): Promise<ProcessResult> {
    await this.answer(signal)
    const found = this.find(container)
    if (found?.state !== 'running') throw this.failed(`run ${command[0] ?? ''} in ${container}`)
    const exec: FakeExec = { container, command, ...(inputFile === undefined ? {} : { inputFile }) }
    this.execs.push(exec)
    return this.onExec?.(exec) ?? builtin(exec, found)
  }

  private find(idOrName: string): FakeContainer | undefined {
    return [...this.containers.values()].find(({ id, name }) => id === idOrName || name === idOrName)
  }

  private failed(what: string): PlayError {
    return PlayError.of('ENGINE_FAILED', { engine: this.name, what })
  }

  private answer(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.calls += 1
    const failure = this.failWith ?? this.failAt?.(this.calls)
    return failure === undefined ? Promise.resolve() : Promise.reject(failure)
  }
}

async function builtin({ command, inputFile }: FakeExec, { files }: FakeContainer): Promise<ProcessResult> {
  const [program = '', path] = command
  if (program === 'false') return { exitCode: 1, stdout: '', stderr: '' }
  if (program !== 'cat') return { exitCode: 0, stdout: '', stderr: '' }
  if (path === undefined) {
    const stdout = inputFile === undefined ? '' : await readFile(inputFile, 'utf8')
    return { exitCode: 0, stdout, stderr: '' }
  }
  const stdout = files[path]
  if (stdout !== undefined) return { exitCode: 0, stdout, stderr: '' }
  return { exitCode: 1, stdout: '', stderr: `cat: ${path}: No such file or directory\n` }
}
