/** What a run consists of on the screen: one row for each section, step, task and warning. */
import { outputLine, sectionLine, sectionState, stepLine, warningLine, type Look } from './frame-text.ts'
import { keptLogs, type RunModel, type SectionModel, type StepModel } from './run-model.ts'
import { taskLines } from './task-text.ts'
import type { TaskModel } from './watched-tasks.ts'

/** One line of the view, with the lines of output under it. */
export interface Row {
  /** The same for the same thing from frame to frame. */
  readonly key: string
  /** 0 for sections and warnings, 1 for steps, 2 for tasks. */
  readonly level: 0 | 1 | 2
  readonly text: string
  readonly output: readonly string[]
  /** How dear the row is when space is short. */
  readonly phase: 'done' | 'live' | 'waiting' | 'kept'
  /** Where the row belongs. */
  readonly section: string
  /** Id of the step that the row is, or to whose tasks it belongs; empty for other rows. */
  readonly step: string
  /** For a heading: what it says when the rows of its section are left out. */
  readonly alone?: string
}

/** Warnings that are shown while the run goes on; all of them are told when it has ended. */
const shownWarnings = 2

function phaseOf(state: StepModel['state']): Row['phase'] {
  if (state === 'running') return 'live'
  if (state === 'waiting') return 'waiting'
  return state === 'failed' || state === 'cancelled' ? 'kept' : 'done'
}

function phaseOfTask(task: TaskModel, step: StepModel): Row['phase'] {
  if (task.state === 'succeeded') return 'done'
  // A task that says why it waits may be what everything waits for.
  if (task.state === 'skipped' || (task.state === 'waiting' && task.message === '')) return 'waiting'
  const isOpen = task.state === 'waiting' || task.state === 'running'
  return isOpen && step.state === 'running' ? 'live' : 'kept'
}

function outputOf(step: StepModel, logs: number, look: Look): string[] {
  if (step.state !== 'running' || step.tasks.all.length > 0) return []
  const lines = [...(step.note === '' ? [] : [step.note]), ...step.logs.slice(-logs)]
  return (logs > 1 ? lines : lines.slice(0, 1)).map((text) => outputLine(text, 1, look))
}

function taskRows(step: StepModel, section: string, model: RunModel, look: Look): Row[] {
  return taskLines(step, look, model.end).map(({ task, text, output }) => ({
    key: `task ${step.id} ${task.id}`,
    level: 2,
    text,
    output,
    phase: phaseOfTask(task, step),
    section,
    step: step.id,
  }))
}

function sectionRows(section: SectionModel, logs: number, model: RunModel, look: Look): Row[] {
  const state = sectionState(section, look.over)
  const heading: Row = {
    key: `section ${section.name}`,
    level: 0,
    text: sectionLine(section, false, look),
    output: [],
    phase: phaseOf(state),
    section: section.name,
    step: '',
    alone: sectionLine(section, true, look),
  }
  if (state === 'waiting') return [heading]
  const steps = section.steps.flatMap((step): Row[] => [
    {
      key: `step ${step.id}`,
      level: 1,
      text: stepLine(step, 1, look),
      output: outputOf(step, logs, look),
      phase: phaseOf(step.state),
      section: section.name,
      step: step.id,
    },
    ...taskRows(step, section.name, model, look),
  ])
  return [heading, ...steps]
}

function warningRow(text: string, index: number, look: Look): Row {
  const key = `warning ${String(index)}`
  return { key, level: 0, text: warningLine(text, look), output: [], phase: 'kept', section: '', step: '' }
}

/** Every row, as if the screen were endless. Sections that have not begun are one line each. */
export function allRows(model: RunModel, look: Look): Row[] {
  const running = model.sections
    .flatMap((section) => section.steps)
    .filter((step) => step.state === 'running')
  // Logs tell a story only when one step speaks.
  const logs = running.length === 1 ? keptLogs : 1
  const rows = model.sections.flatMap((section) => sectionRows(section, logs, model, look))
  const notices = model.notice === '' ? [] : [model.notice]
  const words = look.over ? [] : [...model.warnings.slice(-shownWarnings), ...notices]
  return [...rows, ...words.map((text, index) => warningRow(text, index, look))]
}
