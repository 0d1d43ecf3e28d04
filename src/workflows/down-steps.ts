/** The last steps of `down`: the kubeconfig, the look everywhere, and the files, which go when nothing else is left. */
import type { Certificate } from '../domain/certificate.ts'
import { PlayError } from '../domain/errors.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import type { MergedContext, StateStore } from '../domain/ports.ts'
import type { LayerFinding, Reading } from '../domain/results.ts'
import type { Query, Source, SourceContext } from '../domain/source.ts'
import type { CertificateFacts, Verified, VerifyOptions } from '../domain/verification.ts'
import { defineStep, type Scope, type Step } from '../engine/step.ts'
import type { DownRecords } from './down-records.ts'
import type { EndedProcesses } from './former-processes.ts'
import { stateQuery } from './playground-queries.ts'

/** How to look, given by the composition. */
export interface Inventory {
  take(queries: readonly Query[], signal: AbortSignal): Promise<readonly Reading[]>
  /** Throws LEFTOVERS_FOUND or EMPTINESS_UNKNOWN unless everything is absent. */
  readonly requireEmpty: (name: string, findings: readonly LayerFinding[]) => void
  verify(options: VerifyOptions): Promise<Verified>
  readonly certificate: (facts: CertificateFacts) => Certificate
}

/** What the steps of one removal share. */
export interface Removal {
  readonly context: SourceContext
  readonly source: Source
  readonly inventory: Inventory
  readonly states: StateStore
  readonly records: DownRecords
  readonly queries: readonly Query[]
  readonly engine: Certificate['engine']
  /** There was something of that name: only then is anything written. */
  readonly existed: boolean
  /** A run before this one may have asked the engine for something that nobody waited for. */
  readonly unaccounted: boolean
}

/** What was found where the files had been, and where that is certified; without a path nothing was written. */
export interface FilesEnd {
  readonly findings: readonly LayerFinding[]
  readonly certificate: string | undefined
}

/** One interval of asking, when nobody can be asking the engine for anything any more. */
const usualSettleMs = 2000
/** As long as a request that nobody waits for may take. */
const unaccountedSettleMs = 15_000
const graceMs = 5000

/** Takes the context out of the person's kubeconfig. */
export function contextStep({ context }: Removal, after: readonly Step<unknown>[]): Step<object> {
  const { ports, state } = context
  return defineStep<object>({
    id: 'local.context',
    title: 'Remove its context',
    after,
    async check() {
      const kubeconfigs = await ports.kubeconfigs()
      const { path, context: name } = mergedOf(state, kubeconfigs.userPath())
      const isClean =
        !(await kubeconfigs.contains(path, name)) && (await kubeconfigs.strays(path)).length === 0
      return isClean ? {} : undefined
    },
    async run({ report }) {
      report.progress(`taking out ${state.cluster}`)
      await removeContext(context)
      return {}
    },
  })
}

async function removeContext({ ports, state }: SourceContext): Promise<void> {
  const kubeconfigs = await ports.kubeconfigs()
  await kubeconfigs.remove(mergedOf(state, kubeconfigs.userPath()))
}

/** What `up` put into the kubeconfig; where its record is lost, what it would have put there. */
function mergedOf({ mergedContext, cluster }: PlaygroundState, path: string): MergedContext {
  return mergedContext ?? { path, context: cluster, formerContext: null }
}

/** Looks twice, and removes what turns up. Unless everything is gone for certain it says so in a certificate, and fails. */
export function verifyStep(
  removal: Removal,
  ended: Step<EndedProcesses>,
  after: readonly Step<unknown>[],
): Step<Verified> {
  const { inventory, context, queries, records } = removal
  const { name } = context.state.spec
  return defineStep<Verified>({
    id: 'verify.empty',
    title: 'Look everywhere',
    after: [ended, ...after],
    async run(scope) {
      tell(records, scope)
      const verified = await inventory.verify({
        queries,
        sweep: () => sweep(removal, scope),
        settleMs: settleOf(removal, scope.use(ended)),
        clock: context.ports.clock,
        signal: scope.signal,
        onProgress: (text) => {
          scope.report.progress(text)
        },
      })
      if (verified.verdict === 'empty') return verified
      await certify(removal, verified).catch(warn(scope))
      inventory.requireEmpty(name, verified.findings)
      throw PlayError.of('EMPTINESS_UNKNOWN', { name, what: 'all places' })
    },
    describe: ({ findings }) => `${String(findings.length)} places, all empty, twice`,
  })
}

function settleOf({ existed, unaccounted }: Removal, { ended }: EndedProcesses): number {
  // A forward makes nothing.
  const creators = ended.filter(({ forwards }) => forwards !== true)
  if (unaccounted || creators.length > 0) return unaccountedSettleMs
  return existed ? usualSettleMs : 0
}

/** Who makes things goes first, or it would make them again. */
async function sweep({ context, source }: Removal, scope: Scope): Promise<void> {
  const { signal } = scope
  const table = await context.ports.processTable()
  const endProcesses = async (): Promise<void> => {
    const running = await table.find(context.folder)
    if (running.length > 0) await table.end(running, { graceMs, signal })
  }
  await endProcesses().catch(warn(scope))
  await source.sweep(context, scope, context.volumes?.known() ?? []).catch(warn(scope))
  await removeContext(context).catch(warn(scope))
}

/**
 * Last, because the next `down` needs the files for as long as anything is left or could not be looked at. A certificate
 * that says `empty` comes after them: it must not be there while they are.
 */
export function filesStep(removal: Removal, verify: Step<Verified>): Step<FilesEnd> {
  const { inventory, context, states, records, existed } = removal
  const { name } = context.state.spec
  const look = async (signal: AbortSignal): Promise<readonly LayerFinding[]> => {
    const readings = await inventory.take([stateQuery(context, states)], signal)
    return readings.map(({ layer, looked, result, found }) => ({ layer, looked, result, found }))
  }
  return defineStep<FilesEnd>({
    id: 'local.files',
    title: 'Remove its files',
    after: [verify],
    async check({ signal }) {
      if (existed) return undefined
      const findings = await look(signal)
      inventory.requireEmpty(name, findings)
      return { findings, certificate: undefined }
    },
    async run(scope) {
      scope.report.progress(`removing ${context.folder}`)
      await records.tolerate(states.remove(name))
      const findings = await look(scope.signal)
      const verified = scope.use(verify)
      const certificate = await certify(removal, {
        ...verified,
        findings: [...verified.findings, ...findings],
      })
      tell(records, scope)
      inventory.requireEmpty(name, findings)
      return { findings, certificate }
    },
    describe: ({ certificate }) => (certificate === undefined ? 'there were none' : certificate),
  })
}

/** Writes the certificate of what was seen; its verdict is the worse of the verification's and the findings'. */
async function certify(removal: Removal, verified: Verified): Promise<string | undefined> {
  const { context, inventory, states, records, engine, existed } = removal
  if (!existed) return undefined
  const { spec, id } = context.state
  const now = context.ports.clock.now()
  const certificate = inventory.certificate({ ...verified, name: spec.name, id, engine, now })
  return records.tolerate(states.certify(certificate))
}

function tell(records: DownRecords, { report }: Scope): void {
  for (const { id, text } of records.warnings()) report.warn(id, text)
}

/** What fails here must not hide what is left. */
function warn(scope: Scope): (error: unknown) => undefined {
  return (error) => {
    scope.signal.throwIfAborted()
    const id = error instanceof PlayError ? error.id : 'BUG_UNEXPECTED'
    scope.report.warn(id, error instanceof Error ? error.message : String(error))
    return undefined
  }
}
