/** The plan of `play up`: which steps there are, and what comes of them. */
import type { ClusterAccess } from '../domain/cluster.ts'
import type { InstallSteps } from '../domain/component.ts'
import type { ComponentRegistry } from '../domain/component-registry.ts'
import type { HandOverSteps, Remembered } from '../domain/hand-over.ts'
import type { PlaygroundSpec } from '../domain/playground.ts'
import type { MergedContext, StateStore } from '../domain/ports.ts'
import type { DryRun, UpResult } from '../domain/results.ts'
import type { Source, SourceContext, SourceSteps } from '../domain/source.ts'
import type { Ledger } from '../engine/ledger.ts'
import { createPlan, type Plan } from '../engine/plan.ts'
import { defineStep, type Step } from '../engine/step.ts'
import type { Wanted } from './resolve-spec.ts'
import { perform, type Session } from './session.ts'

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

/** Everything that one run of `up` works with. */
export interface UpRun {
  readonly options: UpOptions
  readonly registries: Registries
  readonly session: Session
  readonly states: StateStore
  readonly context: SourceContext
  readonly ledger: Ledger
}

/** Makes the plan and runs it. */
export async function runUpPlan({
  options,
  registries,
  session,
  states,
  context,
  ledger,
}: UpRun): Promise<UpResult | DryRun> {
  const { state } = context
  const source = registries.source.createSteps(context)
  const merge = mergeStep(context, source.access)
  const components = state.spec.components.map((id) => registries.components.find(id))
  const adoption = components.find(({ slot }) => slot === 'gitops')?.adoption
  const { access, schedulable, network } = source
  const { ports, client, timeoutMs } = context
  const shared = { root: state.id, client, access, timeoutMs }
  const { artifacts, assets, clock } = ports
  const installs = components.map((component) => ({
    component,
    steps: registries.components.install(component, {
      ...{ ...shared, artifacts, assets, schedulable, network, adoption },
    }),
  }))
  const handOver = registries.components.handOver({
    ...{ ...shared, installs, clock },
    former: () => readRemembered(states, state.spec.name),
    remember: (published) => writeRemembered(states, state.spec.name, published),
  })
  const steps = installs.map(({ steps }) => steps)
  const after = handOver === undefined ? [network] : [handOver.synced]
  const removals = (options.removing ?? []).map((id) =>
    registries.components.remove(registries.components.find(id), {
      ...shared,
      artifacts,
      assets,
      clock,
      after,
    }),
  )
  const plan = planOf({ source, installs: steps, handOver, removals, options, merge })
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

const rememberedFile = 'published.json'

async function readRemembered(states: StateStore, name: string): Promise<Remembered | undefined> {
  const text = await states.readPrivate(name, rememberedFile)
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Remembered)
  } catch {
    // It only saves work: without it everything is compared and written anew.
    return undefined
  }
}

async function writeRemembered(states: StateStore, name: string, published: Remembered): Promise<void> {
  await states.writePrivate(name, rememberedFile, `${JSON.stringify(published)}\n`)
}

interface Parts {
  readonly source: SourceSteps
  readonly installs: readonly InstallSteps[]
  readonly handOver: HandOverSteps | undefined
  readonly removals: readonly Step<unknown>[]
  readonly options: UpOptions
  readonly merge: Step<unknown>
}

function planOf({ source, installs, handOver, removals, options, merge }: Parts): Plan {
  const manifests = installs.map(({ manifest }) => manifest)
  const required = installs.length > 0 ? [source.requireImages(manifests)] : []
  // Kubelet tries again until an image is there, so that loading and applying need not wait for one another.
  const images = installs.length > 0 ? [source.loadImages(manifests)] : []
  // A cluster without components is ready when its node is.
  const network = installs.length + removals.length > 0 ? [source.network] : []
  const waits = options.wait ? installs.map(({ ready }) => ready) : []
  return createPlan([
    { name: 'Preflight', steps: [...source.preflight, ...manifests, ...required] },
    {
      name: 'Cluster',
      steps: [...source.cluster(required), ...network, ...(options.mergeKubeconfig ? [merge] : [])],
    },
    {
      name: 'Components',
      steps: [...images, ...installs.flatMap(({ apply, start }) => [apply, start]), ...waits],
    },
    ...(handOver === undefined ? [] : [{ name: 'GitOps', steps: handOverSteps(handOver, options) }]),
    ...(removals.length === 0 ? [] : [{ name: 'Removal', steps: removals }]),
  ])
}

/** Without waiting nothing is handed over: git has to run for that. The next `up` does it. */
function handOverSteps({ publish, adopt, synced }: HandOverSteps, { wait }: UpOptions): Step<unknown>[] {
  return wait ? [publish, adopt, synced] : []
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
