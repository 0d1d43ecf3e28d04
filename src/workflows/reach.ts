/** The way from a playground's name to its cluster, for the verbs that need one that is ready. */
import type { ClusterAccess } from '../domain/cluster.ts'
import { PlayError } from '../domain/errors.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import type { Ports } from '../domain/ports.ts'
import { requireState } from './status.ts'

/** The playground and the way in. */
export interface Reached {
  readonly state: PlaygroundState
  readonly access: ClusterAccess
}

/** A playground that `up` has finished. Throws PLAYGROUND_NOT_FOUND or PLAYGROUND_NOT_READY. */
export function requireReady(name: string, ports: Ports): Promise<Reached> {
  return reach(name, ports, ['ready'])
}

/** The same, also where `up` has failed with a cluster that can be looked at and put right. */
export function requireStanding(name: string, ports: Ports): Promise<Reached> {
  return reach(name, ports, ['ready', 'failed'])
}

async function reach(
  name: string,
  ports: Ports,
  phases: readonly PlaygroundState['phase'][],
): Promise<Reached> {
  const states = await ports.states()
  const state = await requireState(name, states)
  const access = await (await ports.kubeconfigs()).readOwn(`${states.folder(name)}/kubeconfig`)
  if (access === undefined || !phases.includes(state.phase))
    throw PlayError.of('PLAYGROUND_NOT_READY', { name, reason: `it is ${state.phase}` })
  return { state, access }
}
