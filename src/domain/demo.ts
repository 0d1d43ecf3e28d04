/** A story that runs on a playground and proves itself: what a demo is given, and what it answers. */
import type { Clock } from '../engine/clock.ts'
import type { Step } from '../engine/step.ts'
import type { Slot } from './component.ts'
import type { DemoFolder } from './demo-definition.ts'
import { PlayError } from './errors.ts'
import type { PipelineRun, Pipelines } from './pipelines.ts'
import type { ClusterClient, LoopbackPorts } from './ports.ts'
import type { Registry } from './registry-slot.ts'
import type { GitOps, Repositories } from './slots.ts'

/** What a demo is given. A slot's contract is undefined unless the slot is filled. */
export interface DemoContext {
  readonly folder: DemoFolder
  /** Id and name of the playground. */
  readonly playground: { readonly root: string; readonly name: string }
  readonly client: () => Promise<ClusterClient>
  readonly loopback: LoopbackPorts
  readonly pipelines: Pipelines | undefined
  readonly gitOps: GitOps | undefined
  readonly repositories: Repositories | undefined
  readonly registry: Registry | undefined
  /** Values of the demo's options: all of them. */
  readonly options: Readonly<Record<string, string>>
  /** Different each time. */
  readonly runId: string
  /** The command that runs it again, without what was asked for this time only. */
  readonly again: string
  readonly clock: Clock
  /** Patience for a single step, milliseconds. */
  readonly timeoutMs: number
  /** Told of each pipeline as soon as it is made, and of its end: whoever is interrupted stops those that go on. */
  readonly onRun: (run: PipelineRun, state: 'started' | 'ended') => void
}

/** One step of a pipeline that the demo ran. Times are ISO 8601. */
export interface DemoPart {
  readonly name: string
  readonly pod: string
  readonly phase: string
  readonly startedAt?: string
  readonly finishedAt?: string
  /** Milliseconds. */
  readonly durationMs: number
}

/** One step of the demo itself. */
export interface DemoStepTime {
  readonly id: string
  readonly title: string
  /** Milliseconds. */
  readonly durationMs: number
}

/** What a demo proved. */
export interface DemoResult {
  readonly demo: string
  readonly message: string
  /** What programs want to know of it: commits, digests, addresses. */
  readonly outputs: Readonly<Record<string, string>>
  readonly steps: readonly DemoStepTime[]
  readonly parts: readonly DemoPart[]
  /** Commands to go on with. */
  readonly next: readonly string[]
}

/** The steps of a demo, and what it comes to once they have all succeeded. */
export interface DemoSteps {
  readonly steps: readonly Step<unknown>[]
  readonly result: () => DemoResult
}

/** How steps are made from a context: those of a run, and those that take out what runs have made. */
export interface DemoMaker {
  readonly steps: (context: DemoContext) => DemoSteps
  readonly stop: (context: DemoContext) => readonly Step<{ readonly removed: number }>[]
}

/** A slot's contract, for an action that needs the slot. Throws DEMO_UNSUITED where nothing fills it. */
export function filled<Contract>(
  slot: Slot,
  contract: Contract | undefined,
  { folder, playground }: Pick<DemoContext, 'folder' | 'playground'>,
): Contract {
  if (contract !== undefined) return contract
  throw PlayError.of('DEMO_UNSUITED', {
    demo: folder.definition.id,
    name: playground.name,
    reason: `nothing in it fills the slot ${slot}`,
  })
}
