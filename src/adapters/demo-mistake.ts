/** Mistakes in files of a demo, each at its place, and the one error that is made of them. */
import { PlayError } from '../domain/errors.ts'
import { nearest } from '../domain/names.ts'

/** A place in a text; both count from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Names of fields and numbers of items that lead to a value. */
export type Path = readonly (string | number)[]

/** Where in a value something is wrong: at the key of a field, or at its value; `text` narrows it to the first such text in it. */
export interface Place {
  readonly path: Path
  readonly at: 'key' | 'value'
  readonly text?: { readonly wanted: string; readonly after: number }
}

/** Something that is wrong with a demo's description. */
export interface Mistake extends Place {
  readonly reason: string
}

/** The same in a file. */
export interface PlacedMistake extends Position {
  readonly reason: string
}

/** Where a file begins: the place of what is wrong with all of it. */
export const start: Position = { line: 1, column: 1 }

/** How many of the others an error tells. */
const shownMistakes = 20
/** Characters of one reason. */
const longestReason = 300

/** DEMO_INVALID for the first mistake in the file's order, with the others as details. `mistakes` must not be empty. */
export function invalidFile(file: string, mistakes: readonly PlacedMistake[]): PlayError {
  const sorted = mistakes
    .map((one) => ({ ...one, reason: oneLine(one.reason) }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
  const [first = { ...start, reason: 'it is not as it should be' }, ...others] = sorted
  const details = others
    .slice(0, shownMistakes)
    .map(({ line, column, reason }) => `${file}:${String(line)}:${String(column)}: ${reason}`)
  return PlayError.of('DEMO_INVALID', { file, ...first }, { details })
}

/** Reasons quote what people wrote, which may be anything. */
function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > longestReason ? `${line.slice(0, longestReason)}…` : line
}

/** DEMO_INVALID for a file as a whole. */
export function invalidAltogether(file: string, reason: string): PlayError {
  return invalidFile(file, [{ ...start, reason }])
}

/** The end of a sentence on a name that is not known. */
export function didYouMean(wrong: string, known: readonly string[]): string {
  const near = nearest(wrong, known)
  if (near.length > 0) return `; did you mean ${near.join(' or ')}?`
  return known.length > 0 ? `; there are ${known.join(', ')}` : ''
}
