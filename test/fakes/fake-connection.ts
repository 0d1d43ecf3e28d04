/** One client of a FakeCluster: closing it leaves the cluster, and without a running node nothing answers. */
import type { KubeObject } from '../../src/domain/cluster.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type {
  ClusterClient,
  ExecResult,
  ExecTarget,
  Forward,
  ForwardTarget,
  PodMemory,
  ResourceRef,
  WatchEvent,
} from '../../src/domain/ports.ts'
import type { FakeCluster } from './fake-cluster.ts'

type Named = ResourceRef & { readonly name: string }

/** Opened by the world's ClusterClients; `find` answers the cluster behind the address, if it runs. */
export class FakeConnection implements ClusterClient {
  readonly server: string
  private readonly find: () => FakeCluster | undefined
  private isClosed = false

  constructor(server: string, find: () => FakeCluster | undefined) {
    this.server = server
    this.find = find
  }

  async ready(signal: AbortSignal): Promise<boolean> {
    return (await this.find()?.ready(signal)) ?? false
  }

  get(ref: Named, signal: AbortSignal): Promise<KubeObject | undefined> {
    return this.there((cluster) => cluster.get(ref, signal))
  }

  list(ref: Parameters<ClusterClient['list']>[0], signal: AbortSignal): Promise<readonly KubeObject[]> {
    return this.there((cluster) => cluster.list(ref, signal))
  }

  apply(object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    return this.there((cluster) => cluster.apply(object, signal))
  }

  patch(ref: Named, fields: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<KubeObject> {
    return this.there((cluster) => cluster.patch(ref, fields, signal))
  }

  create(object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    return this.there((cluster) => cluster.create(object, signal))
  }

  delete(ref: Named, signal: AbortSignal): Promise<boolean> {
    return this.there((cluster) => cluster.delete(ref, signal))
  }

  watch(ref: Parameters<ClusterClient['watch']>[0], signal: AbortSignal): AsyncIterable<WatchEvent> {
    return this.cluster().watch(ref, signal)
  }

  logs(pod: Parameters<ClusterClient['logs']>[0], signal: AbortSignal): AsyncIterable<string> {
    return this.cluster().logs(pod, signal)
  }

  podMemory(signal: AbortSignal): Promise<readonly PodMemory[]> {
    return this.there((cluster) => cluster.podMemory(signal))
  }

  exec(target: ExecTarget, signal: AbortSignal): Promise<ExecResult> {
    return this.there((cluster) => cluster.exec(target, signal))
  }

  forward(target: ForwardTarget, signal: AbortSignal): Promise<Forward> {
    return this.there((cluster) => cluster.forward(target, signal))
  }

  close(): void {
    this.isClosed = true
  }

  private async there<T>(ask: (cluster: FakeCluster) => Promise<T>): Promise<T> {
    return ask(this.cluster())
  }

  private cluster(): FakeCluster {
    const cluster = this.isClosed ? undefined : this.find()
    if (cluster !== undefined) return cluster
    const reason = this.isClosed ? 'the client was closed' : 'connection refused'
    throw PlayError.of('API_UNREACHABLE', { server: this.server, reason })
  }
}
