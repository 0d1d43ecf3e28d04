/** The two worlds in which the ClusterClient contract is held, and what holds it in both. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe } from 'vitest'
import { createClusterClients } from '../../src/adapters/kube/cluster-client.ts'
import type { KubeObject } from '../../src/domain/cluster.ts'
import type { ClusterClient, PodMemory, ResourceRef } from '../../src/domain/ports.ts'
import { sendJson } from '../fakes/api-answers.ts'
import { ApiServerStandIn } from '../fakes/api-server-stand-in.ts'
import { FakeCluster, fakeClusterClients } from '../fakes/fake-cluster.ts'
import type { CommandHandler } from '../fakes/pod-commands.ts'

/** The client under test, and the cluster's other side. */
interface World {
  readonly client: ClusterClient
  put(object: KubeObject): void
  remove(ref: ResourceRef & { readonly name: string }): void
  setLog(lines: readonly string[], ended: boolean, previous?: readonly string[]): void
  /** Answers commands in containers from now on. */
  setExec(handler: CommandHandler): void
  /** What the nodes tell of their pods from now on. */
  setMemory(memory: readonly PodMemory[]): void
  end(): Promise<void>
}

/** The HTTPS client and a local API server. */
async function realWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'play-kube-'))
  const standIn = await ApiServerStandIn.start(folder)
  const client = await createClusterClients({ times: { notServedMs: 300 } }).open(standIn.access)
  return {
    client,
    put: (object) => standIn.store.put(object),
    remove: (ref) => standIn.store.delete(ref),
    setLog: (lines, ended, previous) => {
      standIn.store.setLog('default', 'web', 'main', { lines, ended, previous })
    },
    setExec: (handler) => (standIn.pods.onExec = handler),
    setMemory: (memory) => {
      standIn.store.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } })
      standIn.intercept('GET /api/v1/nodes/node-1/proxy/stats/summary', (response) => {
        const pods = memory.map(({ usedBytes: workingSetBytes, ...podRef }) => ({
          podRef,
          memory: { workingSetBytes },
        }))
        sendJson(response, 200, { node: { nodeName: 'node-1' }, pods })
      })
    },
    end: async () => {
      client.close()
      await standIn.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** The fake cluster, which is both sides. */
async function fakeWorld(): Promise<World> {
  const cluster = new FakeCluster()
  const access = { kubeconfigPath: '/none', context: 'fake', server: cluster.server }
  return {
    client: await fakeClusterClients(cluster).open(access),
    put: (object) => cluster.put(object),
    remove: (ref) => {
      cluster.remove(ref)
    },
    setLog: (lines, ended, previous) => {
      cluster.setLog({ namespace: 'default', name: 'web', container: 'main' }, lines, ended, previous)
    },
    setExec: (handler) => (cluster.onExec = handler),
    setMemory: (memory) => (cluster.memory = memory),
    end: () => {
      cluster.close()
      return Promise.resolve()
    },
  }
}

/** What a test has, made anew for each. */
interface Place {
  readonly world: World
  /** Aborted, and the world ended, after the test. */
  readonly stop: AbortController
}

/** Declares the tests once for each world. What `at` holds is there inside tests only. */
export function inBothWorlds(declare: (at: Place) => void): void {
  describe.each([
    ['the HTTPS client', realWorld],
    ['the fake cluster', fakeWorld],
  ])('%s', (_name, start) => {
    const at = {} as { world: World; stop: AbortController }

    beforeEach(async () => {
      at.world = await start()
      at.stop = new AbortController()
    })
    afterEach(async () => {
      at.stop.abort()
      await at.world.end()
    })

    declare(at)
  })
}
