/** The port of a container engine: what play asks of docker or podman. */
import type { ProcessResult } from './process-runner.ts'

/** One container as the engine tells of it. */
export interface EngineContainer {
  readonly id: string
  readonly name: string
  /** running, exited, created, … in the engine's word. */
  readonly state: string
  readonly image: string
  /** ISO 8601 instant. */
  readonly createdAt: string
  readonly labels: Readonly<Record<string, string>>
  readonly mounts: readonly {
    readonly source: string
    readonly destination: string
    readonly volume?: string
  }[]
  /** Published ports: container port to host address. */
  readonly ports: readonly { readonly container: number; readonly host: number; readonly address: string }[]
}

/** What is left of an engine's disk. */
export interface DiskSpace {
  readonly path: string
  readonly freeBytes: number
}

/** A container engine. Reads throw ENGINE_FAILED or ENGINE_DOWN; an error is never an empty answer. */
export interface ContainerEngine {
  readonly name: 'docker' | 'podman'
  /** Environment that makes kind use this engine. */
  readonly kindEnvironment: Readonly<Record<string, string>>
  disk(signal: AbortSignal): Promise<DiskSpace>
  /** Containers of the kind cluster, stopped ones included. */
  clusterContainers(cluster: string, signal: AbortSignal): Promise<readonly EngineContainer[]>
  /** Which engine this is: differs for another daemon, machine or storage. Asked once. */
  identity(signal: AbortSignal): Promise<string>
  /** Volumes that say by a label of their own that they are the cluster's, whether or not a container uses them. */
  clusterVolumes(cluster: string, signal: AbortSignal): Promise<readonly string[]>
  /** Names of every kind cluster that this engine holds. */
  clusterNames(signal: AbortSignal): Promise<readonly string[]>
  startContainer(id: string, signal: AbortSignal): Promise<void>
  /** Removes a container with its anonymous volumes; one that is not there is no error. */
  removeContainer(id: string, signal: AbortSignal): Promise<void>
  volumeExists(name: string, signal: AbortSignal): Promise<boolean>
  removeVolume(name: string, signal: AbortSignal): Promise<void>
  networkExists(name: string, signal: AbortSignal): Promise<boolean>
  /** Removes a network that no container uses; answers false when it is in use. */
  removeNetwork(name: string, signal: AbortSignal): Promise<boolean>
  imageExists(reference: string, signal: AbortSignal): Promise<boolean>
  /** Loads an image archive. */
  loadImage(path: string, signal: AbortSignal): Promise<void>
  /** Reads a file inside a running container; undefined when the file or the container is not there (yet). */
  readFile(container: string, path: string, signal: AbortSignal): Promise<string | undefined>
  /** Runs a command in a container, with an optional file as its input. */
  exec(
    container: string,
    command: readonly string[],
    signal: AbortSignal,
    inputFile?: string,
  ): Promise<ProcessResult>
}
