/** A fresh API server stand-in, and a client on it, for each test of a file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { ClientTimes } from '../../src/adapters/kube/api.ts'
import { createClusterClients } from '../../src/adapters/kube/cluster-client.ts'
import type { ClusterClient } from '../../src/domain/ports.ts'
import { ApiServerStandIn } from './api-server-stand-in.ts'

/** What a test has at hand; the properties change from test to test. */
export interface StandInWorld {
  readonly folder: string
  readonly standIn: ApiServerStandIn
  /** Opened with the usual times. */
  readonly client: ClusterClient
  /** Another client on the same server; closed after the test. */
  open(times?: Partial<ClientTimes>): Promise<ClusterClient>
}

/** Starts a stand-in before and ends it after each test. */
export function useStandIn(): StandInWorld {
  const opened: ClusterClient[] = []
  const open = async (times: Partial<ClientTimes> = {}): Promise<ClusterClient> => {
    const client = await createClusterClients({ times }).open(world.standIn.access)
    opened.push(client)
    return client
  }
  const world = { open } as { -readonly [Key in keyof StandInWorld]: StandInWorld[Key] }
  beforeEach(async () => {
    world.folder = await mkdtemp(join(tmpdir(), 'play-kube-'))
    world.standIn = await ApiServerStandIn.start(world.folder)
    world.client = await open()
  })
  afterEach(async () => {
    for (const client of opened.splice(0)) client.close()
    await world.standIn.close()
    await rm(world.folder, { recursive: true })
  })
  return world
}
