/** What a report tells, as plain data: all decisions are made here, the page only draws. Times in milliseconds. */
import type { ReportState } from './report-state.ts'
import type { TaskGraph } from './task-graph.ts'
import type { TimeAxis } from './time-axis.ts'

/** What is known of the run besides its events. */
export interface ReportFacts {
  readonly playground: string
  /** Id of the demo. */
  readonly demo: string
  readonly title: string
  readonly components: readonly { readonly id: string; readonly version: string }[]
  /** Version of Kubernetes. */
  readonly kubernetes: string
}

/** Since the run began. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** A line of the waterfall and of the table. */
export interface TimelineRow {
  readonly kind: 'step' | 'task' | 'pod'
  readonly name: string
  readonly state: ReportState
  readonly waiting: Span | undefined
  readonly running: Span | undefined
  /** What is to be said of it; may be empty. */
  readonly note: string
  /** Id of its log on the page. */
  readonly log: string | undefined
}

/** The tasks that one step watched. */
export interface StepGraph {
  readonly title: string
  readonly graph: TaskGraph
}

/** Lines of one task, or of a step's own. */
export interface ReportLog {
  readonly id: string
  readonly title: string
  readonly state: ReportState
  readonly lines: readonly string[]
  /** Earlier lines that were not kept. */
  readonly dropped: number
}

/** How it ended, and what to do. */
export interface ReportOutcome {
  readonly state: 'succeeded' | 'failed' | 'stopped' | 'unfinished'
  /** In one or more lines. */
  readonly message: readonly string[]
  /** Id from the catalog, for a failure. */
  readonly error: string | undefined
  readonly details: readonly string[]
  readonly suggestions: readonly string[]
  /** What failed, the innermost as far as it is known. */
  readonly failed: readonly { readonly name: string; readonly log: string | undefined }[]
}

/** A name and what belongs to it. */
export interface Named {
  readonly name: string
  readonly value: string
}

/** All of a report. */
export interface ReportModel {
  readonly title: string
  readonly command: string
  readonly playground: string
  readonly run: string
  /** ISO 8601; undefined when no event came. */
  readonly startedAt: string | undefined
  readonly durationMs: number
  readonly outcome: ReportOutcome
  /** What the run answered: digests, commits, addresses. */
  readonly outputs: readonly Named[]
  readonly versions: readonly Named[]
  readonly warnings: readonly string[]
  readonly axis: TimeAxis
  readonly rows: readonly TimelineRow[]
  readonly graphs: readonly StepGraph[]
  readonly logs: readonly ReportLog[]
}
