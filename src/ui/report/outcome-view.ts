/** How the run ended, what it answered, and what to do next. */
import { html, type Content, type Markup } from './markup.ts'
import type { Named, ReportModel, ReportOutcome } from './report-model.ts'
import { mark } from './report-words.ts'

/** One word for each end of a run. */
export const outcomeWords: Readonly<Record<ReportOutcome['state'], string>> = {
  succeeded: 'Succeeded',
  failed: 'Failed',
  stopped: 'Stopped',
  unfinished: 'Unfinished',
}

/** Said where the run itself says nothing. */
const silence: Readonly<Record<ReportOutcome['state'], string>> = {
  succeeded: 'All steps ended well.',
  failed: 'It failed without saying why.',
  stopped: 'It was stopped before its end.',
  unfinished: 'Nothing tells how it ended.',
}

/** The section with the box. */
export function outcomeView({ outcome, outputs, warnings }: ReportModel): Markup {
  const { state, error, details, suggestions } = outcome
  return html`<section class="outcome is-${state}" aria-labelledby="outcome">
    <h2 id="outcome">${mark(state)}${outcomeWords[state]}</h2>
    ${culprits(outcome)}
    <p class="message">${outcome.message.join('\n').trim() || silence[state]}</p>
    ${error === undefined || error === '' ? undefined : html`<p class="note">Error <code>${error}</code></p>`}
    ${block(
      'What to do',
      suggestions.length > 0,
      html`<ul class="suggestions">
        ${suggestions.map((one) => html`<li>${suggestion(one)}</li>`)}
      </ul>`,
    )}
    ${block('What it said last', details.length > 0, html`<pre tabindex="0" role="region" aria-label="What it said last">${details.join('\n')}</pre>`)}
    ${block('Results', outputs.length > 0, pairs(outputs))}
    ${block(
      'Warnings',
      warnings.length > 0,
      html`<ul>
        ${warnings.map((one) => html`<li>${one}</li>`)}
      </ul>`,
    )}
  </section>`
}

/** A list of names and values; addresses can be followed. */
export function pairs(named: readonly Named[]): Markup {
  return html`<dl class="pairs">
    ${named.map(
      ({ name, value }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${linked(value)}</dd>
        </div>`,
    )}
  </dl>`
}

function culprits({ failed }: ReportOutcome): Markup | undefined {
  if (failed.length === 0) return undefined
  const names = failed.map(({ name, log }, index) => [
    index > 0 ? ', ' : '',
    log === undefined
      ? html`<strong>${name}</strong>`
      : html`<strong>${name}</strong> (<a href="#${log}">log</a>)`,
  ])
  return html`<p class="culprit">In ${names}</p>`
}

function block(title: string, shown: boolean, content: Content): Markup | undefined {
  return shown
    ? html`<h3>${title}</h3>
        ${content}`
    : undefined
}

/** What begins like a command and does not end like a sentence is for pasting. */
function suggestion(text: string): Markup | string {
  return /^[a-z][\w./-]* .*[^.:!?]$/.test(text) ? html`<code>${text}</code>` : text
}

function linked(value: string): Markup {
  return /^https?:\/\/\S+$/.test(value)
    ? html`<a href="${value}" rel="noopener noreferrer">${value}</a>`
    : html`<code>${value}</code>`
}
