/** From the events of a run to what its report tells. */
import type { RunEvent } from '../../engine/events.ts'
import { outsideLine, outsideLines } from './outside-text.ts'
import type {
  Named,
  ReportFacts,
  ReportLog,
  ReportModel,
  ReportOutcome,
  StepGraph,
  TimelineRow,
} from './report-model.ts'
import { lasting } from './lasting.ts'
import { RunRecord, taskStates, type LogRecord, type StepRecord } from './run-record.ts'
import { taskGraph } from './task-graph.ts'
import { timeAxis } from './time-axis.ts'
import { timelineRows, type TimeFrame } from './timeline.ts'

/** What belongs into a report besides the events. */
export interface ReportContext {
  /** Undefined where the run ended before they were known. */
  readonly facts: ReportFacts | undefined
  /** Version of play. */
  readonly version: string
}

/** The report of a run from all of its events, in whichever state it ended; never throws. */
export function reportModel(events: readonly RunEvent[], context: ReportContext): ReportModel {
  const record = new RunRecord()
  for (const event of events) record.apply(event)
  return modelOf(record, context)
}

/** The report of a run from what was kept of it. */
export function modelOf(record: RunRecord, { facts, version }: ReportContext): ReportModel {
  const start = record.first ?? 0
  const ids = logIds(record)
  const frame: TimeFrame = { start, end: endOf(record), logId: (log) => ids.get(log) }
  const rows = timelineRows(record, frame)
  const durationMs = frame.end - start
  return {
    title: outsideLine(facts?.title) || record.command || 'A run of play',
    command: record.command,
    playground: outsideLine(facts?.playground),
    run: record.run,
    startedAt: record.first === undefined ? undefined : new Date(start).toISOString(),
    durationMs,
    outcome: outcomeOf(record, rows),
    outputs: outputsOf(record),
    versions: versionsOf(facts, version),
    warnings: record.warnings,
    axis: timeAxis(durationMs),
    rows,
    graphs: graphsOf(record, frame),
    logs: logsOf(record, ids),
  }
}

/** The last thing that happened: times from Kubernetes may lie behind the last event. */
function endOf({ first = 0, last = first, steps }: RunRecord): number {
  const tasks = [...steps.values()].flatMap((step) => step.watched.all)
  return Math.max(
    last,
    ...tasks.flatMap(({ startedAt, finishedAt }) => [startedAt ?? last, finishedAt ?? last]),
  )
}

function logIds({ steps }: RunRecord): Map<LogRecord, string> {
  const all = [...steps.values()].flatMap((step) => [step, ...step.tasks.values()])
  const shown = all.filter(({ log }) => log.lines.length > 0)
  return new Map(shown.map(({ log }, index) => [log, `log-${String(index + 1)}`]))
}

function logsOf({ steps }: RunRecord, ids: ReadonlyMap<LogRecord, string>): ReportLog[] {
  return [...steps.values()].flatMap((step) => {
    const tasks = [...step.tasks.values()].map(({ model, log }) => ({
      ...{ title: `${step.title} › ${outsideLine(model.id)}`, state: taskStates[model.state], log },
    }))
    return [step, ...tasks].flatMap(({ title, state, log }) => {
      const id = ids.get(log)
      return id === undefined ? [] : [{ id, title, state, lines: log.lines, dropped: log.dropped }]
    })
  })
}

function graphsOf({ steps }: RunRecord, frame: TimeFrame): StepGraph[] {
  const graphOf = ({ title, tasks }: StepRecord): StepGraph => {
    const boxes = [...tasks.values()].map(({ model, log }) => ({
      id: model.id,
      name: model.name,
      after: model.after,
      state: taskStates[model.state],
      time:
        model.startedAt === undefined || model.finishedAt === undefined
          ? ''
          : lasting(model.finishedAt - model.startedAt, 'task'),
      log: frame.logId(log),
    }))
    return { title, graph: taskGraph(boxes) }
  }
  // Without an arrow a graph says nothing.
  const isOrdered = ({ tasks }: StepRecord): boolean =>
    [...tasks.values()].some(({ model }) => model.after.length > 0)
  return [...steps.values()].filter(isOrdered).map(graphOf)
}

function outcomeOf({ end }: RunRecord, rows: readonly TimelineRow[]): ReportOutcome {
  const culprits = (kind: TimelineRow['kind']): TimelineRow[] =>
    rows.filter((row) => row.kind === kind && row.state === 'failed')
  const failed = culprits('task').length > 0 ? culprits('task') : culprits('step')
  const nothing = { error: undefined, details: [], suggestions: [], failed: [] }
  switch (end?.kind) {
    case 'succeeded': {
      const message = outsideLines(field(end.result, 'message')).filter((line) => line !== '')
      return { ...nothing, state: 'succeeded', message }
    }
    case 'failed':
      return {
        state: 'failed',
        message: outsideLines(field(end.error, 'message')),
        error: outsideLine(field(end.error, 'id')),
        details: list(field(end.error, 'details')).flatMap(outsideLines),
        suggestions: list(field(end.error, 'suggestions')).map(outsideLine),
        failed: failed.map(({ name, log }) => ({ name, log })),
      }
    case 'cancelled':
      return { ...nothing, state: 'stopped', message: [], suggestions: list(end.resume).map(outsideLine) }
    case undefined:
      return { ...nothing, state: 'unfinished', message: [] }
  }
}

/** Of the result and of errors nothing is taken for granted: the page is also written when something is odd. */
function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function outputsOf({ end }: RunRecord): Named[] {
  const outputs = end?.kind === 'succeeded' ? field(end.result, 'outputs') : undefined
  if (typeof outputs !== 'object' || outputs === null) return []
  return Object.entries(outputs).flatMap(([name, value]) =>
    typeof value === 'string' ? [{ name: outsideLine(name), value: outsideLine(value) }] : [],
  )
}

function versionsOf(facts: ReportFacts | undefined, version: string): Named[] {
  return [
    { name: 'play', value: version },
    ...(facts ? [{ name: 'Kubernetes', value: outsideLine(facts.kubernetes) }] : []),
    ...(facts?.components ?? []).map(({ id, version: value }) => ({
      name: outsideLine(id),
      value: outsideLine(value),
    })),
  ]
}
