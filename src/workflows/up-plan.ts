/** The plan of `play up`: which steps there are, and what comes of them. */
import type { ClusterAccess } from '../domain/cluster.ts'
import type { Component, InstallOptions, InstallSteps } from '../domain/component.ts'
import type { ComponentRegistry } from '../domain/component-registry.ts'
import type { HandOverOptions, HandOverSteps, Remembered } from '../domain/hand-over.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import type { MergedContext, StateStore } from '../domain/ports.ts'
import type { DryRun, UpResult } from '../domain/results.ts'
import type { Source, SourceContext, SourceSteps } from '../domain/source.ts'
import type { Ledger } from '../engine/ledger.ts'
import { createPlan, type Plan } from '../engine/plan.ts'
import type { Step } from '../engine/step.ts'
import { openGit, trusting } from './external-git.ts'
import { mergeStep } from './merge-step.ts'
import { pushing, registrySteps, type RegistrySteps } from './external-registry.ts'
import { endFormerStep } from './former-processes.ts'
import type { Wanted } from './resolve-spec.ts'
import { perform, type Session } from './session.ts'
import { isOutOfReach, isRefusal } from './up-refusals.ts'
import { scopeOf, type UpScope } from './up-scope.ts'

/** What `up` was asked for. */
export interface UpOptions extends Wanted {
  /** Patience for a single step, milliseconds. */
  readonly timeoutMs: number
  /** How long it lives from now on, milliseconds; what it has, else for ever, if left out. */
  readonly ttlMs?: number
  /** False leaves the user's kubeconfig alone. */
  readonly mergeKubeconfig: boolean
  /** False ends as soon as everything is applied. */
  readonly wait: boolean
  /** The components at hand, besides those that are new; all others stay exactly as they are. Everything if left out. */
  readonly only?: readonly string[]
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
  /** Steps that tell a person what nobody asked for. */
  readonly notices: readonly Step<unknown>[]
}

/** Makes the plan and runs it. */
export async function runUpPlan(run: UpRun): Promise<UpResult | DryRun> {
  const { options, session, states, context, ledger } = run
  const { state } = context
  const { parts, versions } = await partsOf(run)
  const { source, merge } = parts
  const resume = [`play up ${state.spec.name}`, `play down ${state.spec.name}`]
  return perform(session, {
    subject: state.spec.name,
    plan: planOf(parts),
    ledger,
    resume,
    // What is there is kept, unless nothing was begun.
    advice: (error) => (isRefusal(error) || isOutOfReach(error) ? [] : resume),
    async result({ changed, skipped, output }) {
      if (session.dryRun) return { name: state.spec.name, wouldRun: skipped }
      const access = output(source.access)
      if (access === undefined) throw new Error('the plan ended without a way in')
      const merged = options.mergeKubeconfig ? output(merge) : undefined
      await states.write({
        ...{ ...state, phase: 'ready', versions },
        ...(merged ? { mergedContext: merged } : {}),
      })
      return resultOf(state, access, changed)
    },
  })
}

