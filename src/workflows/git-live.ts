/** Waits until what was pushed runs: only those are compared whose files it changed. */
import type { ComponentRegistry } from '../domain/component-registry.ts'
import { PlayError } from '../domain/errors.ts'
import type { ClusterClient } from '../domain/ports.ts'
import type { ApplicationState, GitOps } from '../domain/slots.ts'
import type { Clock } from '../engine/clock.ts'

/** A push, and who watches over it. */
export interface Live {
  readonly client: ClusterClient
  readonly gitOps: GitOps
  readonly components: ComponentRegistry
  /** Components of the playground. */
  readonly ids: readonly string[]
  readonly revision: string
  /** Files that it changed; undefined where that cannot be told. */
  readonly paths: readonly string[] | undefined
  readonly clock: Clock
  readonly onPending: (text: string, fraction: number) => void
}

/** How often the components' pods are looked at meanwhile, and how long one may be in trouble; milliseconds. */
const lookMs = 2000
const troubleMs = 20_000

/** Throws APPLICATION_BROKEN, or COMPONENT_UNHEALTHY for a component whose pods stay in trouble. */
export async function awaitLive(live: Live, signal: AbortSignal): Promise<readonly ApplicationState[]> {
  const { client, gitOps, ids, paths, revision, clock, onPending } = live
  const names = paths === undefined ? gitOps.names(ids) : await gitOps.affected(client, paths, signal)
  if (names.length === 0) return []
  await gitOps.refresh(client, names, signal)
  const end = new AbortController()
  const until = AbortSignal.any([signal, end.signal])
  try {
    const settled = gitOps.settle(client, names, { revision, signal: until, clock, onPending })
    return await Promise.race([settled, refuseTrouble(live, names, until)])
  } finally {
    end.abort(new Error('settled'))
  }
}

/** Ends only by throwing: a pod that does not come to run would be waited for until patience ends. */
async function refuseTrouble(
  { client, components, ids, clock }: Live,
  names: readonly string[],
  signal: AbortSignal,
): Promise<never> {
  const watched = ids.filter((id) => names.includes(id)).map((id) => components.find(id))
  const since = new Map<string, number>()
  for (;;) {
    await clock.sleep(lookMs, signal)
    const states = await components.states(watched, client, signal)
    for (const [index, { id, title, namespace }] of watched.entries()) {
      const state = states[index]
      if (state?.status !== 'unhealthy') since.delete(id)
      else if (!since.has(id)) since.set(id, clock.now())
      else if (clock.now() - (since.get(id) ?? 0) >= troubleMs)
        throw PlayError.of('COMPONENT_UNHEALTHY', { component: title, reason: state.reason, namespace })
    }
  }
}
