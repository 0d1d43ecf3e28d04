/** The world as the plug-ins see it: small interfaces, implemented by adapters and by strict fakes. */
import type { Clock } from '../engine/clock.ts'
import type { Reporter } from '../engine/step.ts'
import type { ClusterAccess, KubeObject } from './cluster.ts'
export type { ContainerEngine, DiskSpace, EngineContainer } from './container-engine.ts'
export type { ProcessOptions, ProcessResult, ProcessRunner } from './process-runner.ts'
import type { ContainerEngine } from './container-engine.ts'
import type { GitRemotes } from './git-remote.ts'
import type { LoopbackPorts } from './loopback-ports.ts'
export type { LoopbackPorts } from './loopback-ports.ts'
import type { StateStore } from './state-store.ts'
export type { FolderUsage, HeldLock, Journal, StateStore, Stray } from './state-store.ts'
import type { ProcessTable } from './running-process.ts'
import type { ExternalRegistry, RegistryCredentials } from './registry-slot.ts'

/** Identifies a kind of object at the API. */
export interface ResourceRef {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
}

/** One change seen by a watch. */
export interface WatchEvent {
  readonly type: 'added' | 'modified' | 'deleted'
  readonly object: KubeObject
}

/** A command to run in a container that runs. */
export interface ExecTarget {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** Program and arguments, as they are: no shell comes in between. */
  readonly command: readonly string[]
  /** Sent whole, then closed. Without it the command has no standard input. */
  readonly stdin?: string | Uint8Array
}

/** How a command ended, and all that it wrote, decoded as UTF-8. */
export interface ExecResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A port of a pod to forward to. */
export interface ForwardTarget {
  readonly namespace: string
  /** A name, or how to find the pod anew for each connection, so that a forward outlives its pods. */
  readonly pod: string | ((signal: AbortSignal) => Promise<string>)
  readonly port: number
  /** Port of this machine to listen on; a free one if left out. */
  readonly localPort?: number
}

/** A forward that listens. */
export interface Forward {
  /** Port on 127.0.0.1. */
  readonly port: number
  /** Resolves once the forward has ended: listener and connections are gone. Never rejects. */
  readonly closed: Promise<void>
}

/** Memory of one pod as its kubelet tells it. */
export interface PodMemory {
  readonly namespace: string
  readonly name: string
  /** Working set, bytes: what counts when memory runs short. */
  readonly usedBytes: number
}

/** A container's log, and how much of it. */
export interface LogSource {
  readonly namespace: string
  readonly name: string
  readonly container: string
  readonly follow: boolean
  /** Of the run before this one, which ended. */
  readonly previous?: boolean
  /** Only so many lines from the end. */
  readonly tailLines?: number
}

