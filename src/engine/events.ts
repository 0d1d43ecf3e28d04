/** The typed stream of what happens in a run; everything a person or a machine sees is drawn from it. */

/** Version of the event schema; raised when a reader could break. */
export const eventSchemaVersion = 1

/** An error as plain data: safe to print, to store and to send. */
export interface ErrorData {
  /** Catalog id, such as KIND_FAILED. Public API. */
  readonly id: string
  readonly exitCode: number
  readonly message: string
  /** What to do next; each is a sentence or a command that can be pasted. */
  readonly suggestions: readonly string[]
  /** Lines that explain: the last output of a tool, the events of a pod. */
  readonly details: readonly string[]
}

/** One step as the plan announces it. */
export interface PlannedStep {
  readonly id: string
  readonly title: string
  readonly section: string
  /** Ids of the steps that must have ended before. */
  readonly after: readonly string[]
  /** Present for a step that only looks or waits: `changed` says nothing of it. */
  readonly readOnly?: boolean
}

/** How far something has come that a step watches; the last four are final. */
export type TaskPhase = 'waiting' | 'running' | 'succeeded' | 'failed' | 'stopped' | 'skipped'

/** A unit of work that others do and a step watches: one of a pipeline, say. Times are ISO 8601. */
export interface WatchedTask {
  /** Unique in its step. */
  readonly task: string
  /** Tasks of the same step that must have ended before. */
  readonly after: readonly string[]
  readonly phase: TaskPhase
  /** Why it waits or failed; empty when there is nothing to tell. */
  readonly message: string
  /** The pod it runs in, which several may share. */
  readonly pod?: string
  /** When its pod was made. */
  readonly createdAt?: string
  /** When its own program started: what lies between is waiting. */
  readonly startedAt?: string
  readonly finishedAt?: string
}

/** The body of each event; durations in milliseconds. */
export type EventBody =
  | { readonly type: 'run.started'; readonly tool: string; readonly command: string }
  | { readonly type: 'plan.ready'; readonly steps: readonly PlannedStep[] }
  | { readonly type: 'step.started'; readonly step: string }
  | {
      readonly type: 'step.progress'
      readonly step: string
      readonly text: string
      readonly fraction?: number
    }
  | {
      readonly type: 'step.log'
      readonly step: string
      readonly line: string
      readonly source?: string
      /** Of whose output the line is. */
      readonly task?: string
    }
  | ({ readonly type: 'step.task'; readonly step: string } & WatchedTask)
  | {
      readonly type: 'step.retrying'
      readonly step: string
      readonly attempt: number
      readonly delayMs: number
      readonly reason: string
    }
  | {
      readonly type: 'step.succeeded'
      readonly step: string
      readonly changed: boolean
      readonly durationMs: number
      readonly detail?: string
    }
  | {
      readonly type: 'step.failed'
      readonly step: string
      readonly durationMs: number
      readonly error: ErrorData
    }
  | { readonly type: 'step.skipped'; readonly step: string; readonly reason: string }
  | { readonly type: 'step.cancelled'; readonly step: string; readonly durationMs: number }
  | { readonly type: 'warning'; readonly id: string; readonly text: string }
  | { readonly type: 'run.succeeded'; readonly durationMs: number; readonly result: unknown }
  | { readonly type: 'run.failed'; readonly durationMs: number; readonly error: ErrorData }
  | { readonly type: 'run.cancelled'; readonly durationMs: number; readonly resume: readonly string[] }

/** What every event carries besides its body. */
export interface EventEnvelope {
  readonly schema: typeof eventSchemaVersion
  /** Counts from 1 without gaps within one run. */
  readonly seq: number
  /** ISO 8601 instant in UTC. */
  readonly time: string
  /** Id of this run of the tool. */
  readonly run: string
  /** What the run is about: the playground's name. */
  readonly subject: string
}

export type RunEvent = EventEnvelope & EventBody

/** Takes each event as it happens; must not throw and must not block. */
export type Sink = (event: RunEvent) => void

/** Emits a body; the envelope is added by whoever made the emitter. */
export type Emit = (body: EventBody) => void

/** Makes the one emitter of a run: numbers, stamps and forwards each event. */
export function createEmitter(options: {
  readonly run: string
  readonly subject: string
  readonly now: () => number
  readonly sink: Sink
}): Emit {
  let seq = 0
  return (body) => {
    seq += 1
    options.sink({
      schema: eventSchemaVersion,
      seq,
      time: new Date(options.now()).toISOString(),
      run: options.run,
      subject: options.subject,
      ...body,
    })
  }
}
