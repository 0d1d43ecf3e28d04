/** The state of a playground whose own is lost: good enough to find and remove it by name. */
import { clusterName, stateSchemaVersion, type PlaygroundState } from './playground.ts'

const presumedId = '0'.repeat(26)

/** `now` in milliseconds since the epoch. Of nothing that is shared does it say that it is ours. */
export function presumedState(name: string, engine: PlaygroundState['engine'], now: number): PlaygroundState {
  const at = new Date(now).toISOString()
  return {
    schemaVersion: stateSchemaVersion,
    id: presumedId,
    spec: { name, source: 'kind', kubernetesVersion: 'unknown', nodes: 1, components: [] },
    phase: 'destroying',
    createdAt: at,
    updatedAt: at,
    cluster: clusterName(name),
    engine,
    networkExistedBefore: true,
  }
}

/** True for a state that was never read from a file that `up` wrote. */
export function isPresumed({ id }: PlaygroundState): boolean {
  return id === presumedId
}

/** True when the state says nothing of the engine. */
export function isEnginePresumed(state: PlaygroundState): boolean {
  return isPresumed(state) && state.engineIdentity === undefined
}
