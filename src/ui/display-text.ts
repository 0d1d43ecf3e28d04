/** Text as a terminal shows it: its width in columns, and nothing in it that moves the cursor. */
import { stripVTControlCharacters } from 'node:util'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const invisible = /^[\p{Control}\p{Format}\p{Mark}]+$/u
/** East Asian wide and full-width characters, and emoji that are drawn as pictures; Unicode's UAX 11. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}\p{Emoji_Presentation}]|\p{Emoji}\uFE0F/u

/** What most lines consist of; each character is one column wide. */
const ascii = /^[ -~]*$/

/** Columns that `text` takes; colours take none. */
export function displayWidth(text: string): number {
  if (ascii.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) {
    if (!invisible.test(segment)) width += wide.test(segment) ? 2 : 1
  }
  return width
}

/** Cuts uncoloured text to at most `width` columns, ending in `ellipsis` where something is missing. */
export function truncate(text: string, width: number, ellipsis: string): string {
  if (displayWidth(text) <= width) return text
  const room = width - displayWidth(ellipsis)
  if (room <= 0) return ellipsis.slice(0, Math.max(0, width))
  let kept = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += displayWidth(segment)
    if (used > room) break
    kept += segment
  }
  return `${kept.trimEnd()}${ellipsis}`
}

/** Fills up with spaces to `width` columns; `align` says on which side the text is. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return align === 'left' ? text + fill : fill + text
}

/**
 * One line that is safe to print: what tools and pods write may hold escape sequences, carriage returns
 * and tabs. Of a line that was overwritten with carriage returns the last state is kept.
 */
export function cleanLine(text: string): string {
  const last = stripVTControlCharacters(text)
    .split(/[\r\n]+/)
    .filter((part) => part.trim() !== '')
    .at(-1)
  return (last ?? '')
    .replaceAll('\t', '  ')
    .replaceAll(/\p{Control}/gu, '')
    .trimEnd()
}
