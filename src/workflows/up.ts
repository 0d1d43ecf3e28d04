/** `play up`: from a wish to a playground, by steps that each look before they act. */
import { exitCodes } from '../domain/catalog-entry.ts'
import type { ComponentRegistry } from '../domain/component-registry.ts'
import { PlayError } from '../domain/errors.ts'
import {
  clusterName,
  stateSchemaVersion,
  type PlaygroundSpec,
  type PlaygroundState,
} from '../domain/playground.ts'
import type { DryRun, UpResult } from '../domain/results.ts'
import type { Artifacts, ContainerEngine, Ports, StateStore } from '../domain/ports.ts'
import type { SourceContext } from '../domain/source.ts'
import { noLedger, type Ledger } from '../engine/ledger.ts'
import type { LeftOut } from './left-out.ts'
import { isOutside, refuseChanges, resolveSpec } from './resolve-spec.ts'
import type { Session } from './session.ts'
import { shareClient } from './shared-client.ts'
import { runUpPlan, type Registries, type UpOptions } from './up-plan.ts'

export type { UpOptions } from './up-plan.ts'

/** Creates or converges the playground. Throws SPEC_CHANGED, STATE_LOCKED and whatever a step meets. */
export async function up(
  options: UpOptions,
  ports: Ports,
  registries: Registries,
  session: Session,
): Promise<UpResult | DryRun> {
  for (const id of [...options.with, ...options.without]) registries.components.find(id)
  const states = await ports.states()
  if (session.dryRun) return converge(options, ports, registries, session, states)
  const lock = await states.lock(options.name, session.command)
  try {
    return await converge(options, ports, registries, session, states)
  } finally {
    await lock.release()
  }
}

/** Patience for the one look at the engine after a failure. */
const lookAfterFailureMs = 10_000

async function converge(
  options: UpOptions,
  ports: Ports,
  registries: Registries,
  session: Session,
  states: StateStore,
): Promise<UpResult | DryRun> {
  const { former, state, foreign, leftOut } = await prepare(options, ports, registries, session, states)
  const client = shareClient(ports)
  const folder = states.folder(options.name)
  const context: SourceContext = { ports, state, folder, timeoutMs: options.timeoutMs, client: client.get }
  const work = (ledger: Ledger): Promise<UpResult | DryRun> =>
    runUpPlan({
      options: atHand(options, former, state.spec),
      registries,
      session,
      states,
      context,
      ledger,
      leftOut,
    })
  try {
    // Somebody else's cluster is refused by the first steps; nothing of it is written down as ours.
    if (session.dryRun || foreign) return await work(noLedger)
    const isAbsent = async (): Promise<boolean> =>
      (await registries.source.observe(context, AbortSignal.timeout(lookAfterFailureMs))) === 'absent'
    return await recording({ state, former, states, isAbsent }, work)
  } finally {
    await client.close()
  }
}

/** What is new is at hand as well: a version may need what the one before did not. */
function atHand(options: UpOptions, former: PlaygroundState | undefined, spec: PlaygroundSpec): UpOptions {
  if (options.only === undefined) return options
  const added = spec.components.filter((id) => former?.spec.components.includes(id) !== true)
  return { ...options, only: [...options.only, ...added] }
}

interface Prepared {
  readonly former: PlaygroundState | undefined
  readonly state: PlaygroundState
  /** A cluster of this name stands that play did not make. */
  readonly foreign: boolean
  /** Components that are there by default, were it not for the bundle. */
  readonly leftOut: readonly LeftOut[]
}

