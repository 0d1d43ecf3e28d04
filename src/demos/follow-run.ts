/** Follows one run of a pipeline to its end: each step as it goes, and what its programs write as they write it. */
import { PlayError } from '../domain/errors.ts'
import { given } from '../domain/given.ts'
import { phaseWord } from '../domain/pipeline-phase.ts'
import type { PipelineRun, Pipelines, PipelineState } from '../domain/pipelines.ts'
import type { ClusterClient } from '../domain/ports.ts'
import type { Clock } from '../engine/clock.ts'
import type { Reporter } from '../engine/step.ts'
import { ProgramLogs } from './program-logs.ts'
import { watchedTasks, type TaskTold } from './watched-steps.ts'

/** How a run ended. */
export interface RunEnd {
  readonly succeeded: boolean
  /** Why it did not succeed. */
  readonly reason: string
  /** The step that failed first, with the last lines of its log; undefined where no step is to blame. */
  readonly failed?: { readonly step: string; readonly pod?: string; readonly log: readonly string[] }
  readonly state: PipelineState
  /** Every log line, in the order in which it came. */
  readonly log: readonly string[]
}

/** What following needs. */
export interface FollowOptions {
  readonly client: ClusterClient
  readonly pipelines: Pipelines
  readonly run: PipelineRun
  readonly report: Reporter
  readonly signal: AbortSignal
  readonly clock: Clock
}

/** How long after its end a run's last lines may be on their way; milliseconds. */
const lastLinesMs = 5000

/** Lines of a failed step's log that are kept apart. */
const failedLines = 40

/** Follows the run until its phase is final. Only the signal bounds it: the caller's step has the deadline. */
export async function followRun(options: FollowOptions): Promise<RunEnd> {
  const { client, pipelines, run, report, clock } = options
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  // A log or a watch that breaks costs the show, not the outcome.
  const told = new Set<string>()
  const onTrouble = (error: unknown): void => {
    const words = error instanceof Error ? error.message : String(error)
    // What breaks one of them often breaks all, and is worth being told once.
    if (!options.signal.aborted && !told.has(words)) report.warn('API_REJECTED', words)
    told.add(words)
  }
  const log: { readonly step: string; readonly line: string }[] = []
  const logs = new ProgramLogs({
    ...{ clock, signal, onTrouble },
    read: (program) => pipelines.logs(client, run, program, signal),
    onLine: (step, line) => {
      log.push({ step, line })
      report.output(step, line)
    },
  })
  let state: PipelineState | undefined
  let tasks: TaskTold = new Map()
  try {
    for await (const next of pipelines.observe(client, run, { signal, onTrouble })) {
      if (state?.phase !== next.phase) tellPhase(next, state, report)
      tasks = tell(watchedTasks(next), tasks, report)
      logs.follow(next.pods)
      state = next
    }
    await logs.end(lastLinesMs)
  } finally {
    stop.abort()
    await logs.closed()
  }
  options.signal.throwIfAborted()
  return endOf(state, log)
}

/** That the controller has seen the run is told only to take back that it had not. */
function tellPhase({ phase }: PipelineState, before: PipelineState | undefined, report: Reporter): void {
  if (phase === 'waiting') report.progress('waiting for the controller')
  else if (before?.phase === 'waiting') report.progress('running')
}

/** Tells what is new or has changed. A task that has become others, as that of a loop does, counts as left out. */
function tell(tasks: TaskTold, before: TaskTold, report: Reporter): TaskTold {
  const gone = [...before.values()].filter(({ task }) => !tasks.has(task))
  const now = new Map(tasks)
  for (const task of gone) now.set(task.task, { ...task, phase: 'skipped', message: '' })
  for (const task of now.values())
    if (JSON.stringify(before.get(task.task)) !== JSON.stringify(task)) report.task(task)
  return now
}

function endOf(
  state: PipelineState | undefined,
  lines: readonly { readonly step: string; readonly line: string }[],
): RunEnd {
  if (state === undefined) throw PlayError.of('BUG_UNEXPECTED', { reason: 'a run without a state' })
  const { phase, message, steps } = state
  const all = steps.filter((step) => step.phase === 'failed')
  // The run's own words are those of the step that failed first.
  const failed = phase === 'failed' ? (all.find((step) => step.message === message) ?? all[0]) : undefined
  const log = lines.filter(({ step }) => step === failed?.name).map(({ line }) => line)
  return {
    succeeded: phase === 'succeeded',
    reason: message || phaseWord(phase),
    ...given(
      'failed',
      failed && { step: failed.name, ...given('pod', failed.pod), log: log.slice(-failedLines) },
    ),
    state,
    log: lines.map(({ line }) => line),
  }
}
