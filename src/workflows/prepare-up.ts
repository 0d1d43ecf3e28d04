/** The first part of `play up`: looks at what is there, and decides what is wanted and what is known of it. */
import { isDeepStrictEqual } from 'node:util'
import { expiringIn } from '../domain/expiry.ts'
import { clusterName, stateSchemaVersion, type PlaygroundState } from '../domain/playground.ts'
import type { Artifacts, ContainerEngine, Ports, StateStore } from '../domain/ports.ts'
import type { SourceContext } from '../domain/source.ts'
import type { LeftOut } from './left-out.ts'
import { isOutside, refuseChanges, resolveSpec } from './resolve-spec.ts'
import type { Session } from './session.ts'
import type { Registries, UpOptions } from './up-plan.ts'

/** What is known before there is a plan. */
export interface Prepared {
  readonly former: PlaygroundState | undefined
  /** What is on disk once the work begins. */
  readonly state: PlaygroundState
  /** A cluster of this name stands that play did not make. */
  readonly foreign: boolean
  /** A cluster of this name stood before the work began. */
  readonly stands: boolean
  /** Whether an `up` has ever ended with the cluster that may stand; undefined where nobody knows. */
  readonly handedOver: boolean | undefined
  /** Components that are there by default, were it not for the bundle. */
  readonly leftOut: readonly LeftOut[]
}

/**
 * Looks at what is there and decides what is wanted. Writes nothing. Throws SPEC_CHANGED, and ENGINE_CHANGED where another
 * engine answers than the one that may still hold the cluster.
 */
export async function prepareUp(
  options: UpOptions,
  ports: Ports,
  registries: Registries,
  session: Session,
  states: StateStore,
): Promise<Prepared> {
  const { name, timeoutMs } = options
  const { signal } = session
  const former = await states.read(name)
  const [engine, artifacts, isAtWork] = await Promise.all([
    ports.engine(signal, former?.engine),
    ports.artifacts(),
    former === undefined ? false : engineAtWork(ports, states.folder(name)),
  ])
  const spec = await wantedSpec(options, former, { artifacts, registries, signal })
  const wanted = { spec, engine: engine.name, now: session.clock.now(), newId: ports.newId }
  const first = initialState(wanted, former)
  const client = (): Promise<never> => Promise.reject(new Error('a look at the engine needs no API client'))
  const context: SourceContext = { ports, state: first, folder: states.folder(name), timeoutMs, client }
  const [identity, standing, isNetworkThere] = await Promise.all([
    engine.identity(signal),
    registries.source.observe(context, signal),
    networkIsOfOthers({ former, name, states, engine }, signal),
  ])
  // What a former engine still makes may stand a moment later.
  const mayStand = standing !== 'absent' || isAtWork
  if (former !== undefined && mayStand) refuseChanges(options, former.spec)
  const begun = {
    ...beginning(first, former, { mayStand, isNetworkThere }, options),
    engineIdentity: identity,
  }
  return {
    former,
    state: expiringIn(begun, options.ttlMs, session.clock.now()),
    foreign: standing === 'foreign',
    stands: standing !== 'absent',
    handedOver: wasHandedOver(former),
    leftOut: leftOutOf(options, former, spec, { artifacts, registries }),
  }
}

interface Offer {
  readonly artifacts: Artifacts
  readonly registries: Registries
  readonly signal: AbortSignal
}

/** A version that does not exist must not become the state of a playground; 1.34 becomes the release it stands for. */
async function wantedSpec(
  options: UpOptions,
  former: PlaygroundState | undefined,
  { artifacts, registries, signal }: Offer,
): Promise<PlaygroundState['spec']> {
  const components = registries.components.all
  const lacking = components
    .filter(({ images = [] }) => images.some((image) => !artifacts.canHaveImage(image)))
    .map(({ id }) => id)
  const defaults = { kubernetesVersion: artifacts.defaultKubernetesVersion, components, lacking }
  const wished = resolveSpec(options, former, defaults)
  if (former !== undefined) return wished
  const { kubernetesVersion } = await artifacts.nodeImage(wished.kubernetesVersion, signal)
  return { ...wished, kubernetesVersion }
}

