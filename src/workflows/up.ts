/** `play up`: from a wish to a playground, by steps that each look before they act. */
import type { PlaygroundSpec, PlaygroundState } from '../domain/playground.ts'
import type { DryRun, UpResult } from '../domain/results.ts'
import type { Journal, Ports, StateStore } from '../domain/ports.ts'
import type { Source, SourceContext } from '../domain/source.ts'
import { noLedger, type Ledger } from '../engine/ledger.ts'
import { leftOutStep } from './left-out.ts'
import { prepareUp } from './prepare-up.ts'
import type { Session } from './session.ts'
import { shareClient } from './shared-client.ts'
import { thenRelease } from './then-release.ts'
import { runUpPlan, type Registries, type UpOptions } from './up-plan.ts'
import { isOutOfReach, isRefusal } from './up-refusals.ts'

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
  return thenRelease(lock, () => converge(options, ports, registries, session, states))
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
  const prepared = await prepareUp(options, ports, registries, session, states)
  const { former, state, foreign, handedOver, stands } = prepared
  const client = shareClient(ports)
  const base: SourceContext = {
    ...{
      ports,
      state,
      folder: states.folder(options.name),
      timeoutMs: options.timeoutMs,
      client: client.get,
    },
    ...(handedOver === undefined ? {} : { handedOver }),
  }
  const work = (ledger: Ledger, context: SourceContext): Promise<UpResult | DryRun> =>
    runUpPlan({
      options: atHand(options, former, state.spec),
      notices: prepared.leftOut.map(leftOutStep),
      ...{ registries, session, states, context, ledger },
    })
  try {
    // Somebody else's cluster is refused by the first steps; nothing of it is written down as ours.
    if (session.dryRun || foreign) return await work(noLedger, base)
    const isAbsent = (): Promise<boolean> => nothingThere(registries.source, base)
    return await recording({ state, former, stands, states, isAbsent }, (journal) => {
      const volumes = {
        known: () => journal.knownVolumes,
        note: (some: readonly string[]) => journal.closure(some),
      }
      return work(journal, { ...base, volumes })
    })
  } finally {
    await client.close()
  }
}

/** True when nothing that the source makes is there: a network or a volume would be forgotten with the state. */
async function nothingThere(source: Source, context: SourceContext): Promise<boolean> {
  const signal = AbortSignal.timeout(lookAfterFailureMs)
  const queries = await source.queries(context, signal)
  const found = await Promise.all(queries.map(({ find }) => find(signal)))
  return found.every((things) => things.length === 0)
}

/** What is new is at hand as well: a version may need what the one before did not. */
function atHand(options: UpOptions, former: PlaygroundState | undefined, spec: PlaygroundSpec): UpOptions {
  if (options.only === undefined) return options
  const added = spec.components.filter((id) => former?.spec.components.includes(id) !== true)
  return { ...options, only: [...options.only, ...added] }
}

interface Record {
  readonly state: PlaygroundState
  readonly former: PlaygroundState | undefined
  readonly stands: boolean
  readonly states: StateStore
  readonly isAbsent: () => Promise<boolean>
}

/** Has on disk that the work began before it does anything, and how it failed. */
async function recording<R>(
  { state, former, stands, states, isAbsent }: Record,
  work: (journal: Journal) => Promise<R>,
): Promise<R> {
  const { name } = state.spec
  const wasReady = former?.phase === 'ready'
  if (!wasReady) await states.write(state)
  const journal = await states.journal(name)
  try {
    return await work(wasReady && state.phase !== 'ready' ? beginning(journal, state, states) : journal)
  } catch (error) {
    // What failed is what must be told, even if that cannot be written down.
    const nothingMade = former === undefined && isRefusal(error) && (await isAbsent().catch(() => false))
    const end = nothingMade ? states.remove(name) : writeFailure(error, { state, former, stands, states })
    await end.catch(() => undefined)
    throw error
  } finally {
    await journal.close()
  }
}

/** What was ready is written down as begun right before the first change: most runs find nothing to change. */
function beginning(journal: Journal, state: PlaygroundState, states: StateStore): Journal {
  let begun: Promise<void> | undefined
  return {
    ...{ knownVolumes: journal.knownVolumes, close: () => journal.close() },
    closure: (volumes) => journal.closure(volumes),
    settle: (step, outcome) => journal.settle(step, outcome),
    async intend(step) {
      await (begun ??= states.write(state))
      await journal.intend(step)
    },
  }
}

/** What was noted meanwhile stays. What is not to be had must not stay wanted: every later run would be refused as well. */
async function writeFailure(
  error: unknown,
  { state, former, stands, states }: Omit<Record, 'isAbsent'>,
): Promise<void> {
  const latest = (await states.read(state.spec.name).catch(() => undefined)) ?? state
  const noted = latest.mergedContext === undefined ? {} : { mergedContext: latest.mergedContext }
  if (former === undefined || !isOutOfReach(error))
    return states.write({ ...state, ...noted, phase: 'failed' })
  if (former.phase === 'ready' && stands) return states.write({ ...former, ...noted })
  return states.write({ ...state, ...noted, spec: former.spec, phase: 'failed' })
}
