/** `play up`: from a wish to a playground, by steps that each look before they act. */
import type { ClusterAccess } from '../domain/cluster.ts'
import type { ComponentRegistry, InstallSteps } from '../domain/component.ts'
import { exitCodes } from '../domain/error-catalog.ts'
import { PlayError } from '../domain/errors.ts'
import {
  clusterName,
  stateSchemaVersion,
  type PlaygroundSpec,
  type PlaygroundState,
} from '../domain/playground.ts'
import type { DryRun, UpResult } from '../domain/results.ts'
import type { ContainerEngine, MergedContext, Ports, StateStore } from '../domain/ports.ts'
import type { Source, SourceContext, SourceSteps } from '../domain/source.ts'
import { noLedger, type Ledger } from '../engine/ledger.ts'
import { createPlan, type Plan } from '../engine/plan.ts'
import { defineStep, type Step } from '../engine/step.ts'
import { refuseChanges, resolveSpec, type Wanted } from './resolve-spec.ts'
import { perform, type Session } from './session.ts'
import { shareClient } from './shared-client.ts'

/** What `up` was asked for. */
export interface UpOptions extends Wanted {
  /** Patience for a single step, milliseconds. */
  readonly timeoutMs: number
  /** False leaves the user's kubeconfig alone. */
  readonly mergeKubeconfig: boolean
  /** False ends as soon as everything is applied. */
  readonly wait: boolean
}

/** The plug-ins that `up` chooses from. */
export interface Registries {
  readonly source: Source
  readonly components: ComponentRegistry
}

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
  const { former, state, foreign } = await prepare(options, ports, registries, session, states)
  const client = shareClient(ports)
  const folder = states.folder(options.name)
  const context: SourceContext = { ports, state, folder, timeoutMs: options.timeoutMs, client: client.get }
  const work = (ledger: Ledger): Promise<UpResult | DryRun> =>
    build({ options, registries, session, states, context, ledger })
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

interface Prepared {
  readonly former: PlaygroundState | undefined
  readonly state: PlaygroundState
  /** A cluster of this name stands that play did not make. */
  readonly foreign: boolean
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
  const defaults = {
    kubernetesVersion: artifacts.defaultKubernetesVersion,
    components: registries.components.all.map(({ id, byDefault }) => ({ id, byDefault })),
  }
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
  return { former, state, foreign: standing === 'foreign' }
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
    const end = nothingMade ? states.remove(state.spec.name) : states.write({ ...state, phase: 'failed' })
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

interface Build {
  readonly options: UpOptions
  readonly registries: Registries
  readonly session: Session
  readonly states: StateStore
  readonly context: SourceContext
  readonly ledger: Ledger
}

async function build({
  options,
  registries,
  session,
  states,
  context,
  ledger,
}: Build): Promise<UpResult | DryRun> {
  const { state } = context
  const source = registries.source.createSteps(context)
  const merge = mergeStep(context, source.access)
  const installs = state.spec.components.map((id) =>
    registries.components.install(registries.components.find(id), {
      root: state.id,
      artifacts: context.ports.artifacts,
      assets: context.ports.assets,
      client: context.client,
      access: source.access,
      schedulable: source.schedulable,
      network: source.network,
      timeoutMs: context.timeoutMs,
    }),
  )
  const plan = planOf(source, installs, options, merge)
  return perform(session, {
    subject: state.spec.name,
    plan,
    ledger,
    resume: [`play up ${state.spec.name}`, `play down ${state.spec.name}`],
    async result({ changed, skipped, output }) {
      if (session.dryRun) return { name: state.spec.name, wouldRun: skipped }
      const access = output(source.access)
      if (access === undefined) throw new Error('the plan ended without a way in')
      const merged = options.mergeKubeconfig ? output(merge) : undefined
      await states.write({ ...state, phase: 'ready', ...(merged ? { mergedContext: merged } : {}) })
      return resultOf(state.spec, access, changed)
    },
  })
}

function planOf(
  source: SourceSteps,
  installs: readonly InstallSteps[],
  options: UpOptions,
  merge: Step<unknown>,
): Plan {
  // Kubelet tries again until an image is there, so that loading and applying need not wait for one another.
  const images = installs.length > 0 ? [source.loadImages(installs.map(({ manifest }) => manifest))] : []
  // A cluster without components is ready when its node is.
  const network = installs.length > 0 ? [source.network] : []
  const waits = options.wait ? installs.map(({ ready }) => ready) : []
  return createPlan([
    { name: 'Preflight', steps: [...source.preflight, ...installs.map(({ manifest }) => manifest)] },
    { name: 'Cluster', steps: [...source.cluster, ...network, ...(options.mergeKubeconfig ? [merge] : [])] },
    {
      name: 'Components',
      steps: [...images, ...installs.flatMap(({ apply, start }) => [apply, start]), ...waits],
    },
  ])
}

function mergeStep(
  { ports, state, folder }: SourceContext,
  access: Step<ClusterAccess>,
): Step<MergedContext> {
  return defineStep<MergedContext>({
    id: 'cluster.kubeconfig',
    title: `Make ${state.cluster} the current context`,
    after: [access],
    async check() {
      const kubeconfigs = await ports.kubeconfigs()
      return (await kubeconfigs.isMerged(`${folder}/kubeconfig`)) ? state.mergedContext : undefined
    },
    run: async () => (await ports.kubeconfigs()).merge(`${folder}/kubeconfig`),
    describe: ({ path }) => path,
  })
}

function resultOf(spec: PlaygroundSpec, access: ClusterAccess, changed: readonly string[]): UpResult {
  return {
    name: spec.name,
    context: access.context,
    kubeconfig: access.kubeconfigPath,
    server: access.server,
    kubernetesVersion: spec.kubernetesVersion,
    nodes: spec.nodes,
    components: spec.components,
    changed,
  }
}
