/** A terminal in memory: what a person would see, and whether anything went over its edges. */
import { displayWidth } from '../../src/ui/display-text.ts'

const escape = String.fromCharCode(27)
const tokens = new RegExp(`${escape}\\[([?\\d;]*)([A-Za-z])|(\\n)|([^${escape}\\n]+)`, 'gu')
const graphemes = new Intl.Segmenter()

/** Knows the escape sequences that are used, and throws for any other. */
export class FakeTerminal {
  readonly isTTY = true
  readonly columns: number
  readonly rows: number
  /** Every chunk as it was written. */
  readonly chunks: string[] = []
  cursorVisible = true
  /** Lines that were longer than the screen is wide. */
  wrapped = 0
  /** Times the cursor was to go above the screen: what was drawn was too high. */
  clamped = 0
  private readonly width: number
  private readonly height: number
  private readonly scrolled: string[] = []
  private lines: string[][] = [[]]
  private row = 0
  private column = 0

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
    this.width = columns > 0 ? columns : 80
    this.height = rows > 0 ? rows : 24
  }

  write(text: string): boolean {
    this.chunks.push(text)
    for (const [token, parameters = '', command, newline, plain] of text.matchAll(tokens)) {
      if (command !== undefined) this.control(token, parameters, command)
      else if (newline !== undefined) this.newline()
      else this.print(plain ?? '')
    }
    return true
  }

  /** The screen as text, without empty lines at its end. */
  screen(): string {
    return this.lines
      .map((line) => line.join('').trimEnd())
      .join('\n')
      .trimEnd()
  }

  /** The screen and all that has scrolled off it. */
  all(): string {
    return [...this.scrolled, this.screen()].join('\n')
  }

  private print(text: string): void {
    for (const { segment } of graphemes.segment(text)) {
      const width = displayWidth(segment)
      if (this.column + width > this.width) {
        this.wrapped += 1
        this.newline()
      }
      const line = (this.lines[this.row] ??= [])
      while (line.length < this.column) line.push(' ')
      line.splice(this.column, width, segment, ...Array.from({ length: width - 1 }, () => ''))
      this.column += width
    }
  }

  private newline(): void {
    this.row += 1
    this.column = 0
    if (this.row >= this.height) {
      this.scrolled.push((this.lines.shift() ?? []).join('').trimEnd())
      this.row -= 1
    }
    this.lines[this.row] ??= []
  }

  private control(token: string, parameters: string, command: string): void {
    const count = parameters === '' ? 1 : Number(parameters)
    const known: Readonly<Record<string, () => void>> = {
      A: () => {
        this.move(this.row - count)
      },
      B: () => {
        this.move(this.row + count)
      },
      G: () => {
        this.column = count - 1
      },
      K: () => {
        this.lines[this.row]?.splice(parameters === '2' ? 0 : this.column)
      },
      m: () => undefined,
      h: () => {
        if (parameters === '?25') this.cursorVisible = true
      },
      l: () => {
        if (parameters === '?25') this.cursorVisible = false
      },
    }
    const action = known[command]
    if (!action) throw new Error(`unknown sequence ${JSON.stringify(token)}`)
    action()
  }

  private move(row: number): void {
    if (row < 0 || row >= this.height) this.clamped += 1
    this.row = Math.min(Math.max(row, 0), this.height - 1)
    while (this.lines.length <= this.row) this.lines.push([])
  }
}
