/** `play down`: destroys a playground, then looks everywhere and says what it found. */
import { PlayError } from '../domain/errors.ts'
import { clusterName, stateSchemaVersion, type PlaygroundState } from '../domain/playground.ts'
import type { Ports, StateStore } from '../domain/ports.ts'
import type { DownResult, LayerFinding } from '../domain/results.ts'
import type { Query, Source, SourceContext } from '../domain/source.ts'
import { createPlan } from '../engine/plan.ts'
import { defineStep, type Step } from '../engine/step.ts'
import { perform, type Session } from './session.ts'

/** How to look, given by the composition. */
export interface Inventory {
  take(queries: readonly Query[], signal: AbortSignal): Promise<readonly LayerFinding[]>
  /** Throws LEFTOVERS_FOUND or EMPTINESS_UNKNOWN unless everything is absent. */
  readonly requireEmpty: (name: string, findings: readonly LayerFinding[]) => void
}

/** What `down` was asked for. */
export interface DownOptions {
  readonly name: string
  readonly timeoutMs: number
  /** Goes on where the state file cannot be read. */
  readonly force: boolean
}

/** Removes one playground. A name that does not exist is fine. Exit codes 9 and 10 come as thrown errors. */
export async function down(
  options: DownOptions,
  ports: Ports,
  parts: { readonly source: Source; readonly inventory: Inventory },
  session: Session,
): Promise<DownResult | undefined> {
  const states = await ports.states()
  if (session.dryRun) return remove(options, ports, parts, session, states)
  const lock = await states.lock(options.name, session.command)
  try {
    return await remove(options, ports, parts, session, states)
  } finally {
    await lock.release()
  }
}

async function remove(
  options: DownOptions,
  ports: Ports,
  parts: { readonly source: Source; readonly inventory: Inventory },
  session: Session,
  states: StateStore,
): Promise<DownResult | undefined> {
  const { name } = options
  const state = await readState(options, states, session)
  const folder = states.folder(name)
  const client = (): Promise<never> => Promise.reject(new Error('down needs no API client'))
  const context: SourceContext = { ports, state, folder, timeoutMs: options.timeoutMs, client }
  const existed = (await states.exists(name)) || (await parts.source.observe(context, session.signal)) !== 'absent'
  if (existed && !session.dryRun) await states.write({ ...state, phase: 'destroying' })
  // Volumes are known by their containers alone, so the questions are put together before anything goes.
  const queries = [...(await parts.source.queries(context, session.signal)), ...localQueries(context, states)]
  const destroy = parts.source.destroySteps(context)
  const local = localStep(context, states, destroy)
  const verify = verifyStep(parts.inventory, queries, name, local)
  return perform(session, {
    subject: name,
    plan: createPlan([
      { name: 'Remove', steps: [...destroy, local] },
      { name: 'Verify', steps: [verify] },
    ]),
    resume: [`play down ${name}`],
    result: ({ output }) => ({ name, existed, findings: output(verify) ?? [] }),
  })
}

/** The state, or for a playground whose state is lost one that is good enough to delete by name. */
async function readState({ name, force }: DownOptions, states: StateStore, session: Session): Promise<PlaygroundState> {
  const state = await states.read(name).catch((error: unknown) => {
    if (force && error instanceof PlayError && error.id === 'STATE_DAMAGED') return undefined
    throw error
  })
  if (state !== undefined) return state
  const now = new Date(session.clock.now()).toISOString()
  return {
    schemaVersion: stateSchemaVersion,
    id: '0'.repeat(26),
    spec: { name, source: 'kind', kubernetesVersion: '', nodes: 1, components: [] },
    phase: 'destroying',
    createdAt: now,
    updatedAt: now,
    cluster: clusterName(name),
    engine: 'docker',
    // Without a record the shared network is nobody's to remove.
    networkExistedBefore: true,
  }
}

function localStep({ ports, state, folder }: SourceContext, states: StateStore, after: readonly Step<unknown>[]): Step<object> {
  return defineStep<object>({
    id: 'local.files',
    title: 'Remove its context and its files',
    after,
    async run() {
      const kubeconfigs = await ports.kubeconfigs()
      const merged = state.mergedContext ?? { path: kubeconfigs.userPath(), context: state.cluster, formerContext: null }
      if (await kubeconfigs.contains(merged.path, merged.context)) await kubeconfigs.remove(merged)
      await states.remove(state.spec.name)
      return { folder }
    },
  })
}

/** The places on this machine outside the container engine. */
function localQueries({ ports, state, folder }: SourceContext, states: StateStore): readonly Query[] {
  const { cluster, mergedContext, spec } = state
  return [
    {
      layer: 'kubeconfig',
      looked: `context, cluster and user ${cluster}`,
      async find() {
        const kubeconfigs = await ports.kubeconfigs()
        const path = mergedContext?.path ?? (kubeconfigs.userPath())
        return (await kubeconfigs.contains(path, cluster)) ? [`${cluster} in ${path}`] : []
      },
    },
    {
      layer: 'state',
      looked: folder,
      find: async () => ((await states.exists(spec.name)) ? [folder] : []),
    },
  ]
}

function verifyStep(
  inventory: Inventory,
  queries: readonly Query[],
  name: string,
  after: Step<unknown>,
): Step<readonly LayerFinding[]> {
  return defineStep<readonly LayerFinding[]>({
    id: 'verify.empty',
    title: 'Look everywhere',
    after: [after],
    readOnly: true,
    async run({ signal }) {
      const findings = await inventory.take(queries, signal)
      inventory.requireEmpty(name, findings)
      return findings
    },
    describe: (findings) => `${String(findings.length)} places, all empty`,
  })
}
