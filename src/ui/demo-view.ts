/** What demos answer to a person: what was proved, how long each part took, and what to do next. */
import type { DemoResult } from '../domain/demo.ts'
import { formatDuration } from '../domain/duration.ts'
import { cleanLine } from './display-text.ts'
import { nextLines } from './error-view.ts'
import { pairLines, table, type ResultOptions } from './results.ts'
import { createTheme } from './theme.ts'
import { toneOf } from './tones.ts'

/** A demo that ended well. */
export function demoView(result: DemoResult, options: ResultOptions): string {
  const parts = table(
    result.parts,
    [
      { header: 'STEP', cell: ({ name }) => name, whole: true },
      { header: 'STATE', cell: ({ phase }) => phase, tone: ({ phase }) => toneOf(phase) },
      { header: 'TOOK', cell: ({ durationMs }) => formatDuration(durationMs), align: 'right' },
      { header: 'POD', cell: ({ pod }) => pod },
    ],
    options,
  )
  const theme = createTheme({ color: options.color, unicode: options.unicode ?? true })
  const facts = pairLines(Object.entries(result.outputs), theme)
  const next = nextLines(result.next, theme)
  const blocks = [
    result.message.split('\n').map(cleanLine),
    result.parts.length === 0 ? [] : [parts],
    facts,
    next,
  ]
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')
}

/** What demos there are. */
export function demoListView(
  rows: readonly {
    readonly id: string
    readonly summary: string
    readonly needs: readonly string[]
    readonly takes: string
  }[],
  options: ResultOptions,
): string {
  return table(
    rows,
    [
      { header: 'DEMO', cell: ({ id }) => id, whole: true },
      { header: 'SHOWS', cell: ({ summary: shows }) => shows },
      { header: 'NEEDS', cell: ({ needs }) => needs.join(', ') },
      { header: 'TAKES', cell: ({ takes }) => takes },
    ],
    options,
  )
}
