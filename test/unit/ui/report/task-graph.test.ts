import { describe, expect, it } from 'vitest'
import {
  nodeHeight,
  taskGraph,
  type GraphTask,
  type TaskGraph,
} from '../../../../src/ui/report/task-graph.ts'

function tasks(edges: Readonly<Record<string, readonly string[]>>): GraphTask[] {
  return Object.entries(edges).map(([id, after]) => ({
    ...{ id, name: id, after, state: 'succeeded', time: '1s', log: undefined },
  }))
}

/** Thirty tasks, each after some of those before it; the same ones every time. */
function many(seed: number): GraphTask[] {
  let state = seed
  const next = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  return tasks(
    Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => {
        const after = index === 0 ? [] : Array.from({ length: next(4) }, () => `t${String(next(index))}`)
        return [`t${String(index)}`, after]
      }),
    ),
  )
}

function edgesOf({ edges }: TaskGraph): string[] {
  return edges.map(({ from, to }) => `${from} ${to}`).sort()
}

describe('the graph', () => {
  it('leaves out edges that others imply', () => {
    const graph = taskGraph(tasks({ a: [], b: ['a'], c: ['a', 'b'], d: ['c', 'a', 'b'] }))

    expect(edgesOf(graph)).toEqual(['a b', 'b c', 'c d'])
  })

  it('is laid out, too, where tasks wait for each other or for none that is there', () => {
    const graph = taskGraph(tasks({ a: ['b'], b: ['a'], c: ['gone'], d: ['d'] }))

    expect(graph.nodes).toHaveLength(4)
  })

  it.each([1, 2, 3, 4, 5])(
    'of 30 tasks has no boxes that overlap, and goes from left to right (%d)',
    (seed) => {
      const graph = taskGraph(many(seed))
      const { nodes, nodeWidth, width, height } = graph

      for (const [index, one] of nodes.entries()) {
        expect(one.x >= 0 && one.x + nodeWidth <= width).toBe(true)
        expect(one.y >= 0 && one.y + nodeHeight <= height).toBe(true)
        const overlaps = nodes
          .slice(index + 1)
          .filter((other) => other.x === one.x && Math.abs(other.y - one.y) < nodeHeight)
        expect(overlaps).toEqual([])
      }
      for (const { points } of graph.edges) {
        const xs = points.map(([x]) => x)
        expect(xs).toEqual(xs.toSorted((one, other) => one - other))
      }
    },
  )

  it.each([6, 7])('has no edge that runs through a box (%d)', (seed) => {
    const { nodes, nodeWidth, edges } = taskGraph(many(seed))

    for (const { points } of edges)
      for (const [x, y] of points.slice(1, -1)) {
        const hit = nodes.filter(
          (node) => x >= node.x && x <= node.x + nodeWidth && y > node.y && y < node.y + nodeHeight,
        )
        expect(hit).toEqual([])
      }
  })
})
