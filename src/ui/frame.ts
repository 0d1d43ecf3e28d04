/** Which rows of a run fit on the screen: all of them, or those that matter most now. */
import {
  closeSections,
  closeSteps,
  dropOutput,
  foldSections,
  foldSteps,
  foldTasks,
  heightOf,
  shortenOutput,
} from './frame-folding.ts'
import { allRows, type Row } from './frame-rows.ts'
import type { Look } from './frame-text.ts'
import type { RunModel } from './run-model.ts'

type Pass = (rows: readonly Row[]) => readonly Row[]

/** Makes less of what ended well and of what has not begun; what belongs to the row `kept` only if it must. */
function folding(room: number, look: Look, kept?: Row): readonly Pass[] {
  return [
    (rows) => closeSteps(rows, room, kept?.step),
    (rows) => closeSections(rows, room, kept?.section),
    (rows) => foldTasks(rows, room, 'done', look),
    (rows) => foldTasks(rows, room, 'waiting', look),
    (rows) => foldSteps(rows, room, 'done', look),
    (rows) => foldSteps(rows, room, 'waiting', look),
    (rows) => foldSections(rows, room, 'waiting', look, kept?.section),
    (rows) => foldSections(rows, room, 'done', look, kept?.section),
  ]
}

/** The last resort on a tiny screen: what runs or went wrong, and as much of it as fits. */
function essential(rows: readonly Row[], room: number): readonly Row[] {
  const live = rows.filter((row) => row.phase === 'live' || row.phase === 'kept')
  if (heightOf(live) <= room) return live
  const below = live.filter((row) => row.level > 0)
  return (below.length > 0 ? below : rows).slice(-room).map((row) => ({ ...row, level: 0 }))
}

/** The rows to draw, at most `room` lines high. */
export function frameRows(model: RunModel, room: number, look: Look): readonly Row[] {
  const all = allRows(model, look)
  // A person wants to see how long each task took, even after the end: the last pipeline stays longest.
  const last = all.findLast((row) => row.level === 2)
  const passes: readonly Pass[] = [
    (rows) => rows.map((row) => (row.phase === 'kept' ? row : { ...row, output: row.output.slice(0, 1) })),
    ...folding(room, look, last),
    ...(last ? folding(room, look) : []),
    (rows) => dropOutput(rows, room),
    (rows) => shortenOutput(rows, room),
    (rows) => foldTasks(rows, room, 'live', look),
    (rows) => essential(rows, room),
  ]
  // Of what never ran a number is enough; what went wrong is told right below.
  const start = look.over
    ? foldTasks(foldSteps(all, -Infinity, 'waiting', look), -Infinity, 'waiting', look)
    : all
  return passes.reduce<readonly Row[]>((rows, pass) => (heightOf(rows) <= room ? rows : pass(rows)), start)
}