/** Looks at what is there and decides what is wanted. Writes nothing. */
async function prepare(
  options: UpOptions,
  ports: Ports,
  registries: Registries,
  session: Session,
  states: StateStore,
): Promise<Prepared> {
  const { name, timeoutMs } = options
  const [former, engine, artifacts] = await Promise.all([
    states.read(name),
    ports.engine(session.signal),
    ports.artifacts(),
  ])
  const components = registries.components.all
  const lacking = components
    .filter(({ images = [] }) => images.some((image) => !artifacts.canHaveImage(image)))
    .map(({ id }) => id)
  const defaults = { kubernetesVersion: artifacts.defaultKubernetesVersion, components, lacking }
  const wished = resolveSpec(options, former, defaults)
  // A version that does not exist must not become the state of a playground; 1.34 becomes the release it stands for.
  const { kubernetesVersion } =
    former === undefined ? await artifacts.nodeImage(wished.kubernetesVersion, session.signal) : wished
  const spec = former === undefined ? { ...wished, kubernetesVersion } : wished
  const state = await initialState(spec, former, engine, ports, session)
  const client = (): Promise<never> => Promise.reject(new Error('a look at the engine needs no API client'))
  const context: SourceContext = { ports, state, folder: states.folder(name), timeoutMs, client }
  const standing = await registries.source.observe(context, session.signal)
  if (former !== undefined && standing !== 'absent') refuseChanges(options, former.spec)
  const leftOut = former === undefined ? leftOutOf(options, spec, registries.components, artifacts) : []
  return { former, state, foreign: standing === 'foreign', leftOut }
}

/** The defaults that a new playground does not get though nobody chose that. */
function leftOutOf(
  { without }: UpOptions,
  spec: PlaygroundSpec,
  { all }: ComponentRegistry,
  artifacts: Artifacts,
): readonly LeftOut[] {
  return all
    .filter(({ id, slot, byDefault }) => byDefault && !spec.components.includes(id) && !isOutside(slot, spec))
    .filter(({ id }) => !without.includes(id))
    .map((component) => ({
      component,
      lacking: (component.images ?? []).filter((image) => !artifacts.canHaveImage(image)),
    }))
}

/** Kinds of errors that come before anything is made: a wish that cannot be met must not become a playground. */
function isRefusal(error: unknown): boolean {
  const refusals: readonly number[] = [
    exitCodes.usage,
    exitCodes.prerequisite,
    exitCodes.conflict,
    exitCodes.network,
  ]
  return error instanceof PlayError && refusals.includes(error.exitCode)
}

/** What was asked for cannot be had, and nothing of it was begun. */
function isOutOfReach(error: unknown): boolean {
  const ids = [
    'BUNDLE_LACKS_IMAGE',
    'COMPONENT_CONFLICT',
    'PUBLISHED_UNKNOWN',
    'GIT_CREDENTIALS',
    'GIT_BRANCH_TAKEN',
    'GIT_REFUSED',
    'REGISTRY_CREDENTIALS',
  ]
  return error instanceof PlayError && ids.includes(error.id)
}

interface Record {
  readonly state: PlaygroundState
  readonly former: PlaygroundState | undefined
  readonly states: StateStore
  readonly isAbsent: () => Promise<boolean>
}

/** Has on disk that the work began before it does anything, and how it failed. */
async function recording<R>(
  { state, former, states, isAbsent }: Record,
  work: (ledger: Ledger) => Promise<R>,
): Promise<R> {
  if (former?.phase !== 'ready') await states.write(state)
  const journal = await states.journal(state.spec.name)
  try {
    return await work(journal)
  } catch (error) {
    // What failed is what must be told, even if that cannot be written down.
    const nothingMade = former === undefined && isRefusal(error) && (await isAbsent().catch(() => false))
    // What is not to be had must not stay wanted: every later run would be refused as well.
    const kept = isOutOfReach(error) ? former : undefined
    const end = nothingMade
      ? states.remove(state.spec.name)
      : states.write(kept ?? { ...state, phase: 'failed' })
    await end.catch(() => undefined)
    throw error
  } finally {
    await journal.close()
  }
}

async function initialState(
  spec: PlaygroundSpec,
  former: PlaygroundState | undefined,
  engine: ContainerEngine,
  ports: Ports,
  session: Session,
): Promise<PlaygroundState> {
  const now = new Date(session.clock.now()).toISOString()
  if (former !== undefined) {
    const phase = former.phase === 'ready' ? 'ready' : 'creating'
    return { ...former, spec, phase, engine: engine.name, updatedAt: now }
  }
  return {
    schemaVersion: stateSchemaVersion,
    id: ports.newId(),
    spec,
    phase: 'creating',
    createdAt: now,
    updatedAt: now,
    cluster: clusterName(spec.name),
    engine: engine.name,
    networkExistedBefore: await engine.networkExists('kind', session.signal),
  }
}
