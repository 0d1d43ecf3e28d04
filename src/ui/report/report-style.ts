/** How a report looks: light and dark, on a phone, on a wide screen and on paper. */

/** Text colours have at least 4.5 times the contrast of what they stand on; test/browser measures it. */
const light = `
  --ground: #f5f6f8; --paper: #ffffff; --sunken: #f3f5f7; --ink: #1b1f24; --quiet: #57606c; --line: #dce1e7;
  --grid: #e8ebef; --link: #0b5cad; --good: #1a7444; --bad: #c1272d; --warn: #8a5a00;
  --bad-tint: #fdf0ef; --good-tint: #eef8f2; --warn-tint: #fdf6e7;
  --step: #4d5866; --task: #2f7fc4; --pod: #7fa9cf;`
const dark = `
  --ground: #0f1318; --paper: #171c23; --sunken: #11161c; --ink: #e5e9ef; --quiet: #9ba6b4; --line: #2c343e;
  --grid: #232a33; --link: #74b6f5; --good: #56c48c; --bad: #ff8078; --warn: #e3b054;
  --bad-tint: #2b1b1e; --good-tint: #15261f; --warn-tint: #2a2417;
  --step: #8c98a8; --task: #4f9fe3; --pod: #4d82b3;`

const page = `
:root { color-scheme: light dark; ${light} }
@media screen and (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 84rem; padding: 2rem clamp(.875rem, 3vw, 2.5rem) 3rem; background: var(--ground);
  color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1, h2, h3, p, dl, dd, ul, ol, pre { margin: 0; }
h1 { font-size: 1.75rem; line-height: 1.2; font-weight: 650; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { font-size: 1.0625rem; line-height: 1.3; font-weight: 650; margin-bottom: .75rem; }
h3 { font-size: .875rem; font-weight: 600; margin: 1.125rem 0 .375rem; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
code, pre, .pod .name, .task .name, .task th { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: .8125rem; overflow-wrap: anywhere; }
pre { font-size: .75rem; line-height: 1.55; padding: .75rem 1rem; background: var(--sunken); border: 1px solid var(--line);
  border-radius: 6px; overflow: auto; max-height: 30rem; tab-size: 2; }
main > section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1.125rem 1.25rem 1.25rem;
  margin-top: 1rem; }
.note { color: var(--quiet); font-size: .8125rem; margin-top: .625rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.sheet { position: absolute; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .375rem .75rem; z-index: 3; }
footer { color: var(--quiet); font-size: .8125rem; margin-top: 1.5rem; overflow-wrap: anywhere; }
.mark { flex: none; width: 1rem; height: 1rem; color: var(--quiet); }
.is-succeeded { --state: var(--good); } .is-failed { --state: var(--bad); } .is-stopped, .is-unfinished { --state: var(--warn); }
.is-unchanged, .is-skipped, .is-never { --state: var(--quiet); }
.mark[class*="is-"], .node .mark { color: var(--state); }
.fill { fill: currentColor; } .hole { fill: var(--paper); }
.stroke, .cut { fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.cut { stroke: var(--paper); stroke-width: 1.75; } .dotted { stroke-dasharray: .1 3.25; }
`

const head = `
.page-head { display: grid; grid-template-columns: 1fr auto; gap: .875rem 2rem; align-items: start; }
.facts { display: flex; flex-wrap: wrap; gap: .375rem 1.75rem; grid-row: 2; grid-column: 1 / -1; }
.facts div, .versions dl > div { display: flex; gap: .4375rem; min-width: 0; }
.facts dt, .versions dt { color: var(--quiet); }
.facts dd { font-weight: 550; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.versions { grid-column: 1 / -1; font-size: .8125rem; }
.versions dl { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.pairs code { background: none; }
.outcome { border-left: 4px solid var(--state) !important; }
.outcome.is-failed { background: var(--bad-tint); } .outcome.is-succeeded { background: var(--good-tint); }
.outcome.is-stopped, .outcome.is-unfinished { background: var(--warn-tint); }
.outcome h2 { display: flex; gap: .5rem; align-items: center; color: var(--state); font-size: 1.1875rem; margin-bottom: .375rem; }
.outcome h2 .mark { width: 1.1875rem; height: 1.1875rem; }
.message { white-space: pre-wrap; overflow-wrap: anywhere; max-width: 75ch; }
.culprit { overflow-wrap: anywhere; margin-bottom: .25rem; }
.outcome ul { padding-left: 1.125rem; max-width: 90ch; overflow-wrap: anywhere; }
.outcome pre { background: var(--paper); max-height: 20rem; }
.outcome .pairs { display: grid; gap: .25rem; }
.outcome .pairs div { display: grid; grid-template-columns: minmax(6rem, 11rem) 1fr; gap: .75rem; }
.outcome .pairs dt { color: var(--quiet); overflow-wrap: anywhere; }
.outcome .pairs dd { overflow-wrap: anywhere; min-width: 0; }
`

