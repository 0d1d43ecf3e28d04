/** Ways to make the rows of a run fewer: one row in the place of several, or output left out. */
import { foldLine, type Look } from './frame-text.ts'
import type { Row } from './frame-rows.ts'

/** Rows of which one can stand for several. */
type Foldable = 'done' | 'waiting' | 'live'

const signs = { done: 'changed', waiting: 'waiting', live: 'running' } as const

/** Lines that rows take on the screen. */
export function heightOf(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + 1 + row.output.length, 0)
}

/** Leaves out the rows of sections that have ended well, oldest first, except those of the section `kept`. */
export function closeSections(rows: readonly Row[], room: number, kept?: string): readonly Row[] {
  let left = rows
  for (const heading of rows) {
    if (heightOf(left) <= room) return left
    if (heading.alone === undefined || heading.phase !== 'done' || heading.section === kept) continue
    const text = heading.alone
    left = left
      .filter((row) => row === heading || row.section !== heading.section)
      .map((row) => (row === heading ? { ...row, text } : row))
  }
  return left
}

/** Leaves out the tasks of steps that have ended well, oldest first, except those of the step `kept`. */
export function closeSteps(rows: readonly Row[], room: number, kept?: string): readonly Row[] {
  const ended = rows.filter((row) => row.level === 1 && row.phase === 'done' && row.step !== kept)
  return ended.reduce(
    (left, step) =>
      heightOf(left) <= room ? left : left.filter((row) => row.level !== 2 || row.step !== step.step),
    rows,
  )
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

/** Folds steps of a section into one row, except those whose tasks are shown. */
export function foldSteps(
  rows: readonly Row[],
  room: number,
  phase: 'done' | 'waiting',
  look: Look,
): readonly Row[] {
  const sections = [...new Set(rows.filter((row) => row.level === 1).map((row) => row.section))]
  const open = new Set(rows.filter((row) => row.level === 2).map((row) => row.step))
  // What ended first matters least, and so does what comes last.
  const order = phase === 'done' ? sections : sections.reverse()
  return order.reduce<readonly Row[]>((left, section) => {
    const pick = (row: Row): boolean =>
      row.level === 1 && row.section === section && row.phase === phase && !open.has(row.step)
    const row = (count: number): Row => {
      const what = look.over ? 'steps not run' : 'more'
      const text = `${String(count)} ${phase === 'done' ? 'steps' : what}`
      const folded = foldLine(signs[phase], text, 1, look)
      return {
        key: `${phase} ${section}`,
        level: 1,
        text: folded,
        output: [],
        phase: 'kept',
        section,
        step: '',
      }
    }
    return fold(left, room, pick, { from: phase === 'done' ? 'start' : 'end', row })
  }, rows)
}

/** Folds tasks of a step into one row. */
export function foldTasks(rows: readonly Row[], room: number, phase: Foldable, look: Look): readonly Row[] {
  const words = { done: 'done', waiting: look.over ? 'not run' : 'more', live: 'more running' }
  const steps = rows.filter((row) => row.level === 1)
  const order = phase === 'done' ? steps : steps.reverse()
  return order.reduce<readonly Row[]>((left, { step, section }) => {
    const pick = (row: Row): boolean => row.level === 2 && row.step === step && row.phase === phase
    const row = (count: number): Row => {
      const text = foldLine(signs[phase], `${String(count)} ${words[phase]}`, 2, look)
      return { key: `${phase} tasks ${step}`, level: 2, text, output: [], phase: 'kept', section, step }
    }
    return fold(left, room, pick, { from: phase === 'done' ? 'start' : 'end', row })
  }, rows)
}

/** Folds sections into one row, except the section `kept`. */
export function foldSections(
  rows: readonly Row[],
  room: number,
  phase: 'done' | 'waiting',
  look: Look,
  kept?: string,
): readonly Row[] {
  const key = `${phase} sections`
  const pick = (row: Row): boolean =>
    row.level === 0 && row.phase === phase && row.section !== kept && row.key !== key
  const row = (count: number): Row => {
    const what = phase === 'done' ? 'sections' : 'more sections'
    const text = foldLine(signs[phase], `${String(count)} ${what}`, 0, look)
    return { key, level: 0, text, output: [], phase, section: '', step: '' }
  }
  return fold(rows, room, pick, { from: phase === 'done' ? 'start' : 'end', row })
}

/** Takes the output of as many rows as must be silent, the last ones first; what went wrong keeps its own. */
export function dropOutput(rows: readonly Row[], room: number): readonly Row[] {
  return rows.reduceRight<readonly Row[]>(
    (left, row) =>
      heightOf(left) <= room || row.phase === 'kept'
        ? left
        : left.map((one) => (one.key === row.key ? { ...one, output: [] } : one)),
    rows,
  )
}

/** Shortens output to what fits, from its start: the last lines of a log tell most. */
export function shortenOutput(rows: readonly Row[], room: number): readonly Row[] {
  let excess = heightOf(rows) - room
  return rows.map((row) => {
    const cut = Math.min(row.output.length, Math.max(0, excess))
    excess -= cut
    return cut === 0 ? row : { ...row, output: row.output.slice(cut) }
  })
}
