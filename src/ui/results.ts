/** Results as text: a table of rows, a summary of one thing. Nothing here knows what the rows are about. */
import { cleanLine, displayWidth, pad, truncate } from './display-text.ts'
import { nextLines } from './error-view.ts'
import { createTheme, type Theme } from './theme.ts'

/** What a cell means; decides its colour. */
export type Tone = 'good' | 'bad' | 'warning' | 'faint' | 'strong'

/** One column of a table. */
export interface Column<Row> {
  readonly header: string
  readonly cell: (row: Row) => string
  readonly tone?: (row: Row) => Tone | undefined
  /** Default left; right for numbers. */
  readonly align?: 'left' | 'right'
  /** Never cut off: for what is copied, such as names and commands. */
  readonly whole?: boolean
}

/** How a result is printed. */
export interface ResultOptions {
  readonly color: boolean
  /** Default true. */
  readonly unicode?: boolean
  /** Columns of the terminal; without it, as in a pipe, nothing is cut off. */
  readonly width?: number
}

/** A line of a summary: what it is, what it says, and optionally what that means. */
export type Pair = readonly [label: string, value: string, tone?: Tone]

const gap = '  '
/** Fewer columns than this say nothing; the table then becomes one block for each row. */
const narrowest = 8

function paint(text: string, tone: Tone | undefined, { chalk }: Theme): string {
  switch (tone) {
    case 'good':
      return chalk.green(text)
    case 'bad':
      return chalk.red(text)
    case 'warning':
      return chalk.yellow(text)
    case 'faint':
      return chalk.dim(text)
    case 'strong':
      return chalk.bold(text)
    case undefined:
      return text
  }
}

/** Widths that fit: the widest column that may be cut gives way first. Undefined when the table cannot fit. */
function fitWidths(
  natural: readonly number[],
  whole: readonly boolean[],
  width: number,
): number[] | undefined {
  const widths = [...natural]
  const room = width - gap.length * (widths.length - 1)
  for (let excess = widths.reduce((sum, one) => sum + one, 0) - room; excess > 0; excess -= 1) {
    const cuttable = widths.map((one, index) => (whole[index] === true ? 0 : one))
    const widest = Math.max(...cuttable)
    if (widest <= narrowest) return undefined
    const index = cuttable.indexOf(widest)
    widths[index] = widest - 1
  }
  return widths
}

function blocks<Row>(rows: readonly Row[], columns: readonly Column<Row>[], theme: Theme): string {
  const label = Math.max(...columns.map((column) => displayWidth(column.header)))
  const block = (row: Row): string =>
    columns
      .map((column) => [column, cleanLine(column.cell(row))] as const)
      .filter(([, text]) => text !== '')
      .map(
        ([column, text]) =>
          `${theme.chalk.dim(pad(column.header, label))}${gap}${paint(text, column.tone?.(row), theme)}`,
      )
      .join('\n')
  return rows.map(block).join('\n\n')
}

/**
 * A table with a header, aligned by display width, without a line end at its end. Where `width` is too small
 * columns are cut off, widest first, and when that does not help each row becomes a block of lines.
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: ResultOptions,
): string {
  const theme = createTheme({ color: options.color, unicode: options.unicode ?? true })
  const cells = rows.map((row) => columns.map((column) => cleanLine(column.cell(row))))
  const natural = columns.map((column, index) =>
    Math.max(displayWidth(column.header), ...cells.map((line) => displayWidth(line[index] ?? ''))),
  )
  const whole = columns.map((column) => column.whole === true)
  const widths = options.width === undefined ? natural : fitWidths(natural, whole, options.width)
  if (widths === undefined) return blocks(rows, columns, theme)
  const line = (texts: readonly string[], tone: (column: Column<Row>) => Tone | undefined): string =>
    columns
      .map((column, index) => {
        const width = widths[index] ?? 0
        const text = pad(truncate(texts[index] ?? '', width, theme.symbols.ellipsis), width, column.align)
        // Spaces at the end of a line help nobody who copies it.
        return paint(index === columns.length - 1 ? text.trimEnd() : text, tone(column), theme)
      })
      .join(gap)
      .trimEnd()
  const header = line(
    columns.map((column) => column.header),
    () => 'faint',
  )
  return [header, ...rows.map((row, index) => line(cells[index] ?? [], (column) => column.tone?.(row)))].join(
    '\n',
  )
}

/** A title, aligned lines of label and value, and what to do next; without a line end at its end. */
export function summary(
  title: string,
  pairs: readonly Pair[],
  next: readonly string[],
  options: ResultOptions,
): string {
  const theme = createTheme({ color: options.color, unicode: options.unicode ?? true })
  const parts = [[theme.chalk.bold(cleanLine(title))], pairLines(pairs, theme), nextLines(next, theme)]
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')
}

/** Labels and values, aligned. */
export function pairLines(pairs: readonly Pair[], theme: Theme): string[] {
  const label = Math.max(0, ...pairs.map(([text]) => displayWidth(text)))
  return pairs.map(([text, value, tone]) =>
    `${gap}${theme.chalk.dim(pad(text, label))}${gap}${paint(cleanLine(value), tone, theme)}`.trimEnd(),
  )
}
