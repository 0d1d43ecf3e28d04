import { describe, expect, it } from 'vitest'
import { createTheme, wantsColor, wantsUnicode, type TerminalFacts } from '../../../src/ui/theme.ts'

function facts(env: TerminalFacts['env'] = {}, more: Partial<TerminalFacts> = {}): TerminalFacts {
  return { isTTY: true, platform: 'linux', env: { TERM: 'xterm-256color', ...env }, ...more }
}

describe('colour', () => {
  it.each([
    ['a terminal', facts(), true],
    ['a pipe', facts({}, { isTTY: false }), false],
    ['a dumb terminal', facts({ TERM: 'dumb' }), false],
    ['NO_COLOR', facts({ NO_COLOR: '1' }), false],
    ['an empty NO_COLOR, which counts as unset', facts({ NO_COLOR: '' }), true],
    ['FORCE_COLOR in a pipe', facts({ FORCE_COLOR: '1' }, { isTTY: false }), true],
    ['an empty FORCE_COLOR in a pipe', facts({ FORCE_COLOR: '' }, { isTTY: false }), true],
    ['FORCE_COLOR=0', facts({ FORCE_COLOR: '0' }), false],
    ['FORCE_COLOR=false', facts({ FORCE_COLOR: 'false' }), false],
    ['FORCE_COLOR over NO_COLOR, as in Node', facts({ FORCE_COLOR: '1', NO_COLOR: '1' }), true],
  ])('%s', (_name, given, wanted) => {
    expect(wantsColor(given)).toBe(wanted)
  })

  it('is in no text of a theme without it', () => {
    expect(createTheme({ color: false, unicode: true }).chalk.red('x')).toBe('x')
    expect(createTheme({ color: true, unicode: true }).chalk.red('x')).toBe('\u001B[31mx\u001B[39m')
  })
})

describe('symbols', () => {
  it.each([
    ['a usual terminal', facts(), true],
    ['a dumb terminal', facts({ TERM: 'dumb' }), false],
    ['the Linux console', facts({ TERM: 'linux' }), false],
    ['the old Windows console', facts({ TERM: undefined }, { platform: 'win32' }), false],
    ['Windows Terminal', facts({ TERM: undefined, WT_SESSION: 'x' }, { platform: 'win32' }), true],
    [
      'the terminal of an editor on Windows',
      facts({ TERM: undefined, TERM_PROGRAM: 'vscode' }, { platform: 'win32' }),
      true,
    ],
  ])('%s', (_name, given, wanted) => {
    expect(wantsUnicode(given)).toBe(wanted)
  })

  it('are plain ASCII without Unicode', () => {
    expect(JSON.stringify(createTheme({ color: false, unicode: false }).symbols)).toMatch(/^[ -~]+$/)
  })
})
