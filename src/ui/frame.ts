/** Which lines of a run fit on the screen: all of them, or those that matter most now. */
import {
  foldLine,
  outputLine,
  sectionLine,
  sectionState,
  stepLine,
  warningLine,
  type Look,
} from './frame-text.ts'
import { keptLogs, type RunModel, type StepModel } from './run-model.ts'

/** One line of the view, with the lines of output under it. */
export interface Row {
  /** The same for the same thing from frame to frame. */
  readonly key: string
  readonly level: 0 | 1
  readonly text: string
  readonly output: readonly string[]
  /** How dear the row is when space is short. */
  readonly phase: 'done' | 'live' | 'waiting' | 'kept'
  /** Where the row belongs. */
  readonly section: string
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

function outputOf(step: StepModel, logs: number, look: Look): string[] {
  if (step.state !== 'running') return []
  const lines = [...(step.note === '' ? [] : [step.note]), ...step.logs.slice(-logs)]
  return (logs > 1 ? lines : lines.slice(0, 1)).map((text) => outputLine(text, 1, look))
}

/** Every row, as if the screen were endless. Sections that have not begun are one line each. */
function allRows(model: RunModel, look: Look): Row[] {
  const running = model.sections
    .flatMap((section) => section.steps)
    .filter((step) => step.state === 'running')
  // Logs tell a story only when one step speaks.
  const logs = running.length === 1 ? keptLogs : 1
  const rows = model.sections.flatMap((section) => {
    const state = sectionState(section, look.over)
    const heading: Row = {
      key: `section ${section.name}`,
      level: 0,
      text: sectionLine(section, false, look),
      output: [],
      phase: phaseOf(state),
      section: section.name,
      alone: sectionLine(section, true, look),
    }
    const steps = section.steps.map((step): Row => ({
      key: `step ${step.id}`,
      level: 1,
      text: stepLine(step, 1, look),
      output: outputOf(step, logs, look),
      phase: phaseOf(step.state),
      section: section.name,
    }))
    return state === 'waiting' ? [heading] : [heading, ...steps]
  })
  const warnings = look.over ? [] : model.warnings.slice(-shownWarnings)
  return [...rows, ...warnings.map((text, index) => warningRow(text, index, look))]
}

function warningRow(text: string, index: number, look: Look): Row {
  const key = `warning ${String(index)}`
  return { key, level: 0, text: warningLine(text, look), output: [], phase: 'kept', section: '' }
}

/** Lines that rows take on the screen. */
function heightOf(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + 1 + row.output.length, 0)
}

/** Leaves out the rows of sections that have ended well, oldest first. */
function closeSections(rows: readonly Row[], room: number): readonly Row[] {
  let left = rows
  for (const heading of rows) {
    if (heightOf(left) <= room) return left
    if (heading.alone === undefined || heading.phase !== 'done') continue
    const text = heading.alone
    left = left
      .filter((row) => row === heading || row.section !== heading.section)
      .map((row) => (row === heading ? { ...row, text } : row))
  }
  return left
}

/** Puts one row in the place of as many of the picked ones as must go, at least two. */
function fold(
  rows: readonly Row[],
  room: number,
  pick: (row: Row) => boolean,
  stand: { readonly from: 'start' | 'end'; readonly row: (count: number) => Row },
): readonly Row[] {
  const picked = rows.filter(pick)
  const excess = heightOf(rows) - room
  if (excess <= 0 || picked.length < 2) return rows
  const count = Math.min(picked.length, excess + 1)
  const gone = new Set(stand.from === 'start' ? picked.slice(0, count) : picked.slice(-count))
  const anchor = rows.find((row) => gone.has(row))
  return rows.flatMap((row) => (row === anchor ? [stand.row(count)] : gone.has(row) ? [] : [row]))
}

function foldSteps(
  rows: readonly Row[],
  room: number,
  phase: 'done' | 'waiting',
  look: Look,
): readonly Row[] {
  const sections = [...new Set(rows.filter((row) => row.level === 1).map((row) => row.section))]
  // What ended first matters least, and so does what comes last.
  const order = phase === 'done' ? sections : sections.reverse()
  return order.reduce<readonly Row[]>((left, section) => {
    const pick = (row: Row): boolean => row.level === 1 && row.section === section && row.phase === phase
    const row = (count: number): Row => {
      const what = look.over ? 'steps not run' : 'more'
      const text = `${String(count)} ${phase === 'done' ? 'steps' : what}`
      const folded = foldLine(phase === 'done' ? 'changed' : 'waiting', text, 1, look)
      return { key: `${phase} ${section}`, level: 1, text: folded, output: [], phase: 'kept', section }
    }
    return fold(left, room, pick, { from: phase === 'done' ? 'start' : 'end', row })
  }, rows)
}

function foldSections(
  rows: readonly Row[],
  room: number,
  phase: 'done' | 'waiting',
  look: Look,
): readonly Row[] {
  const pick = (row: Row): boolean => row.level === 0 && row.phase === phase
  const row = (count: number): Row => {
    const what = phase === 'done' ? 'sections' : 'more sections'
    const text = foldLine(phase === 'done' ? 'changed' : 'waiting', `${String(count)} ${what}`, 0, look)
    return { key: `${phase} sections`, level: 0, text, output: [], phase, section: '' }
  }
  return fold(rows, room, pick, { from: phase === 'done' ? 'start' : 'end', row })
}

/** Takes the output of as many rows as must be silent, the last ones first. */
function dropOutput(rows: readonly Row[], room: number): readonly Row[] {
  return rows.reduceRight<readonly Row[]>(
    (left, row) =>
      heightOf(left) <= room ? left : left.map((one) => (one.key === row.key ? { ...one, output: [] } : one)),
    rows,
  )
}

/** The last resort on a tiny screen: what runs or went wrong, and as much of it as fits. */
function essential(rows: readonly Row[], room: number): readonly Row[] {
  const live = rows.filter((row) => row.phase === 'live' || row.phase === 'kept')
  const steps = live.filter((row) => row.level === 1)
  const chosen = heightOf(live) <= room ? live : steps.length > 0 ? steps : rows
  return chosen.slice(-room).map((row) => ({ ...row, level: heightOf(live) <= room ? row.level : 0 }))
}

/** The rows to draw, at most `room` lines high. */
export function frameRows(model: RunModel, room: number, look: Look): readonly Row[] {
  const passes: readonly ((rows: readonly Row[]) => readonly Row[])[] = [
    (rows) => rows.map((row) => ({ ...row, output: row.output.slice(0, 1) })),
    (rows) => closeSections(rows, room),
    (rows) => foldSteps(rows, room, 'done', look),
    (rows) => foldSteps(rows, room, 'waiting', look),
    (rows) => foldSections(rows, room, 'waiting', look),
    (rows) => foldSections(rows, room, 'done', look),
    (rows) => dropOutput(rows, room),
    (rows) => essential(rows, room),
  ]
  const all = allRows(model, look)
  // Of what never ran a number is enough; what went wrong is told right below.
  const start = look.over ? foldSteps(all, -Infinity, 'waiting', look) : all
  return passes.reduce<readonly Row[]>((rows, pass) => (heightOf(rows) <= room ? rows : pass(rows)), start)
}
