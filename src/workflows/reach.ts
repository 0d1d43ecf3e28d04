/** The way from a playground's name to its cluster, for the verbs that need one that is ready. */
import type { ClusterAccess } from '../domain/cluster.ts'
import { PlayError } from '../domain/errors.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import type { Ports } from '../domain/ports.ts'
import { requireState } from './status.ts'

/** A playground that `up` has finished, and the way in. Throws PLAYGROUND_NOT_FOUND or PLAYGROUND_NOT_READY. */
export async function requireReady(
  name: string,
  ports: Ports,
): Promise<{ readonly state: PlaygroundState; readonly access: ClusterAccess }> {
  const states = await ports.states()
  const state = await requireState(name, states)
  const access = await (await ports.kubeconfigs()).readOwn(`${states.folder(name)}/kubeconfig`)
  if (access === undefined || state.phase !== 'ready')
    throw PlayError.of('PLAYGROUND_NOT_READY', { name, reason: `it is ${state.phase}` })
  return { state, access }
}