/** What the plan is made of, and the versions that are there when it has succeeded. */
async function partsOf({
  options,
  registries,
  session,
  states,
  context,
  notices,
}: UpRun): Promise<{ readonly parts: Parts } & Pick<UpScope, 'versions'>> {
  const { state } = context
  const former = endFormerStep(context.ports, context.folder)
  const source = registries.source.createSteps(context, [former])
  const merge = mergeStep(context, states, source.access)
  const { external, knownHosts } = await openGit(context, session.signal)
  const components = state.spec.components.map((id) =>
    pushing(trusting(registries.components.find(id), registries.components, knownHosts), state.spec),
  )
  const { chosen, others, versions } = scopeOf(components, options.only, state)
  const adoption = components.find(({ slot }) => slot === 'gitops')?.adoption
  const { access, schedulable, network } = source
  const { ports, client, timeoutMs } = context
  const shared = { root: state.id, client, access, timeoutMs }
  const { artifacts, assets, clock } = ports
  const installs = installsOf(chosen, registries.components, state.versions, {
    ...{ ...shared, name: state.spec.name, artifacts, assets, clock, schedulable, network, adoption },
    images: () => images,
    required: () => required,
  })
  const required: Step<unknown> = source.requireImages(installs.map(({ steps }) => steps.manifest))
  const images: Step<unknown> = source.loadImages(installs.map(({ steps }) => steps.manifest))
  const handOver = registries.components.handOver({
    ...{ ...shared, ...others, installs, clock, ...(external === undefined ? {} : { external }) },
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
  const runsLater = chosen.some(({ alsoRuns }) => alsoRuns !== undefined)
  const registry = registrySteps(context, access, installs)
  const parts = {
    ...{ source, installs: steps, images, required, runsLater, handOver, registry },
    ...{ removals, options, merge, notices, former },
  }
  return { parts, versions }
}

type Install = HandOverOptions['installs'][number]

function installsOf(
  components: readonly Component[],
  registry: ComponentRegistry,
  versions: PlaygroundState['versions'],
  options: InstallOptions,
): readonly Install[] {
  const installs: Install[] = []
  for (const component of components) {
    const owner = installs.find((other) => other.component.namespace === component.namespace)
    const schedulable = owner?.steps.apply ?? options.schedulable
    const installedVersion = versions?.[component.id]
    const steps = registry.install(component, { ...options, schedulable, installedVersion })
    installs.push({ component, steps })
  }
  return installs
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
  readonly images: Step<unknown>
  readonly required: Step<unknown>
  /** Some component has images for later. */
  readonly runsLater: boolean
  readonly handOver: HandOverSteps | undefined
  readonly registry: RegistrySteps
  readonly removals: readonly Step<unknown>[]
  readonly options: UpOptions
  readonly merge: Step<MergedContext>
  readonly notices: readonly Step<unknown>[]
  readonly former: Step<unknown>
}

function planOf(parts: Parts): Plan {
  const {
    source,
    installs,
    images,
    required,
    runsLater,
    handOver,
    registry,
    removals,
    options,
    merge,
    notices,
    former,
  } = parts
  const manifests = installs.map(({ manifest }) => manifest)
  // Kubelet tries again until an image is there, so that applying need not wait for loading; waiting for pods does.
  const loading = installs.length > 0 ? [images] : []
  const checked = installs.length > 0 ? [required] : []
  // A cluster without components is ready when its node is.
  const network = installs.length + removals.length > 0 ? [source.network] : []
  const waits = options.wait ? installs.map(({ ready }) => ready) : []
  const later = runsLater ? [source.loadImagesForLater(manifests, [images, ...waits])] : []
  return createPlan([
    {
      name: 'Preflight',
      steps: [
        former,
        ...source.preflight,
        ...(handOver?.preflight ?? []),
        ...registry.preflight,
        ...notices,
        ...manifests,
        ...checked,
      ],
    },
    {
      name: 'Cluster',
      steps: [...source.cluster(checked), ...network, ...(options.mergeKubeconfig ? [merge] : [])],
    },
    {
      name: 'Components',
      steps: [
        ...loading,
        ...installs.flatMap(({ apply, start }) => [apply, start]),
        ...registry.access,
        ...waits,
        ...later,
      ],
    },
    { name: 'GitOps', steps: handOverSteps(handOver, options) },
    { name: 'Removal', steps: removals },
  ])
}

/** Without waiting nothing is handed over: git has to run for that. The next `up` does it. */
function handOverSteps(handOver: HandOverSteps | undefined, { wait }: UpOptions): Step<unknown>[] {
  if (handOver === undefined || !wait) return []
  const { access, publish, adopt, synced } = handOver
  return [...access, publish, adopt, synced]
}

function resultOf(
  { spec, expiresAt }: PlaygroundState,
  access: ClusterAccess,
  changed: readonly string[],
): UpResult {
  return {
    name: spec.name,
    context: access.context,
    kubeconfig: access.kubeconfigPath,
    server: access.server,
    kubernetesVersion: spec.kubernetesVersion,
    nodes: spec.nodes,
    components: spec.components,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    changed,
  }
}
