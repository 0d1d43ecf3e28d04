/** What `down` writes down while it removes, and how far it goes on where that cannot be written. */
import { PlayError } from '../domain/errors.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import type { Journal, StateStore } from '../domain/ports.ts'
import type { VolumeNotes } from '../domain/source.ts'
import { noLedger, type Ledger } from '../engine/ledger.ts'

/** A failure that did not stop the run; it is told as soon as there is a step to tell it. */
export interface Warning {
  readonly id: string
  readonly text: string
}

/** The records of one run. */
export interface DownRecords {
  /** The recorded state; undefined without one, or with `force` where it cannot be read. Throws STATE_DAMAGED. */
  state(): Promise<PlaygroundState | undefined>
  /** True when anything is at the playground's folder, or may be. */
  isThere(): Promise<boolean>
  /** The lock; undefined with `force` where none can be had. A live owner's is never passed by. */
  lock(command: string): Promise<{ release(): Promise<void> } | undefined>
  /** Opens the journal, once; its notes go nowhere before. */
  open(): Promise<void>
  /** True when a run before this one was making the cluster and never told how that ended. */
  wasMaking(): boolean
  readonly ledger: Ledger
  readonly volumes: VolumeNotes
  /** The work; with `force` a warning and undefined where it cannot write, or read what was written. */
  tolerate<T>(work: Promise<T>): Promise<T | undefined>
  /** Hands over what was tolerated since the last call. */
  warnings(): readonly Warning[]
  close(): Promise<void>
}

/** Makes the records of `name`. With `force` an unreadable state and an unwritable folder are warnings. */
export function downRecords(states: StateStore, name: string, force: boolean): DownRecords {
  const warnings: Warning[] = []
  const known = new Set<string>()
  let journal: Journal | undefined
  const tolerate = async <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      if (!force || !isOfRecords(error)) throw error
      warnings.push({ id: error.id, text: error.message })
      return undefined
    })
  const noted = async (work: (ledger: Ledger) => Promise<void>): Promise<void> => {
    await tolerate(work(journal ?? noLedger))
  }
  return {
    tolerate,
    state: () => tolerate(states.read(name)),
    isThere: async () => (await tolerate(states.exists(name))) ?? true,
    lock: (command) => tolerate(states.lock(name, command)),
    async open() {
      journal ??= await tolerate(states.journal(name))
      for (const volume of journal?.knownVolumes ?? []) known.add(volume)
    },
    wasMaking: () => journal?.open?.includes('cluster.stack') === true,
    ledger: {
      intend: (step) => noted((ledger) => ledger.intend(step)),
      settle: (step, outcome) => noted((ledger) => ledger.settle(step, outcome)),
    },
    volumes: {
      known: () => [...known],
      async note(volumes) {
        const news = volumes.filter((volume) => !known.has(volume))
        if (news.length > 0 && journal !== undefined) await tolerate(journal.closure(news))
        for (const volume of news) known.add(volume)
      },
    },
    warnings: () => warnings.splice(0),
    close: async () => journal?.close(),
  }
}

function isOfRecords(error: unknown): error is PlayError {
  return error instanceof PlayError && (error.id === 'STATE_UNWRITABLE' || error.id === 'STATE_DAMAGED')
}