/** The API of one cluster on keep-alive connections. Throws API_REJECTED (with the server's words) or API_UNREACHABLE. */
export interface ClusterClient {
  readonly server: string
  /** True once /readyz answers ok; false while nothing answers. */
  ready(signal: AbortSignal): Promise<boolean>
  /** Undefined when the object, or its kind, does not exist. */
  get(ref: ResourceRef & { readonly name: string }, signal: AbortSignal): Promise<KubeObject | undefined>
  /** `metadataOnly` leaves out everything but metadata, which is what makes large CRDs cheap to look at. */
  list(
    ref: ResourceRef & { readonly labelSelector?: string; readonly metadataOnly?: boolean },
    signal: AbortSignal,
  ): Promise<readonly KubeObject[]>
  /** Server-side apply as `fieldManager` (`play` unless told), forcing conflicts; all fields as given. */
  apply(object: KubeObject, signal: AbortSignal, fieldManager?: string): Promise<KubeObject>
  /** JSON merge patch (RFC 7386) of an object that is there: null removes a field, a list is replaced. */
  patch(
    ref: ResourceRef & { readonly name: string },
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<KubeObject>
  create(object: KubeObject, signal: AbortSignal): Promise<KubeObject>
  /** Deletes in the foreground or background; answers false when it was not there. */
  delete(ref: ResourceRef & { readonly name: string }, signal: AbortSignal): Promise<boolean>
  /** Lists, then watches; survives closed connections and 410. Ends when the signal aborts, by returning. */
  watch(
    ref: ResourceRef & { readonly labelSelector?: string; readonly fieldSelector?: string },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent>
  /** Lines of a container's log; follows until the container ends. */
  logs(pod: LogSource, signal: AbortSignal): AsyncIterable<string>
  /** What the pods of all nodes use now, one request for each node. Asked once, for a few seconds at most. */
  podMemory(signal: AbortSignal): Promise<readonly PodMemory[]>
  /** Runs a command to its end. A non-zero exit code is an answer; a command that cannot be started is API_REJECTED. */
  exec(target: ExecTarget, signal: AbortSignal): Promise<ExecResult>
  /**
   * Forwards each connection to a port of 127.0.0.1 to a port of a pod, until the signal aborts or the client is closed.
   * A connection that cannot be made is closed; the next is tried anew. Throws PORT_TAKEN. Half-closed connections are
   * closed, as the protocol knows no half.
   */
  forward(target: ForwardTarget, signal: AbortSignal): Promise<Forward>
  close(): void
}

/** Opens clients; the same kubeconfig gives a new client each time. */
export interface ClusterClients {
  open(access: ClusterAccess): Promise<ClusterClient>
}

/** What a person's kubeconfig was before play put a context into it. */
export interface MergedContext {
  readonly path: string
  readonly context: string
  readonly formerContext: string | null
}

/** Kubeconfig files. All writes are atomic, keep what they do not know, and leave mode 0600. */
export interface Kubeconfigs {
  /** Writes a kubeconfig of one cluster, renamed to `context`, to `path` (0600). `server` replaces the address if given. */
  writeOwn(options: {
    readonly text: string
    readonly path: string
    readonly context: string
    readonly server?: string
  }): Promise<ClusterAccess>
  /** Reads back what writeOwn wrote; undefined when there is none. */
  readOwn(path: string): Promise<ClusterAccess | undefined>
  /**
   * Puts the context of the file at `from` into the user's kubeconfig and makes it current. What will be there is told
   * before it is, so that it can be noted down; what `beforehand` throws keeps the file as it was.
   */
  merge(from: string, beforehand?: (merged: MergedContext) => Promise<void>): Promise<MergedContext>
  /** True when the user's kubeconfig holds exactly this context with the same server and credentials. */
  isMerged(from: string): Promise<boolean>
  /**
   * Takes out exactly what merge put in; restores the former current context if ours still is current. Removes the strays
   * beside the file as well, whether or not the context is there.
   */
  remove(merged: MergedContext): Promise<{ readonly removed: boolean }>
  /** The whole file, for a person or a tool that asked for it. */
  text(path: string): Promise<string>
  /** True when `context`, or a cluster or user of that name, is in the file. */
  contains(path: string, context: string): Promise<boolean>
  /**
   * Files that plays which crashed left beside a kubeconfig: temporary ones, which may hold credentials of any
   * playground, and a lock. Merging and removing sweep them away. Throws when it could not look.
   */
  strays(path: string): Promise<readonly string[]>
  /** Path of the user's kubeconfig: the first of KUBECONFIG, or ~/.kube/config. */
  userPath(): string
}

/** Where a tool or an image came from. */
export interface FoundArtifact {
  /** Absolute path of the file. */
  readonly path: string
  readonly version: string
  readonly origin: 'override' | 'bundle' | 'cache' | 'path' | 'download'
}

/** Where the node image comes from: loaded from an archive, or pulled by the engine. */
export interface NodeImage {
  readonly reference: string
  readonly kubernetesVersion: string
  /** Archive to load; absent when the engine pulls the image by its reference. */
  readonly archive?: string
  /** Component images that are already inside. */
  readonly contains: readonly string[]
}

/** Things from outside; the caller cannot tell where the answer came from. */
export interface Artifacts {
  /** A program. Throws TOOL_MISSING, TOOL_VERSION, OFFLINE_NO_BUNDLE, DOWNLOAD_FAILED or CHECKSUM_MISMATCH. */
  tool(name: ToolName, signal: AbortSignal, report?: Reporter): Promise<FoundArtifact>
  /** Throws USAGE_KUBERNETES_VERSION with what is available. */
  nodeImage(kubernetesVersion: string, signal: AbortSignal): Promise<NodeImage>
  /** The objects of a component's pinned upstream manifest. */
  manifest(name: string, signal: AbortSignal, report?: Reporter): Promise<readonly KubeObject[]>
  /** Archive of a component image that is not inside the node image; undefined where nodes pull it themselves. */
  image(reference: string, signal: AbortSignal): Promise<string | undefined>
  /** False when a bundle is used that lacks the image; nodes pull where there is no bundle. Reads the index only. */
  canHaveImage(reference: string): boolean
  /** What `up` makes when nobody asks for a version: the bundle's, else the newest pinned. */
  readonly defaultKubernetesVersion: string
  /** True when a bundle is used: images are preloaded and must not be pulled. */
  readonly bundled: boolean
}

export type ToolName = 'kind' | 'pulumi' | 'kubectl'

/** What a run of a stack needs besides its program. */
export interface StackRunOptions {
  readonly signal: AbortSignal
  readonly report: Reporter
}

/** A resource as the state file names it. */
export interface StackResource {
  readonly urn: string
  readonly type: string
  readonly id?: string
}

/** The Pulumi stack of one playground. Throws STACK_FAILED with the engine's last lines. */
export interface StackRunner {
  /** Loads what the other verbs need, so that they start at once. Writes nothing. */
  load(): Promise<void>
  /** Runs the program. `refresh` first asks the providers what still exists. */
  up(program: () => Promise<void>, options: StackRunOptions & { readonly refresh: boolean }): Promise<void>
  /** Destroys what the stack made and removes the stack. A stack that is not there is no error. */
  destroy(options: StackRunOptions): Promise<void>
  /** The resources that the state on disk names; undefined without a stack. Reads the file, starts nothing. */
  resources(): Promise<readonly StackResource[] | undefined>
  /** True when the engine was killed while it made something that it therefore does not know. Reads the file as well. */
  leftUnfinished(): Promise<boolean>
}

/** Files shipped with play, below assets/. */
export interface Assets {
  /** Throws BUG_UNEXPECTED when the package lacks the file. */
  read(path: string): Promise<string>
  /** The Kubernetes objects of a YAML file. */
  objects(path: string): Promise<readonly KubeObject[]>
}

/** Everything that workflows and plug-ins may reach, each loaded on first use. */
export interface Ports {
  readonly clock: Clock
  readonly loopback: LoopbackPorts
  readonly states: () => Promise<StateStore>
  readonly artifacts: () => Promise<Artifacts>
  readonly clusters: () => Promise<ClusterClients>
  readonly kubeconfigs: () => Promise<Kubeconfigs>
  /** The container engine that answers, and none but `only` where that is told; looked for once. */
  readonly engine: (signal: AbortSignal, only?: ContainerEngine['name']) => Promise<ContainerEngine>
  /** What runs on this machine for playgrounds. */
  readonly processTable: () => Promise<ProcessTable>
  /** The stack of the playground called `name`. */
  readonly stack: (name: string, engine: ContainerEngine, signal: AbortSignal) => Promise<StackRunner>
  /** Repositories of the person's own. */
  readonly gitRemotes: () => Promise<GitRemotes>
  /** What opens a registry of the person's own; undefined without a file. Throws REGISTRY_CREDENTIALS. */
  readonly registryCredentials: (registry: ExternalRegistry) => Promise<RegistryCredentials | undefined>
  readonly assets: Assets
  readonly newId: () => string
}

/** A person's web browser. */
export interface Browser {
  /** Shows the address, or answers false where nobody would see it or nothing can. Never throws. */
  open(url: string, signal: AbortSignal): Promise<boolean>
}

/** Questions to a person. Throws CONFIRM_NEEDED where there is nobody to ask. */
export interface Prompter {
  confirm(question: string): Promise<boolean>
}
