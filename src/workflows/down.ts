/** `play down`: destroys a playground, then looks everywhere and says what it found. */
import { PlayError } from '../domain/errors.ts'
import { clusterName, stateSchemaVersion, type PlaygroundState } from '../domain/playground.ts'
import type { MergedContext, Ports, StateStore } from '../domain/ports.ts'
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
  // Volumes are known by their containers alone, so the questions are put together before anything goes; and what
  // is somebody else's is refused here, before anything is written.
  const queries = [...(await parts.source.queries(context, session.signal)), kubeconfigQuery(context)]
  const existed =
    (await states.exists(name)) || (await parts.source.observe(context, session.signal)) !== 'absent'
  if (existed && !session.dryRun) await states.write({ ...state, phase: 'destroying' })
  const destroy = parts.source.destroySteps(context)
  const local = contextStep(context, destroy)
  const verify = verifyStep(parts.inventory, queries, name, local)
  const files = filesStep(parts.inventory, context, states, verify)
  return perform(session, {
    subject: name,
    plan: createPlan([
      { name: 'Remove', steps: [...destroy, local] },
      { name: 'Verify', steps: [verify, files] },
    ]),
    resume: [`play down ${name}`],
    result({ output }) {
      const [places, folders] = [output(verify), output(files)]
      return places === undefined || folders === undefined
        ? undefined
        : {
            ...{ name, existed, findings: [...places, ...folders] },
            ...(state.spec.git === undefined ? {} : { kept: state.spec.git.url }),
          }
    },
  })
}

/** The state, or for a playground whose state is lost one that is good enough to delete by name. */
async function readState(
  { name, force }: DownOptions,
  states: StateStore,
  session: Session,
): Promise<PlaygroundState> {
  const state = await states.read(name).catch((error: unknown) => {
    if (force && error instanceof PlayError && error.id === 'STATE_DAMAGED') return undefined
    throw error
  })
  if (state !== undefined) return state
  const now = new Date(session.clock.now()).toISOString()
  return {
    schemaVersion: stateSchemaVersion,
    id: '0'.repeat(26),
    spec: { name, source: 'kind', kubernetesVersion: 'unknown', nodes: 1, components: [] },
    phase: 'destroying',
    createdAt: now,
    updatedAt: now,
    cluster: clusterName(name),
    engine: 'docker',
    // Without a record the shared network is nobody's to remove.
    networkExistedBefore: true,
  }
}

function contextStep({ ports, state }: SourceContext, after: readonly Step<unknown>[]): Step<object> {
  return defineStep<object>({
    id: 'local.context',
    title: 'Remove its context',
    after,
    async check() {
      const kubeconfigs = await ports.kubeconfigs()
      const { path, context } = mergedOf(state, kubeconfigs.userPath())
      return (await kubeconfigs.contains(path, context)) ? undefined : {}
    },
    async run() {
      const kubeconfigs = await ports.kubeconfigs()
      await kubeconfigs.remove(mergedOf(state, kubeconfigs.userPath()))
      return {}
    },
  })
}

/** What `up` put into the kubeconfig; where its record is lost, what it would have put there. */
function mergedOf({ mergedContext, cluster }: PlaygroundState, path: string): MergedContext {
  return mergedContext ?? { path, context: cluster, formerContext: null }
}

function kubeconfigQuery({ ports, state }: SourceContext): Query {
  const { cluster, mergedContext } = state
  return {
    layer: 'kubeconfig',
    looked: `context, cluster and user ${cluster}`,
    async find() {
      const kubeconfigs = await ports.kubeconfigs()
      const path = mergedContext?.path ?? kubeconfigs.userPath()
      return (await kubeconfigs.contains(path, cluster)) ? [`${cluster} in ${path}`] : []
    },
  }
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

/** Last, because the next `down` needs the files for as long as anything is left or could not be looked at. */
function filesStep(
  inventory: Inventory,
  { state, folder }: SourceContext,
  states: StateStore,
  after: Step<unknown>,
): Step<readonly LayerFinding[]> {
  const { name } = state.spec
  const find = async (): Promise<readonly string[]> => ((await states.exists(name)) ? [folder] : [])
  return defineStep<readonly LayerFinding[]>({
    id: 'local.files',
    title: 'Remove its files',
    after: [after],
    async run({ signal }) {
      await states.remove(name)
      const findings = await inventory.take([{ layer: 'state', looked: folder, find }], signal)
      inventory.requireEmpty(name, findings)
      return findings
    },
  })
}
