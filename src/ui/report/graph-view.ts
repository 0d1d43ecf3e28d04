/** The graphs of tasks as SVG. */
import { truncate } from '../display-text.ts'
import { html, type Markup } from './markup.ts'
import type { ReportModel, StepGraph } from './report-model.ts'
import { counted, stateWords } from './report-words.ts'
import { nodeHeight, shownName, type GraphEdge, type GraphNode, type TaskGraph } from './task-graph.ts'

/** Around the picture, for outlines and arrows. */
const margin = 4
/** A wide picture shrinks as far as it can be read; then it scrolls. */
const leastScale = 0.78

/** The section; nothing where no task was watched. */
export function graphView({ graphs }: ReportModel): Markup | undefined {
  if (graphs.length === 0) return undefined
  return html`<section aria-labelledby="graph">
    <h2 id="graph">Graph</h2>
    <svg class="sheet" aria-hidden="true" width="0" height="0">
      <defs>
        <marker
          id="arrow"
          viewBox="0 0 8 8"
          refX="7.5"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M0 .5 8 4 0 7.5z" class="tip" />
        </marker>
      </defs>
    </svg>
    ${graphs.map(picture)}
  </section>`
}

function picture({ title, graph }: StepGraph): Markup {
  const [width, height] = [graph.width + 2 * margin, graph.height + 2 * margin]
  const name = `${title}: ${counted(graph.nodes.length, 'task')} and what each waits for`
  return html`<h3>${title}</h3>
    <div class="scroll graph" tabindex="0" role="region" aria-label="${name}">
      <svg
        viewBox="${[-margin, -margin, width, height].join(' ')}"
        style="width: ${width}px; min-width: ${Math.round(width * leastScale)}px"
        role="group"
        aria-label="${name}"
      >
        ${graph.edges.map((edge) => html`<path class="edge" d="${path(edge)}" marker-end="url(#arrow)" aria-hidden="true" />`)}
        ${graph.nodes.map((node) => box(node, graph))}
      </svg>
    </div>`
}

function box(node: GraphNode, { nodeWidth, nodes, edges }: TaskGraph): Markup {
  const ids = edges.filter(({ to }) => to === node.id).map(({ from }) => from)
  const before = nodes.filter(({ id }) => ids.includes(id)).map(({ name }) => name)
  const said = [
    node.name,
    stateWords[node.state],
    node.time,
    before.length > 0 ? `after ${before.join(', ')}` : '',
  ]
  const spokenName = said.filter((part) => part !== '').join(', ')
  const shape = html`<title>${spokenName}</title>
    <rect width="${nodeWidth}" height="${nodeHeight}" rx="8" class="box" />
    <use href="#mark-${node.state}" x="12" y="${nodeHeight / 2 - 8}" width="16" height="16" class="mark" />
    <text x="36" y="20" class="task-name">${truncate(node.name, shownName, '…')}</text>
    <text x="36" y="36" class="task-state">${stateAndTime(node)}</text>`
  const place = `translate(${String(node.x)} ${String(node.y)})`
  return node.log === undefined
    ? html`<g class="node is-${node.state}" transform="${place}" role="img" aria-label="${spokenName}"
        >${shape}</g
      >`
    : html`<a
        class="node is-${node.state}"
        transform="${place}"
        href="#${node.log}"
        aria-label="${spokenName}; to its log"
        >${shape}</a
      >`
}

/** The mark and the colour say that it succeeded. */
function stateAndTime({ state, time }: GraphNode): string {
  if (time === '') return stateWords[state]
  return state === 'succeeded' ? time : `${stateWords[state]} · ${time}`
}

/** Straight where it passes a column, curved between columns. */
function path({ points }: GraphEdge): string {
  return points
    .map(([x, y], index) => {
      const [formerX, formerY] = points[index - 1] ?? [x, y]
      const middle = (formerX + x) / 2
      if (index === 0) return `M${numbers(x, y)}`
      return index % 2 === 0 ? `L${numbers(x, y)}` : `C${numbers(middle, formerY, middle, y, x, y)}`
    })
    .join('')
}

function numbers(...values: readonly number[]): string {
  return values.map((value) => String(Math.round(value * 10) / 10)).join(' ')
}
