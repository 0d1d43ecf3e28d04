/** The ContainerEngine port on the command lines of docker (20.10 and newer) and podman (4.3 and newer). */
import { stat, statfs } from 'node:fs/promises'
import { PlayError } from '../domain/errors.ts'
import type {
  ContainerEngine,
  DiskSpace,
  EngineContainer,
  ProcessResult,
  ProcessRunner,
} from '../domain/ports.ts'
import { hasCode } from '../domain/system-error.ts'
import { waitUntil, type Probe } from '../engine/wait.ts'
import { EngineCommand, enginePatience, saysAbsent, type EngineName } from './engine-command.ts'
import { parseContainers } from './engine-containers.ts'
import { parseLabelledVolumes } from './engine-volumes.ts'
import { podmanIdentity, type PodmanPlace } from './podman-identity.ts'
import { systemClock } from './system-clock.ts'

/** Label that kind puts on the containers of a cluster; its value is the cluster's name. */
const clusterLabel = 'io.x-k8s.kind.cluster'

/** What an engine is made with. */
export interface ContainerEngineSettings {
  readonly processes: ProcessRunner
  /** Added to the environment of podman, and of kind where it uses podman: play's own CONTAINERS_CONF. */
  readonly podmanEnvironment?: Readonly<Record<string, string>>
  /** What the person's environment says of where podman keeps its things; nothing unless told. */
  readonly podmanPlace?: PodmanPlace
}

/** The engine of that name. Starts nothing; detectEngine finds out whether it answers. */
export function createContainerEngine(name: EngineName, settings: ContainerEngineSettings): ContainerEngine {
  const environment = name === 'podman' ? (settings.podmanEnvironment ?? {}) : {}
  const command = new EngineCommand(name, settings.processes, environment)
  return new CommandLineEngine(command, environment, settings.podmanPlace ?? {})
}

class CommandLineEngine implements ContainerEngine {
  readonly name: EngineName
  readonly kindEnvironment: Readonly<Record<string, string>>
  private readonly command: EngineCommand
  private readonly podmanPlace: PodmanPlace
  private knownIdentity: string | undefined

  constructor(
    command: EngineCommand,
    environment: Readonly<Record<string, string>>,
    podmanPlace: PodmanPlace,
  ) {
    this.name = command.name
    this.command = command
    this.podmanPlace = podmanPlace
    // kind looks for docker by itself, and warns about a variable that says so.
    this.kindEnvironment =
      command.name === 'docker' ? {} : { ...environment, KIND_EXPERIMENTAL_PROVIDER: command.name }
  }

  async disk(signal: AbortSignal): Promise<DiskSpace> {
    const what = 'say how much disk space it has'
    const format = this.name === 'docker' ? '{{.DockerRootDir}}' : '{{.Store.GraphRoot}}'
    const path = (await this.command.output({ what, args: ['info', '--format', format], signal })).trim()
    try {
      const { bavail, bsize } = await statfs(path)
      return { path, freeBytes: bavail * bsize }
    } catch (cause) {
      const reason = hasCode(cause, 'ENOENT')
        ? 'is not on this machine but in a virtual one'
        : 'cannot be read'
      const details = [`its folder ${path} ${reason}`]
      throw PlayError.of('ENGINE_FAILED', { engine: this.name, what }, { cause, details })
    }
  }

  async clusterContainers(cluster: string, signal: AbortSignal): Promise<readonly EngineContainer[]> {
    const what = `list the containers of ${cluster}`
    const filter = `label=${clusterLabel}=${cluster}`
    // A container may go between the two calls; then the list is old and is made anew.
    for (let attempt = 1; ; attempt += 1) {
      const list = ['ps', '--all', '--quiet', '--no-trunc', '--filter', filter]
      const ids = lines(await this.command.output({ what, args: list, signal }))
      if (ids.length === 0) return []
      const result = await this.command.run({
        what,
        args: ['inspect', '--type', 'container', ...ids],
        signal,
      })
      if (result.exitCode === 0) return parseContainers(result.stdout)
      if (!saysAbsent(result) || attempt === 5) throw this.command.failure(what, result)
    }
  }

  async identity(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted()
    this.knownIdentity ??=
      this.name === 'docker' ? await this.dockerId(signal) : await podmanIdentity(this.podmanPlace)
    return this.knownIdentity
  }

  async clusterVolumes(cluster: string, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted()
    // kind leaves volumes to docker, which gives those that it makes by itself no label of ours.
    if (this.name === 'docker') return []
    const what = `list the volumes of ${cluster}`
    const args = ['volume', 'ls', '--format', 'json']
    return parseLabelledVolumes(await this.command.output({ what, args, signal }), cluster)
  }

  async clusterNames(signal: AbortSignal): Promise<readonly string[]> {
    // The two template languages have nothing in common for one label.
    const value =
      this.name === 'docker' ? `{{.Label "${clusterLabel}"}}` : `{{index .Labels "${clusterLabel}"}}`
    const args = ['ps', '--all', '--filter', `label=${clusterLabel}`, '--format', value]
    const names = lines(await this.command.output({ what: 'list its kind clusters', args, signal }))
    return [...new Set(names)].sort()
  }

  async startContainer(id: string, signal: AbortSignal): Promise<void> {
    const timeoutMs = enginePatience.change
    await this.command.output({ what: `start the container ${id}`, args: ['start', id], signal, timeoutMs })
  }

