/** The waterfall as HTML: a bar for each step, task and pod below one axis of time. */
import { lasting } from './lasting.ts'
import { html, type Markup } from './markup.ts'
import type { ReportModel, Span, TimelineRow } from './report-model.ts'
import { mark, spoken, stateWords } from './report-words.ts'
import type { TimeAxis } from './time-axis.ts'

/** The section; nothing where nothing has begun. */
export function timelineView({ rows, axis }: ReportModel): Markup | undefined {
  if (rows.length === 0) return undefined
  const watched = rows.some((row) => row.kind !== 'step')
  const note = 'Times of tasks and pods come from Kubernetes, which counts whole seconds.'
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    ${legend(rows)}
    <div class="waterfall" style="--tick: ${share(axis.step, axis)}">
      <div class="axis" aria-hidden="true">
        <div class="lane">
          ${axis.ticks.map(({ at, label }) => html`<span class="tick" style="left: ${share(at, axis)}">${label}</span>`)}
        </div>
      </div>
      <ol class="rows">
        ${rows.map((row) => rowView(row, axis))}
      </ol>
    </div>
    ${watched ? html`<p class="note">${note}</p>` : undefined}
  </section>`
}

/** Explains only what is to be seen. */
function legend(rows: readonly TimelineRow[]): Markup {
  const entries: readonly (readonly [look: string, name: string, shown: boolean])[] = [
    ['step run', 'step', true],
    ['task run', 'task', rows.some((row) => row.kind === 'task')],
    ['pod run', 'pod', rows.some((row) => row.kind === 'pod')],
    ['task wait', 'waiting', rows.some((row) => row.waiting !== undefined)],
    ['task run is-failed', 'failed', rows.some((row) => row.state === 'failed')],
  ]
  return html`<ul class="legend" aria-label="Legend">
    ${entries
      .filter(([, , shown]) => shown)
      .map(([look, name]) => html`<li><span class="key ${look}"></span>${name}</li>`)}
  </ul>`
}

function rowView(row: TimelineRow, axis: TimeAxis): Markup {
  const name =
    row.log === undefined ? html`<span>${row.name}</span>` : html`<a href="#${row.log}">${row.name}</a>`
  const looks = [row.note === '' ? ' plain' : '', (row.waiting ?? row.running) ? '' : ' bare']
  return html`<li class="row ${row.kind} is-${row.state}${looks}">
    <div class="name" title="${row.name}">
      ${row.kind === 'pod' ? html`<span class="mark"></span>` : mark(row.state)}${spoken(`${row.kind} `)}${name}
    </div>
    <div class="lane">
      ${bar(row.waiting, 'wait', axis)}${bar(row.running, 'run', axis)}${label(row, axis)}
    </div>
  </li>`
}

function bar(span: Span | undefined, look: 'wait' | 'run', axis: TimeAxis): Markup | undefined {
  if (span === undefined || (look === 'wait' && span.from === span.to)) return undefined
  return html`<span
    class="bar ${look}"
    style="left: ${share(span.from, axis)}; width: ${share(span.to - span.from, axis)}"
  ></span>`
}

/** Stands behind the last bar: how long it ran and waited, its state where that is not success, and more of a pod. */
function label(row: TimelineRow, axis: TimeAxis): Markup {
  const { waiting, running, kind, note } = row
  const end = Math.max(waiting?.to ?? 0, running?.to ?? 0)
  return html`<span class="label" style="left: ${share(end, axis)}"
    >${duration('ran', running, kind)}${stateOf(row)}${duration('waited', waiting, kind)}${
      kind === 'pod' && note !== '' ? html`<span>${note}</span>` : undefined
    }</span
  >`
}

/** The bar says that it ran; that it waited is only told when it is worth a word. */
function duration(
  verb: 'ran' | 'waited',
  span: Span | undefined,
  kind: TimelineRow['kind'],
): Markup | undefined {
  if (span === undefined) return undefined
  const time = lasting(span.to - span.from, kind)
  if (verb === 'ran') return html`<span>${spoken('ran ')}${time}</span>`
  return span.to - span.from < 1000
    ? undefined
    : html`<span class="waited">${spoken(', ')}waited ${time}</span>`
}

/** Only spoken where the length of the bar says it. */
function stateOf({ kind, state }: TimelineRow): Markup {
  const word = stateWords[state]
  const isShown = state !== 'succeeded' && kind !== 'pod'
  return isShown ? html`<span class="word">${word}</span>` : spoken(`, ${word}`)
}

/** A position on the axis. */
function share(ms: number, { end }: TimeAxis): string {
  return `${String(Math.round((ms / end) * 10_000) / 100)}%`
}
