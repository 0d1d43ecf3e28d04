/** The two worlds in which the ClusterClient contract is held. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClusterClients } from '../../src/adapters/kube/cluster-client.ts'
import type { KubeObject } from '../../src/domain/cluster.ts'
import type { ClusterClient, ResourceRef } from '../../src/domain/ports.ts'
import { ApiServerStandIn } from '../fakes/api-server-stand-in.ts'
import { FakeCluster, fakeClusterClients } from '../fakes/fake-cluster.ts'
import type { CommandHandler } from '../fakes/pod-commands.ts'

/** The client under test, and the cluster's other side. */
export interface World {
  readonly client: ClusterClient
  put(object: KubeObject): void
  remove(ref: ResourceRef & { readonly name: string }): void
  setLog(lines: readonly string[], ended: boolean): void
  /** Answers commands in containers from now on. */
  setExec(handler: CommandHandler): void
  end(): Promise<void>
}

/** The HTTPS client and a local API server. */
export async function realWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'play-kube-'))
  const standIn = await ApiServerStandIn.start(folder)
  const client = await createClusterClients({ times: { notServedMs: 300 } }).open(standIn.access)
  return {
    client,
    put: (object) => standIn.store.put(object),
    remove: (ref) => standIn.store.delete(ref),
    setLog: (lines, ended) => {
      standIn.store.setLog('default', 'web', 'main', { lines, ended })
    },
    setExec: (handler) => (standIn.pods.onExec = handler),
    end: async () => {
      client.close()
      await standIn.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** The fake cluster, which is both sides. */
export async function fakeWorld(): Promise<World> {
  const cluster = new FakeCluster()
  const access = { kubeconfigPath: '/none', context: 'fake', server: cluster.server }
  return {
    client: await fakeClusterClients(cluster).open(access),
    put: (object) => cluster.put(object),
    remove: (ref) => {
      cluster.remove(ref)
    },
    setLog: (lines, ended) => {
      cluster.setLog({ namespace: 'default', name: 'web', container: 'main' }, lines, ended)
    },
    setExec: (handler) => (cluster.onExec = handler),
    end: () => {
      cluster.close()
      return Promise.resolve()
    },
  }
}