const waterfall = `
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.125rem; list-style: none; padding: 0; color: var(--quiet); font-size: .8125rem;
  margin-bottom: .375rem; }
.legend li { display: flex; align-items: center; gap: .4375rem; }
.key { width: 1.5rem; }
.waterfall { --names: clamp(11rem, 25%, 20rem); --tail: 10rem; }
.axis, .row { display: grid; grid-template-columns: var(--names) minmax(0, 1fr); column-gap: .75rem; padding-right: var(--tail); }
.axis { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--line); }
.axis .lane { grid-column: 2; height: 1.625rem; background-size: var(--tick) .375rem; background-position: 0 100%; background-repeat: repeat-x; }
.tick { position: absolute; top: .125rem; transform: translateX(-50%); font-size: .75rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
.tick:first-child { transform: none; }
.rows { list-style: none; padding: 0; overflow-x: clip; }
.row { min-height: 1.75rem; align-items: stretch; position: relative; }
.row:hover { background: var(--sunken); }
.row.step:not(:first-child) { border-top: 1px solid var(--line); }
.name { display: flex; align-items: center; gap: .5rem; min-width: 0; font-size: .875rem; }
.name > :last-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.name a { color: inherit; text-decoration-color: var(--quiet); text-decoration-style: dotted; }
.step .name { font-weight: 600; line-height: 1.25; } .step .name > :last-child { white-space: normal; overflow-wrap: anywhere; padding: .25rem 0; }
.task .name { padding-left: 1.125rem; font-size: .8125rem; }
.pod .name { padding-left: 1.125rem; font-size: .6875rem; color: var(--quiet); }
.row.pod { min-height: 1.25rem; }
.lane { position: relative; min-width: 0; background-image: linear-gradient(to right, var(--grid) 1px, transparent 1px);
  background-size: var(--tick) 100%; }
.bar { position: absolute; top: 50%; height: .8125rem; margin-top: -.40625rem; min-width: 3px; border-radius: 2px; --hue: var(--task); }
.step .bar, .key.step { --hue: var(--step); } .task .bar, .key.task { --hue: var(--task); } .pod .bar, .key.pod { --hue: var(--pod); }
.is-failed .bar.run, .key.is-failed { --hue: var(--bad); }
.step .bar, .key.step { height: .375rem; } .step .bar { margin-top: -.1875rem; }
.pod .bar, .key.pod { height: .3125rem; } .pod .bar { margin-top: -.15625rem; }
.key { height: .8125rem; border-radius: 2px; }
.run { background: var(--hue); }
.wait { border: 1px solid var(--hue); border-right: 0; border-radius: 2px 0 0 2px;
  background: repeating-linear-gradient(-45deg, var(--hue) 0 1px, transparent 1px 4px); }
.label { position: absolute; top: 0; bottom: 0; display: flex; align-items: center; gap: .375rem; padding-left: .4375rem; white-space: nowrap;
  font-size: .75rem; font-variant-numeric: tabular-nums; }
.pod .label { color: var(--quiet); font-size: .6875rem; } .pod.plain .label { display: none; }
.label .word { color: var(--state); } .is-failed .label .word { font-weight: 600; }
.waited { color: var(--quiet); }
`

