/** `play down`: destroys a playground, then looks everywhere and says what it found. */
import { cannotTell } from '../domain/cannot-tell.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import { presumedState } from '../domain/presumed-state.ts'
import type { Ports, StateStore } from '../domain/ports.ts'
import type { DownForecast, DownResult } from '../domain/results.ts'
import type { Source, SourceContext } from '../domain/source.ts'
import { createPlan, type Plan } from '../engine/plan.ts'
import type { Step } from '../engine/step.ts'
import type { Verified } from '../domain/verification.ts'
import { downRecords, type DownRecords } from './down-records.ts'
import {
  contextStep,
  filesStep,
  verifyStep,
  type FilesEnd,
  type Inventory,
  type Removal,
} from './down-steps.ts'
import { endFormerStep } from './former-processes.ts'
import { playgroundQueries, stateQuery } from './playground-queries.ts'
import { perform, type Session } from './session.ts'
import { thenRelease } from './then-release.ts'

export type { Inventory } from './down-steps.ts'

/** What `down` was asked for. */
export interface DownOptions {
  readonly name: string
  readonly timeoutMs: number
  /** By name alone, and on where the state cannot be read or the folder cannot be written. */
  readonly force: boolean
}

/** What it works with. */
export interface DownParts {
  readonly source: Source
  readonly inventory: Inventory
}

/**
 * Removes one playground; a dry run answers what would go. A name that does not exist is fine. What is left or could not
 * be looked at comes as an error: LEFTOVERS_FOUND (9), EMPTINESS_UNKNOWN and ENGINE_CHANGED (10).
 */
export async function down(
  options: DownOptions,
  ports: Ports,
  parts: DownParts,
  session: Session,
): Promise<DownResult | DownForecast> {
  const states = await ports.states()
  const records = downRecords(states, options.name, options.force)
  const lock = session.dryRun ? undefined : await records.lock(session.command)
  return thenRelease(lock, async () => {
    try {
      const removal = await prepare(options, { ports, states, records }, parts, session)
      return await (session.dryRun ? foresee : remove)(removal, options, session)
    } finally {
      await records.close()
    }
  })
}

/** Looks, refuses what is somebody else's, and has on disk that the removal begins; a dry run writes nothing. */
async function prepare(
  { name, timeoutMs }: DownOptions,
  { ports, states, records }: { ports: Ports; states: StateStore; records: DownRecords },
  { source, inventory }: DownParts,
  { signal, dryRun, clock }: Session,
): Promise<Removal> {
  const former = await records.state()
  const isThere = await records.isThere()
  if (isThere && !dryRun) await records.open()
  const answered = <T>(read: Promise<T>): Promise<T> =>
    read.catch((error: unknown) => {
      signal.throwIfAborted()
      throw cannotTell(name, error)
    })
  const engine = await answered(ports.engine(signal, former?.engine))
  const identity = await answered(engine.identity(signal))
  const state = former ?? { ...presumedState(name, engine.name, clock.now()), engineIdentity: identity }
  const client = (): Promise<never> => Promise.reject(new Error('down needs no API client'))
  const context: SourceContext = {
    ...{ ports, state, folder: states.folder(name), timeoutMs, client },
    ...(dryRun ? {} : { volumes: records.volumes }),
  }
  const queries = await answered(playgroundQueries(context, source, signal))
  const existed =
    isThere || (await inventory.take(queries, signal)).some(({ result }) => result === 'present')
  if (existed && !dryRun) {
    await records.tolerate(states.write({ ...state, phase: 'destroying' }))
    await records.open()
  }
  return {
    ...{ context, source, inventory, states, records, queries, existed },
    engine: { name: engine.name, identity },
    unaccounted: records.wasMaking() || isUnaccounted(former, isThere),
  }
}

/** A run that ended by itself says so: `creating` is the word of one that was killed, and so is a lost record. */
function isUnaccounted(former: PlaygroundState | undefined, isThere: boolean): boolean {
  return former === undefined ? isThere : former.phase === 'creating'
}

interface DownPlan {
  readonly plan: Plan
  readonly verify: Step<Verified>
  readonly files: Step<FilesEnd>
}

function planOf(removal: Removal, { force }: DownOptions): DownPlan {
  const { context, source } = removal
  const ended = endFormerStep(context.ports, context.folder, { forwards: true })
  const destroy = source.destroySteps(context, { after: [ended], withoutPulumi: force })
  const local = contextStep(removal, destroy)
  const verify = verifyStep(removal, ended, [local])
  const files = filesStep(removal, verify)
  const plan = createPlan([
    { name: 'Remove', steps: [ended, ...destroy, local] },
    { name: 'Verify', steps: [verify, files] },
  ])
  return { plan, verify, files }
}

function remove(removal: Removal, options: DownOptions, session: Session): Promise<DownResult> {
  const { name } = options
  const { existed, records, context } = removal
  const { plan, verify, files } = planOf(removal, options)
  return perform(session, {
    subject: name,
    plan,
    ...(existed ? { ledger: records.ledger } : {}),
    resume: [`play down ${name}`],
    result({ output }) {
      const [verified, end] = [output(verify), output(files)]
      if (verified === undefined || end === undefined) throw new Error('down ended without having looked')
      const { git } = context.state.spec
      return {
        ...{ name, existed, findings: [...verified.findings, ...end.findings] },
        ...(end.certificate === undefined
          ? {}
          : { certificate: end.certificate, settleMs: verified.settleMs }),
        ...(git === undefined ? {} : { kept: git.url }),
      }
    },
  })
}

/** Says what is there; throws EMPTINESS_UNKNOWN where a place cannot be looked at. */
function foresee(removal: Removal, options: DownOptions, session: Session): Promise<DownForecast> {
  const { inventory, queries, context, states } = removal
  const { name } = options
  return perform(session, {
    subject: name,
    plan: planOf(removal, options).plan,
    resume: [`play down ${name} --dry-run`],
    async result() {
      const places = [...queries, stateQuery(context, states)]
      const readings = await inventory.take(places, session.signal)
      inventory.requireEmpty(
        name,
        readings.filter(({ result }) => result === 'unknown'),
      )
      const wouldRemove = readings.flatMap(({ layer, items }) => items.map(({ what }) => ({ layer, what })))
      return { name, wouldRemove }
    },
  })
}
