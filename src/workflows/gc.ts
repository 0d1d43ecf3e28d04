/** `play gc`: finds what nobody needs any more, and removes it piece by piece, each after another look. */
import { PlayError } from '../domain/errors.ts'
import { formatExpiry, isExpired } from '../domain/expiry.ts'
import type { Ports, StateStore, Stray } from '../domain/ports.ts'
import type { GarbageRow } from '../domain/results.ts'
import type { RunningProcess } from '../domain/running-process.ts'
import type { Orphan, Source } from '../domain/source.ts'
import type { Clock } from '../engine/clock.ts'
import { down, type Inventory } from './down.ts'
import { performSingle } from './single-step.ts'
import { toPlayError, type Session } from './session.ts'

/** What to look for, and what to work with. */
export interface GcOptions {
  /** Only playgrounds whose time is over; asks no engine unless there is one. */
  readonly expiredOnly: boolean
  /** Patience for a single step, milliseconds. */
  readonly timeoutMs: number
}

/** Who does the work. */
export interface GcParts {
  readonly ports: Ports
  readonly source: Source
  readonly inventory: Inventory
  readonly session: (subject: string) => Session
  readonly signal: AbortSignal
}

/** One thing that may go. */
export interface Garbage {
  readonly row: GarbageRow
  /** Removes it after it has looked again; answers why it was left, where it was. */
  readonly remove: () => Promise<string | undefined>
}

/** What was found, or what came of it, and what went wrong. */
export interface Gathered<T> {
  readonly found: readonly T[]
  readonly errors: readonly PlayError[]
}

/** Patience for the orderly end of an engine. */
const graceMs = 10_000

/** Looks everywhere; a place that cannot be looked at keeps no other from being seen. Changes nothing. */
export async function findGarbage(options: GcOptions, parts: GcParts): Promise<Gathered<Garbage>> {
  const looks = [expiredPlaygrounds, ...(options.expiredOnly ? [] : [processes, orphans, strays])]
  const found: Garbage[] = []
  const errors: PlayError[] = []
  for (const look of looks) {
    try {
      const seen = await look(parts, options)
      found.push(...seen.found)
      errors.push(...seen.errors)
    } catch (error) {
      errors.push(toPlayError(error))
    }
  }
  return { found, errors }
}

/** Removes one after the other; a failure keeps no other from being removed, an interrupt does. */
export async function removeGarbage(
  garbage: readonly Garbage[],
  signal: AbortSignal,
): Promise<Gathered<GarbageRow>> {
  const found: GarbageRow[] = []
  const errors: PlayError[] = []
  for (const { row, remove } of garbage) {
    if (signal.aborted) break
    try {
      const kept = await remove()
      found.push({ ...row, removed: kept === undefined, ...(kept === undefined ? {} : { reason: kept }) })
    } catch (error) {
      found.push({ ...row, removed: false })
      errors.push(toPlayError(error))
    }
  }
  if (signal.aborted && errors.every(({ id }) => id !== 'CANCELLED'))
    errors.push(PlayError.of('CANCELLED', { resume: ['play gc'] }))
  return { found, errors }
}

async function expiredPlaygrounds(parts: GcParts, { timeoutMs }: GcOptions): Promise<Gathered<Garbage>> {
  const { clock } = parts.ports
  const states = await parts.ports.states()
  const found: Garbage[] = []
  const errors: PlayError[] = []
  for (const name of await states.list()) {
    try {
      const state = await states.read(name)
      if (state?.expiresAt === undefined || !isExpired(state, clock.now())) continue
      const reason = `expired ${formatExpiry(state.expiresAt, clock.now())}`
      found.push({
        row: { kind: 'expired playground', what: name, reason },
        remove: () => removeExpired(name, states, parts, timeoutMs),
      })
    } catch (error) {
      // Nobody knows when it expires, so it stays; whoever sees this knows what to do.
      errors.push(toPlayError(error))
    }
  }
  return { found, errors }
}

