import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { displayWidth } from '../../../src/ui/display-text.ts'
import { summary, table, type Column } from '../../../src/ui/results.ts'

interface Row {
  readonly name: string
  readonly nodes: number
  readonly note: string
}

const columns: readonly Column<Row>[] = [
  { header: 'NAME', cell: ({ name }) => name, whole: true },
  { header: 'NODES', cell: ({ nodes }) => String(nodes), align: 'right' },
  { header: 'NOTE', cell: ({ note }) => note, tone: ({ note }) => (note === 'fine' ? 'good' : 'bad') },
]
const rows: readonly Row[] = [
  { name: 'demo', nodes: 1, note: 'fine' },
  { name: '集群', nodes: 12, note: 'the node does not answer since this morning' },
]

describe('a table', () => {
  it('aligns its columns by what is seen, numbers to the right, without spaces at the ends of lines', () => {
    expect(table(rows, columns, { color: false })).toBe(
      [
        'NAME  NODES  NOTE',
        'demo      1  fine',
        '集群     12  the node does not answer since this morning',
      ].join('\n'),
    )
  })

  it('cuts the widest column where the terminal is narrow, never one that is copied', () => {
    const text = table(rows, columns, { color: false, width: 30 })

    expect(text).toBe(['NAME  NODES  NOTE', 'demo      1  fine', '集群     12  the node does no…'].join('\n'))
  })

  it('becomes a block for each row where nothing would be left of its columns', () => {
    expect(table(rows, columns, { color: false, width: 18 })).toBe(
      [
        'NAME   demo',
        'NODES  1',
        'NOTE   fine',
        '',
        'NAME   集群',
        'NODES  12',
        'NOTE   the node does not answer since this morning',
      ].join('\n'),
    )
  })

  it.each([120, 80, 60, 40, 25])('is never wider than %i columns', (width) => {
    for (const line of table(rows, columns, { color: true, width }).split('\n')) {
      expect(displayWidth(line)).toBeLessThanOrEqual(width)
    }
  })

  it('says the same in colour', () => {
    const coloured = table(rows, columns, { color: true })

    expect(coloured).toContain('\u001B[32mfine')
    expect(stripVTControlCharacters(coloured)).toBe(table(rows, columns, { color: false }))
  })

  it('without rows is its header', () => {
    expect(table([], columns, { color: false })).toBe('NAME  NODES  NOTE')
  })

  it('shows nothing of escape sequences in its cells', () => {
    const bad = [{ name: '\u001B[2Jx', nodes: 1, note: 'a\nb' }]

    expect(table(bad, columns, { color: false })).toBe('NAME  NODES  NOTE\nx         1  b')
  })
})

describe('a summary', () => {
  it('says what there is, and what to do next', () => {
    const text = summary(
      'Playground demo is ready',
      [
        ['Kubernetes', '1.34.10'],
        ['Phase', 'ready', 'good'],
      ],
      ['play status'],
      {
        color: false,
      },
    )

    expect(text).toBe(
      [
        'Playground demo is ready',
        '',
        '  Kubernetes  1.34.10',
        '  Phase       ready',
        '',
        'Next:',
        '  $ play status',
      ].join('\n'),
    )
  })

  it('leaves out what it has nothing of', () => {
    expect(summary('Nothing to do', [], [], { color: false })).toBe('Nothing to do')
  })
})
