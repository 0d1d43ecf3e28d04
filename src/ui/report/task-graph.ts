/** The graph of tasks, laid out from left to right: columns by dependency, few crossings, edges around what lies between. */
import type { ReportState } from './report-state.ts'

/** A task as it goes into the graph. */
export interface GraphTask {
  /** What others name it by in `after`. */
  readonly id: string
  readonly name: string
  readonly after: readonly string[]
  readonly state: ReportState
  /** How long it ran, in words; may be empty. */
  readonly time: string
  /** Id of its log on the page. */
  readonly log: string | undefined
}

/** A box; `x` and `y` are its upper left corner. */
export interface GraphNode extends GraphTask {
  readonly x: number
  readonly y: number
}

/** An edge that leaves its first point and reaches its last one horizontally. */
export interface GraphEdge {
  /** Ids of tasks. */
  readonly from: string
  readonly to: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** A picture in pixels; the first column is at the left. */
export interface TaskGraph {
  readonly width: number
  readonly height: number
  readonly nodeWidth: number
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

/** Characters for which a box always has room: its state needs that. */
const leastName = 13
/** Height of a box. */
export const nodeHeight = 46
/** Characters of a name that fit into the widest box. */
export const shownName = 24

const columnGap = 44
const rowGap = 16
const edgeGap = 14
/** Of the monospaced letters of a name, and of the mark before them. */
const letterWidth = 7.6
const markWidth = 42

/** A task, or the place where an edge passes a column. */
interface Place {
  readonly task: GraphTask | undefined
  readonly before: Place[]
  readonly behind: Place[]
  /** Of its middle. */
  y: number
}

/** Lays out; edges that others imply are left out, and so are those from tasks that are not there, and cycles. */
export function taskGraph(tasks: readonly GraphTask[]): TaskGraph {
  const depths = depthsOf(tasks)
  const columns: Place[][] = []
  const add = (column: number, task?: GraphTask): Place => {
    const place: Place = { task, before: [], behind: [], y: 0 }
    ;(columns[column] ??= []).push(place)
    return place
  }
  const places = new Map(tasks.map((task) => [task.id, add(depths.get(task.id) ?? 0, task)]))
  const chains = reducedEdges(tasks, depths).flatMap(([from, to]) => {
    const [first, last] = [places.get(from), places.get(to)]
    if (!first || !last) return []
    const between = range((depths.get(from) ?? 0) + 1, depths.get(to) ?? 0).map((column) => add(column))
    return [link([first, ...between, last])]
  })
  order(columns)
  align(columns)
  return draw(columns, chains)
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
}

function link(chain: Place[]): Place[] {
  chain.forEach((place, index) => {
    const next = chain[index + 1]
    if (!next) return
    place.behind.push(next)
    next.before.push(place)
  })
  return chain
}

/** Columns: one more than that of the last task before. */
function depthsOf(tasks: readonly GraphTask[]): Map<string, number> {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const depths = new Map<string, number>()
  const visit = (id: string, path: ReadonlySet<string>): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    const before = (byId.get(id)?.after ?? []).filter((one) => byId.has(one) && !path.has(one))
    const depth = Math.max(-1, ...before.map((one) => visit(one, new Set([...path, one])))) + 1
    depths.set(id, depth)
    return depth
  }
  for (const { id } of tasks) visit(id, new Set([id]))
  return depths
}

/** Edges from left to right without those that are implied by a longer way. */
function reducedEdges(tasks: readonly GraphTask[], depths: ReadonlyMap<string, number>): [string, string][] {
  const forward = (task: GraphTask): string[] =>
    [...new Set(task.after)].filter((one) => (depths.get(one) ?? Infinity) < (depths.get(task.id) ?? 0))
  const before = new Map(tasks.map((task) => [task.id, forward(task)]))
  const ancestors = new Map<string, Set<string>>()
  const sorted = [...before.keys()].sort((one, other) => (depths.get(one) ?? 0) - (depths.get(other) ?? 0))
  for (const id of sorted) {
    const direct = before.get(id) ?? []
    ancestors.set(id, new Set([...direct, ...direct.flatMap((one) => [...(ancestors.get(one) ?? [])])]))
  }
  return [...before].flatMap(([to, direct]) =>
    direct
      .filter((from) => !direct.some((one) => ancestors.get(one)?.has(from) === true))
      .map((from): [string, string] => [from, to]),
  )
}

/** Sorts each column by where its neighbours are, to and fro, so that few edges cross. */
function order(columns: readonly Place[][]): void {
  const sort = (column: Place[], neighbours: 'before' | 'behind', beside: readonly Place[]): void => {
    const wish = new Map(
      column.map((place, index) => [
        place,
        mean(place[neighbours].map((one) => beside.indexOf(one))) ?? index,
      ]),
    )
    column.sort((one, other) => (wish.get(one) ?? 0) - (wish.get(other) ?? 0))
  }
  for (let round = 0; round < 4; round += 1) {
    columns.forEach((column, index) => {
      sort(column, 'before', columns[index - 1] ?? [])
    })
    columns.toReversed().forEach((column, index, reversed) => {
      if (index > 0) sort(column, 'behind', reversed[index - 1] ?? [])
    })
  }
}

/** Moves each place to the height of its neighbours as far as the order allows. */
function align(columns: readonly Place[][]): void {
  for (let round = 0; round < 6; round += 1) {
    for (const column of columns) settle(column, 'before')
    for (const column of columns.toReversed()) settle(column, 'behind')
  }
  for (const column of columns) settle(column, 'before')
}

function settle(column: readonly Place[], neighbours: 'before' | 'behind'): void {
  const wishes = column.map((place) => mean(place[neighbours].map((one) => one.y)) ?? place.y)
  let bottom = -Infinity
  column.forEach((place, index) => {
    const half = (place.task ? nodeHeight + rowGap : edgeGap) / 2
    place.y = Math.max(wishes[index] ?? 0, bottom + half)
    bottom = place.y + half
  })
  const shift = mean(column.map((place, index) => (wishes[index] ?? 0) - place.y)) ?? 0
  for (const place of column) place.y += shift
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, one) => sum + one, 0) / values.length
}

function draw(columns: readonly Place[][], chains: readonly Place[][]): TaskGraph {
  const all = columns.flat()
  const longest = Math.max(leastName, ...all.map(({ task }) => Math.min(shownName, task?.name.length ?? 0)))
  const nodeWidth = Math.round(longest * letterWidth + markWidth)
  const top = Math.min(...all.map((place) => place.y)) - nodeHeight / 2
  const height = Math.max(nodeHeight, Math.max(...all.map((place) => place.y)) - top + nodeHeight / 2)
  const x = new Map(
    columns.flatMap((column, index) => column.map((place) => [place, index * (nodeWidth + columnGap)])),
  )
  const left = (place: Place): number => x.get(place) ?? 0
  const middle = (place: Place): number => Math.round(place.y - top)
  return {
    width: Math.max(1, columns.length) * (nodeWidth + columnGap) - columnGap,
    height: Math.round(height),
    nodeWidth,
    nodes: all.flatMap((place) =>
      place.task ? [{ ...place.task, x: left(place), y: middle(place) - nodeHeight / 2 }] : [],
    ),
    edges: chains.map((chain) => ({
      from: chain[0]?.task?.id ?? '',
      to: chain.at(-1)?.task?.id ?? '',
      points: chain
        .flatMap((place) => [left(place), left(place) + nodeWidth].map((at) => [at, middle(place)] as const))
        .slice(1, -1),
    })),
  }
}