async function removeExpired(
  name: string,
  states: StateStore,
  { ports, source, inventory, session }: GcParts,
  timeoutMs: number,
): Promise<string | undefined> {
  const last = lockingExpired(states, ports.clock)
  try {
    const own: Ports = { ...ports, states: () => Promise.resolve(last.states) }
    await down({ name, timeoutMs, force: false }, own, { source, inventory }, session(name))
    return undefined
  } catch (error) {
    const kept = last.kept()
    if (kept !== undefined) return kept
    // Whoever is at work on it, another sweeper perhaps, will be done before the next time.
    if (error instanceof PlayError && error.id === 'STATE_LOCKED') return error.message
    throw error
  }
}

/** A store that locks a playground only if it still is expired under the lock; `kept` says why it did not. */
function lockingExpired(
  states: StateStore,
  clock: Clock,
): { readonly states: StateStore; readonly kept: () => string | undefined } {
  let kept: string | undefined
  const lock: StateStore['lock'] = async (name, command) => {
    const held = await states.lock(name, command)
    try {
      const state = await states.read(name)
      if (state !== undefined && isExpired(state, clock.now())) return held
      kept = state === undefined ? 'somebody else has removed it' : 'it was given more time'
      throw new Error(kept)
    } catch (error) {
      await held.release()
      throw error
    }
  }
  return {
    states: Object.create(states, { lock: { value: lock } }) as StateStore,
    kept: () => kept,
  }
}

async function processes({ ports, signal }: GcParts): Promise<Gathered<Garbage>> {
  const [table, states] = await Promise.all([ports.processTable(), ports.states()])
  const gone = async ({ folder }: RunningProcess): Promise<boolean> => !(await states.isThere(folder))
  const abandoned = await filter(await table.find(), gone)
  const found = abandoned.map((running): Garbage => {
    const { pid, command, folder } = running
    return {
      row: {
        kind: 'process',
        what: `${String(pid)} ${command}`,
        reason: `its playground in ${folder} is gone`,
      },
      async remove() {
        if (!(await gone(running))) return 'its playground is there again'
        await table.end([running], { graceMs, signal })
        return undefined
      },
    }
  })
  return { found, errors: [] }
}

async function orphans(parts: GcParts): Promise<Gathered<Garbage>> {
  const { ports, source, signal } = parts
  const states = await ports.states()
  const found = await source.orphans(ports, (folder) => states.isThere(folder), signal)
  return { found: found.map((orphan) => orphanedCluster(orphan, states, parts)), errors: [] }
}

function orphanedCluster(orphan: Orphan, states: StateStore, { ports, source, session }: GcParts): Garbage {
  const { name, cluster, folder } = orphan
  return {
    row: { kind: 'orphaned cluster', what: cluster, reason: `its playground in ${folder} is gone` },
    async remove() {
      if (await states.isThere(folder)) return 'its playground is there again'
      await performSingle(session(name), name, {
        ...{ id: 'gc.orphan', title: `Remove the cluster ${cluster}`, resume: 'play gc' },
        async run(scope) {
          await source.removeOrphan(orphan, ports, scope)
          await removeContext(orphan, states, ports)
        },
      })
      return undefined
    },
  }
}

/** A playground that was made again under the name has made the context its own. */
async function removeContext({ name, cluster }: Orphan, states: StateStore, ports: Ports): Promise<void> {
  if (await states.exists(name)) return
  const kubeconfigs = await ports.kubeconfigs()
  await kubeconfigs.remove({ path: kubeconfigs.userPath(), context: cluster, formerContext: null })
}

const strayReasons: Readonly<Record<Stray['kind'], string>> = {
  lock: 'whoever took it is dead',
  'temporary file': 'left by a run that ended while it wrote',
  log: 'older than 30 days',
}

async function strays({ ports }: GcParts): Promise<Gathered<Garbage>> {
  const states = await ports.states()
  const found = (await states.strays()).map((stray): Garbage => ({
    row: { kind: stray.kind, what: stray.path, reason: strayReasons[stray.kind] },
    async remove() {
      return (await states.removeStray(stray)) ? undefined : 'it is in use again, or gone already'
    },
  }))
  return { found, errors: [] }
}

async function filter<T>(items: readonly T[], accept: (item: T) => Promise<boolean>): Promise<readonly T[]> {
  const accepted = await Promise.all(items.map(accept))
  return items.filter((_, index) => accepted[index])
}