/** Whether an engine of an interrupted run goes on. Where that cannot be told it may. */
async function engineAtWork(ports: Ports, folder: string): Promise<boolean> {
  try {
    const running = await (await ports.processTable()).find(folder)
    return running.some(({ forwards }) => forwards !== true)
  } catch {
    return true
  }
}

interface Sharing {
  readonly former: PlaygroundState | undefined
  readonly name: string
  readonly states: StateStore
  readonly engine: ContainerEngine
}

/**
 * Whether the network that all kind clusters share is there and not due to play: it goes with the last playground if it
 * came with the first, in whatever order they go.
 */
async function networkIsOfOthers(
  { former, name, states, engine }: Sharing,
  signal: AbortSignal,
): Promise<boolean> {
  if (former?.networkExistedBefore === false || !(await engine.networkExists('kind', signal))) return false
  const names = (await states.list()).filter((other) => other !== name)
  // A record that cannot be read says nothing; that its playground is damaged is told by whoever works on that.
  const others = await Promise.all(names.map((other) => states.read(other).catch(() => undefined)))
  return !others.some((other) => other?.networkExistedBefore === false)
}

/** A `down` that was begun gave up whatever work was in the cluster. */
function wasHandedOver(former: PlaygroundState | undefined): boolean | undefined {
  if (former === undefined) return undefined
  return former.phase !== 'destroying' && (former.phase === 'ready' || former.versions !== undefined)
}

interface Beginning {
  readonly spec: PlaygroundState['spec']
  readonly engine: PlaygroundState['engine']
  readonly now: number
  readonly newId: () => string
}

function initialState(
  { spec, engine, now, newId }: Beginning,
  former: PlaygroundState | undefined,
): PlaygroundState {
  const updatedAt = new Date(now).toISOString()
  if (former !== undefined) return { ...former, spec, engine, updatedAt }
  return {
    schemaVersion: stateSchemaVersion,
    id: newId(),
    spec,
    phase: 'creating',
    createdAt: updatedAt,
    updatedAt,
    cluster: clusterName(spec.name),
    engine,
    networkExistedBefore: false,
  }
}

interface Look {
  readonly mayStand: boolean
  readonly isNetworkThere: boolean
}

/**
 * What is on disk before the first change: a playground stays `ready` while it is only looked at and repaired. Whoever
 * makes a cluster makes the network with it where there is none.
 */
function beginning(
  state: PlaygroundState,
  former: PlaygroundState | undefined,
  look: Look,
  { removing = [] }: UpOptions,
): PlaygroundState {
  if (former === undefined) return { ...state, networkExistedBefore: look.isNetworkThere }
  const isSame = removing.length > 0 || isDeepStrictEqual(state.spec, former.spec)
  const isSettled = former.phase === 'ready' && look.mayStand && isSame
  return {
    ...withVersions(state, look),
    phase: isSettled ? 'ready' : 'creating',
    networkExistedBefore: former.networkExistedBefore && (look.mayStand || look.isNetworkThere),
  }
}

/** Of a cluster that is gone, or going, nothing is installed. */
function withVersions(state: PlaygroundState, { mayStand }: Look): PlaygroundState {
  const { versions, ...others } = state
  const isGone = state.phase === 'destroying' || !mayStand
  return isGone || versions === undefined ? others : state
}

/** The defaults that a new playground does not get though nobody chose that. */
function leftOutOf(
  { without }: UpOptions,
  former: PlaygroundState | undefined,
  spec: PlaygroundState['spec'],
  { artifacts, registries }: Pick<Offer, 'artifacts' | 'registries'>,
): readonly LeftOut[] {
  if (former !== undefined) return []
  return registries.components.all
    .filter(({ id, slot, byDefault }) => byDefault && !spec.components.includes(id) && !isOutside(slot, spec))
    .filter(({ id }) => !without.includes(id))
    .map((component) => ({
      component,
      lacking: (component.images ?? []).filter((image) => !artifacts.canHaveImage(image)),
    }))
}
