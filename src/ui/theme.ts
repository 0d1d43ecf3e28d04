/** Colours and symbols, chosen from facts about the terminal. */
import { Chalk, type ChalkInstance } from 'chalk'

/** One mark for each thing that can happen. */
export interface Symbols {
  readonly pending: string
  readonly running: string
  readonly done: string
  readonly failed: string
  readonly skipped: string
  readonly cancelled: string
  readonly retrying: string
  readonly warning: string
  /** Between a title and what is said about it. */
  readonly dash: string
  /** Between the source of a log line and its text. */
  readonly bar: string
  readonly ellipsis: string
  readonly spinner: readonly string[]
}

/** How things look. */
export interface Theme {
  readonly chalk: ChalkInstance
  readonly symbols: Symbols
}

/** What decides the theme; read by the composition root, since `ui` reads no environment. */
export interface TerminalFacts {
  /** Whether the stream that is written to is a terminal. */
  readonly isTTY: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** `process.platform`. */
  readonly platform: string
}

const unicodeSymbols: Symbols = {
  pending: '·',
  running: '▸',
  done: '✔',
  failed: '✘',
  skipped: '↓',
  cancelled: '■',
  retrying: '↻',
  warning: '⚠',
  dash: '—',
  bar: '│',
  ellipsis: '…',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
}

const asciiSymbols: Symbols = {
  pending: '.',
  running: '>',
  done: '+',
  failed: 'x',
  skipped: '-',
  cancelled: '#',
  retrying: '~',
  warning: '!',
  dash: '-',
  bar: '|',
  ellipsis: '...',
  spinner: ['-', '\\', '|', '/'],
}

/** A theme; only the 16 colours that every terminal maps to its own palette are used. */
export function createTheme(options: { readonly color: boolean; readonly unicode: boolean }): Theme {
  return {
    chalk: new Chalk({ level: options.color ? 1 : 0 }),
    symbols: options.unicode ? unicodeSymbols : asciiSymbols,
  }
}

/** Whether to colour: FORCE_COLOR decides if it is set, then NO_COLOR, then whether a capable terminal is there. */
export function wantsColor({ isTTY, env }: TerminalFacts): boolean {
  const force = env['FORCE_COLOR']
  if (force !== undefined) return force !== '0' && force !== 'false'
  if ((env['NO_COLOR'] ?? '') !== '') return false
  return isTTY && env['TERM'] !== 'dumb'
}

/** False where the usual fonts lack the symbols: a dumb terminal, the Linux console, the old Windows console. */
export function wantsUnicode({ env, platform }: TerminalFacts): boolean {
  const term = env['TERM'] ?? ''
  if (term === 'dumb' || term === 'linux') return false
  if (platform !== 'win32') return true
  const modern = [env['WT_SESSION'], env['TERMINUS_SUBLIME'], env['ConEmuTask']].some(
    (mark) => (mark ?? '') !== '',
  )
  return modern || env['TERM_PROGRAM'] === 'vscode' || term === 'xterm-256color' || term === 'alacritty'
}
