/** A report as one page without scripts, that loads nothing and works from a file. */
import { formatDuration } from '../../domain/duration.ts'
import { graphView } from './graph-view.ts'
import { lasting } from './lasting.ts'
import { html, trusted, type Markup } from './markup.ts'
import { outcomeView, outcomeWords, pairs } from './outcome-view.ts'
import type { ReportLog, ReportModel, TimelineRow } from './report-model.ts'
import { counted, mark, markSheet, moment, stateWords } from './report-words.ts'
import { reportStyle } from './report-style.ts'
import { timelineView } from './timeline-view.ts'

/** Whatever is wrong with the page: it can neither run nor load nor send anything. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** The whole page. */
export function reportPage(model: ReportModel): string {
  const outcome = outcomeWords[model.outcome.state]
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${outcome}: ${model.title}</title>
        <style>
          ${trusted(reportStyle)}
        </style>
      </head>
      <body>
        ${markSheet()}
        <a class="skip" href="#main">To the outcome</a>
        ${headerView(model)}
        <main id="main" tabindex="-1">
          ${outcomeView(model)} ${timelineView(model)} ${graphView(model)} ${logsView(model)}
          ${tableView(model)}
        </main>
        <footer>
          <p>
            Written by play ${model.versions[0]?.value}${model.run === '' ? '' : ` about run ${model.run}`}.
            This page loads nothing and runs no scripts.
          </p>
        </footer>
      </body>
    </html> `.text
}

function headerView({ title, command, playground, startedAt, durationMs, versions }: ReportModel): Markup {
  const facts = [
    { name: 'Playground', value: playground },
    { name: 'Command', value: command },
    { name: 'Began', value: startedAt === undefined ? '' : moment(startedAt) },
    { name: 'Took', value: formatDuration(durationMs) },
  ]
  return html`<header class="page-head">
    <h1>${title}</h1>
    <dl class="facts">
      ${facts
        .filter(({ value }) => value !== '')
        .map(
          ({ name, value }) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
    </dl>
    <div class="versions" role="group" aria-label="Versions">${pairs(versions)}</div>
  </header>`
}

function logsView({ logs }: ReportModel): Markup | undefined {
  if (logs.length === 0) return undefined
  return html`<section aria-labelledby="logs">
    <h2 id="logs">Logs</h2>
    ${logs.map(logView)}
  </section>`
}

/** The id is inside: a link to it opens what is around it. */
function logView({ id, title, state, lines, dropped }: ReportLog): Markup {
  const missing =
    dropped > 0 ? html`<p class="note">${counted(dropped, 'earlier line')} not kept.</p>` : undefined
  const all = counted(lines.length + dropped, 'line')
  const open = state === 'failed' ? ' open' : ''
  return html`<details class="log" ${trusted(open)}>
    <summary>
      ${mark(state)}<span class="log-title">${title}</span
      ><span class="log-facts">${stateWords[state]} · ${all}</span>
    </summary>
    ${missing}
    <pre id="${id}" tabindex="0" role="region" aria-label="Log of ${title}">${lines.join('\n')}</pre>
  </details>`
}

function tableView({ rows }: ReportModel): Markup | undefined {
  const shown = rows.filter((row) => row.kind !== 'pod')
  if (shown.length === 0) return undefined
  return html`<section aria-labelledby="steps">
    <h2 id="steps">Steps</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Step or task</th>
          <th scope="col">Outcome</th>
          <th scope="col" class="number began">Began at</th>
          <th scope="col" class="number">Waited</th>
          <th scope="col" class="number">Took</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(tableRow)}
      </tbody>
    </table>
  </section>`
}

function tableRow({ kind, name, state, waiting, running, note }: TimelineRow): Markup {
  const began = running ?? waiting
  const took = (span: TimelineRow['running']): string => (span ? lasting(span.to - span.from, kind) : '')
  return html`<tr class="${kind} is-${state}">
    <th scope="row">${name}${note === '' ? undefined : html`<span class="row-note">${note}</span>`}</th>
    <td class="outcome-cell">${mark(state)}<span class="state">${stateWords[state]}</span></td>
    <td class="number began">${began ? `+${lasting(began.from, kind).replace('<1s', '0s')}` : ''}</td>
    <td class="number">${waiting?.from === waiting?.to ? '' : took(waiting)}</td>
    <td class="number">${took(running)}</td>
  </tr> `
}
