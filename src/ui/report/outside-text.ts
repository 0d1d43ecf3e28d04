/** Text from outside as a page may hold it: no escape sequences, no control characters, never too long. */
import { cleanLine } from '../display-text.ts'

/** Characters of a line that are kept; a page of minified code serves nobody. */
const longest = 4000

/** Turn the direction of what follows them on the page. */
const directions = /[\u202A-\u202E\u2066-\u2069]/g

/** One clean line of whatever came; empty for what is no text. */
export function outsideLine(text: unknown): string {
  if (typeof text !== 'string') return typeof text === 'number' ? String(text) : ''
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  return cleanLine(cut).replaceAll(directions, '').toWellFormed()
}

/** Its lines, each clean. */
export function outsideLines(text: unknown): string[] {
  return typeof text === 'string' ? text.split('\n').map(outsideLine) : []
}