const details = `
.scroll { overflow-x: auto; padding: .25rem 0 .5rem; }
.graph svg { display: block; max-width: 100%; height: auto; }
.edge { fill: none; stroke: var(--quiet); stroke-width: 1.25; opacity: .75; } .tip { fill: var(--quiet); }
.box { fill: var(--paper); stroke: var(--state); stroke-width: 1.25; }
.node.is-failed .box { fill: var(--bad-tint); stroke-width: 2.25; }
.node.is-skipped .box, .node.is-never .box { stroke-dasharray: 4 3; }
.task-name { font: 600 12.5px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink); }
.task-state { font-size: 11px; fill: var(--quiet); }
.node.is-failed .task-state { fill: var(--bad); }
a.node:hover .task-name { text-decoration: underline; }
.log { border-top: 1px solid var(--line); } .log:last-child { border-bottom: 1px solid var(--line); }
.log summary { display: flex; flex-wrap: wrap; align-items: center; gap: .125rem .5rem; padding: .5rem .25rem; cursor: pointer; list-style: none; }
.log summary::-webkit-details-marker { display: none; }
.log summary::before { content: ""; width: .4375rem; height: .4375rem; margin: 0 .25rem 0 .125rem; border: solid var(--quiet); border-width: 0 1.5px 1.5px 0;
  transform: rotate(-45deg); }
.log[open] summary::before { transform: translateY(-2px) rotate(45deg); }
.log summary:hover .log-title { text-decoration: underline; }
.log-title { flex: 1 1 12rem; overflow-wrap: anywhere; min-width: 0; } .log-facts { color: var(--quiet); font-size: .8125rem; }
.log .note { margin: 0 0 .375rem; } .log pre { margin-bottom: .75rem; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
th, td { text-align: left; padding: .375rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child { padding-left: .25rem; } td:last-child, th:last-child { padding-right: .25rem; }
thead th { color: var(--quiet); font-size: .8125rem; font-weight: 500; vertical-align: bottom; }
tbody th { font-weight: 600; overflow-wrap: anywhere; } th.number { text-align: right; }
.task th { font-weight: 400; font-size: .8125rem; padding-left: 1.375rem; }
.row-note { display: block; font: 400 .8125rem/1.4 system-ui, sans-serif; color: var(--quiet); }
.outcome-cell { white-space: nowrap; } .outcome-cell .mark { vertical-align: -.15rem; margin-right: .375rem; }
.outcome-cell .state { color: var(--quiet); } .is-failed .outcome-cell .state { color: var(--bad); }
`

const narrow = `
@media (max-width: 44rem) {
  body { padding-top: 1.25rem; }
  h1 { font-size: 1.4375rem; }
  main > section { padding: .875rem .875rem 1rem; }
  .waterfall { --tail: 6rem; }
  .axis, .row { grid-template-columns: minmax(0, 1fr); }
  .axis .lane { grid-column: 1; }
  .tick:nth-child(even) { display: none; }
  .row { padding-top: .375rem; }
  .row.bare { grid-template-columns: auto auto; justify-content: start; column-gap: .25rem; } .row.bare .name { margin: 0; }
  .row.bare .lane { background: none; height: auto; min-width: 5.5rem; }
  .row .name { margin-right: calc(-1 * var(--tail)); }
  .row .lane { height: 1.125rem; } .row.pod .lane { height: .75rem; } .row.pod { padding-top: 0; min-height: 0; }
  .task .name, .pod .name { padding-left: 0; }
  .pod .label, .waited { display: none; }
  .pod .name { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .outcome .pairs div { grid-template-columns: 1fr; gap: 0; }
  .began { display: none; }
  .log-facts { flex-basis: 100%; padding-left: 2.75rem; }
  .outcome-cell .state { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
}
@media print {
  :root { --ground: #fff; --sunken: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main > section { break-inside: auto; border-radius: 0; border-width: 1px 0 0; padding: .75rem 0; }
  main > .outcome { padding: .75rem 1rem; }
  h2, h3, summary { break-after: avoid; } .row, tr, .node { break-inside: avoid; }
  .axis { position: static; } .scroll { overflow: visible; } .graph svg { min-width: 0 !important; }
  pre { max-height: none; white-space: pre-wrap; overflow-wrap: anywhere; }
  .skip { display: none; } a { color: inherit; }
}
`

/** The style sheet of the page. */
export const reportStyle = page + head + waterfall + details + narrow
