/** The words and marks in which a report tells states and durations. */
import { html, trusted, type Markup } from './markup.ts'
import type { ReportState } from './report-state.ts'

/** One word for each state. */
export const stateWords: Readonly<Record<ReportState, string>> = {
  succeeded: 'succeeded',
  unchanged: 'unchanged',
  failed: 'failed',
  stopped: 'stopped',
  skipped: 'skipped',
  unfinished: 'unfinished',
  never: 'not started',
}

const disc = '<circle cx="8" cy="8" r="7.5" class="fill"/>'
const ring = '<circle cx="8" cy="8" r="6.75" class="stroke"/>'
const check = 'd="M4.6 8.3l2.3 2.3 4.6-4.9"'

/** Shapes that differ without colour, too; 16 by 16. */
const marks: Readonly<Record<ReportState, string>> = {
  succeeded: `${disc}<path ${check} class="cut"/>`,
  unchanged: `${ring}<path ${check} class="stroke"/>`,
  failed: `${disc}<path d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4" class="cut"/>`,
  stopped: `${disc}<rect x="5.25" y="5.25" width="5.5" height="5.5" rx=".8" class="hole"/>`,
  skipped: `${ring}<path d="M5 8h6" class="stroke"/>`,
  unfinished: `${ring}<path d="M8 3.2a4.8 4.8 0 0 1 0 9.6z" class="fill"/>`,
  never: '<circle cx="8" cy="8" r="6.75" class="stroke dotted"/>',
}

/** All marks, to be placed once on the page before one is used. */
export function markSheet(): Markup {
  const symbols = Object.entries(marks).map(([state, shape]) =>
    trusted(`<symbol id="mark-${state}" viewBox="0 0 16 16">${shape}</symbol>`),
  )
  return html`<svg class="sheet" aria-hidden="true" width="0" height="0">${symbols}</svg>`
}

/** The mark of a state; decoration, so the word has to stand beside it or be spoken. */
export function mark(state: ReportState): Markup {
  return html`<svg class="mark is-${state}" aria-hidden="true" width="16" height="16">
    <use href="#mark-${state}" />
  </svg>`
}

/** Text that is only spoken. */
export function spoken(text: string): Markup {
  return html`<span class="spoken">${text}</span>`
}

/** "2026-01-31 14:05:09 UTC". */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}

/** "1 line", "2,000 lines". */
export function counted(count: number, one: string): string {
  return `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`
}
