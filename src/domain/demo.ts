/** A story that runs on a playground and proves itself: the contract of a demo. */
import type { Step } from '../engine/step.ts'
import type { ClusterAccess } from './cluster.ts'
import type { Slot } from './component.ts'
import { PlayError } from './errors.ts'
import type { Pipelines } from './pipelines.ts'
import type { Assets, ClusterClient } from './ports.ts'

/** What a demo is given. */
export interface DemoContext {
  readonly assets: Assets
  readonly access: ClusterAccess
  readonly client: (access: ClusterAccess) => Promise<ClusterClient>
  /** Undefined unless the slot is filled, on which a demo that needs it may rely. */
  readonly pipelines: Pipelines | undefined
  readonly timeoutMs: number
  readonly now: () => number
  /** Values of the demo's own options. */
  readonly options: Readonly<Record<string, string>>
}

/** One part of a demo's story, with its time. */
export interface DemoPart {
  readonly name: string
  readonly pod: string
  readonly phase: string
  /** Milliseconds. */
  readonly durationMs: number
}

/** What a demo proved. */
export interface DemoResult {
  readonly demo: string
  readonly message: string
  readonly parts: readonly DemoPart[]
}

/** The steps of a demo and the one that ends the story. */
export interface DemoSteps {
  readonly steps: readonly Step<unknown>[]
  readonly story: Step<DemoResult>
}

/** A demo. It names slots, never implementations. */
export interface Demo {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly needs: readonly Slot[]
  /** About how long it takes, for a person who decides. */
  readonly takes: string
  readonly steps: (context: DemoContext) => DemoSteps
}

/** What workflows know of demos. */
export interface DemoRegistry {
  readonly all: readonly Demo[]
  /** Throws USAGE_UNKNOWN_DEMO with the nearest names. */
  find(id: string): Demo
}

/** A slot's contract, for a demo that needs the slot. Throws BUG_UNEXPECTED where it was started without. */
export function filled<Contract>(slot: Slot, contract: Contract | undefined): Contract {
  if (contract !== undefined) return contract
  throw PlayError.of('BUG_UNEXPECTED', { reason: `nothing fills the slot ${slot}` })
}