  async removeContainer(id: string, signal: AbortSignal): Promise<void> {
    const what = `remove the container ${id}`
    // Podman would first wait ten seconds for the container to stop by itself; Docker never does.
    const args = ['rm', '--force', '--volumes', ...(this.name === 'podman' ? ['--time', '0'] : []), id]
    const probe = async (): Promise<Probe<true>> => {
      const result = await this.command.run({ what, args, signal, timeoutMs: enginePatience.change })
      if (result.exitCode === 0 || saysAbsent(result)) return { done: true, value: true }
      if (/already in progress/i.test(result.stderr))
        return { done: false, seen: 'its removal is in progress' }
      throw this.command.failure(what, result)
    }
    const waitedFor = `${this.name} to remove the container ${id}`
    await waitUntil(probe, {
      waitedFor,
      timeoutMs: enginePatience.change,
      intervalMs: 250,
      signal,
      clock: systemClock,
    })
  }

  volumeExists(name: string, signal: AbortSignal): Promise<boolean> {
    return this.isThere('volume', name, signal)
  }

  async removeVolume(name: string, signal: AbortSignal): Promise<void> {
    // `podman volume rm` takes the beginning of a name for the name: ask for exactly this one first.
    if (!(await this.volumeExists(name, signal))) return
    const timeoutMs = enginePatience.change
    const args = ['volume', 'rm', name]
    await this.command.outputIfThere({ what: `remove the volume ${name}`, args, signal, timeoutMs })
  }

  networkExists(name: string, signal: AbortSignal): Promise<boolean> {
    return this.isThere('network', name, signal)
  }

  async removeNetwork(name: string, signal: AbortSignal): Promise<boolean> {
    const what = `remove the network ${name}`
    // Docker only minds running containers, but a stopped one could not start again without its network.
    const users = ['ps', '--all', '--quiet', '--filter', `network=${name}`]
    if (lines(await this.command.output({ what, args: users, signal })).length > 0) return false
    const args = ['network', 'rm', name]
    const result = await this.command.run({ what, args, signal, timeoutMs: enginePatience.change })
    if (result.exitCode === 0 || saysAbsent(result)) return true
    if (/active endpoints|being used|in use/i.test(result.stderr)) return false
    throw this.command.failure(what, result)
  }

  async imageExists(reference: string, signal: AbortSignal): Promise<boolean> {
    const args = ['image', 'inspect', '--format', '{{.Id}}', reference]
    const id = await this.command.outputIfThere({ what: `look for the image ${reference}`, args, signal })
    return id !== undefined
  }

  async loadImage(path: string, signal: AbortSignal): Promise<void> {
    const what = `load the image ${path}`
    const args = ['load', '--quiet', '--input', path]
    const result = await this.command.run({ what, args, signal, timeoutMs: enginePatience.long })
    if (result.exitCode === 0) return
    if (/no space left on device/i.test(result.stderr)) throw await this.diskFull(path, result, signal)
    throw this.command.failure(what, result)
  }

  async readFile(container: string, path: string, signal: AbortSignal): Promise<string | undefined> {
    const what = `read ${path} in ${container}`
    const result = await this.command.run({ what, args: ['exec', container, 'cat', path], signal })
    if (result.exitCode === 0) return result.stdout
    if (saysAbsent(result) || notYetWords.test(result.stderr)) return undefined
    throw this.command.failure(what, result)
  }

  async exec(
    container: string,
    command: readonly string[],
    signal: AbortSignal,
    inputFile?: string,
  ): Promise<ProcessResult> {
    const what = `run ${command[0] ?? ''} in ${container}`
    const input = inputFile === undefined ? { flags: [] } : { flags: ['--interactive'], inputFile }
    const args = ['exec', ...input.flags, container, ...command]
    const request = { what, args, signal, timeoutMs: enginePatience.long }
    const result = await this.command.run(inputFile === undefined ? request : { ...request, inputFile })
    if (isEngineRefusal(result)) throw this.command.failure(what, result)
    return result
  }

  /** Exactly this name: podman also finds volumes, and both find networks, by the beginning of a name or an id. */
  private async isThere(kind: 'volume' | 'network', name: string, signal: AbortSignal): Promise<boolean> {
    const args = [kind, 'inspect', '--format', '{{.Name}}', name]
    const found = await this.command.outputIfThere({ what: `look for the ${kind} ${name}`, args, signal })
    return found?.trim() === name
  }

  /** Made once for each daemon's storage; newer clients answer without a daemon, but then with nothing. */
  private async dockerId(signal: AbortSignal): Promise<string> {
    const what = 'say which engine it is'
    const id = (await this.command.output({ what, args: ['info', '--format', '{{.ID}}'], signal })).trim()
    if (id === '') throw PlayError.of('ENGINE_DOWN', { engine: this.name })
    return id
  }

  private async diskFull(path: string, result: ProcessResult, signal: AbortSignal): Promise<PlayError> {
    const cause = this.command.failure(`load the image ${path}`, result)
    const [archive, disk] = await Promise.all([stat(path), this.disk(signal).catch(() => undefined)])
    const params = {
      where: disk?.path ?? `the storage of ${this.name}`,
      neededGiB: archive.size / 1024 ** 3,
      freeGiB: (disk?.freeBytes ?? 0) / 1024 ** 3,
      prune: `${this.name} system prune --all`,
    }
    return PlayError.of('DISK_FULL', params, { cause, details: cause.details })
  }
}

/** A file or a container that is not there yet, or not running yet, in the words of cat, docker and podman. */
const notYetWords =
  /no such file or directory|is not running|is restarting|container state improper|stopped container/i

/** True when the engine, not the command in the container, says no. */
function isEngineRefusal({ exitCode, stderr }: ProcessResult): boolean {
  if (exitCode === 0) return false
  return /^(Error response from daemon|Error: No such container|Error: no container with|Error: can only create exec sessions)/im.test(
    stderr,
  )
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
