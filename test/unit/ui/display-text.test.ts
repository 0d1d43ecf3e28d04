import { describe, expect, it } from 'vitest'
import { cleanLine, displayWidth, pad, truncate } from '../../../src/ui/display-text.ts'

describe('the width of text on a terminal', () => {
  it.each([
    ['', 0],
    ['play up', 7],
    ['é', 1],
    ['e\u0301', 1],
    ['集群', 4],
    ['한국어', 6],
    ['ﾊﾝｶｸ', 4],
    ['✔ · ▸ — …', 9],
    ['✨', 2],
    ['⚠', 1],
    ['👩‍👩‍👧', 2],
    ['a\u200Bb', 2],
    ['\u001B[31mred\u001B[39m', 3],
  ])('%j takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })

  it.each([
    ['play up', 10, 'play up'],
    ['play up', 7, 'play up'],
    ['play up', 6, 'play…'],
    ['集群正在启动', 7, '集群正…'],
    ['集群正在启动', 6, '集群…'],
    ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
    ['play up', 1, '…'],
    ['play up', 0, ''],
  ])('%j is cut to %i columns as %j', (text, width, cut) => {
    expect(truncate(text, width, '…')).toBe(cut)
    expect(displayWidth(cut)).toBeLessThanOrEqual(width)
  })

  it('is filled up on the side that is asked for, and never cut by that', () => {
    expect(pad('集', 4)).toBe('集  ')
    expect(pad('7', 3, 'right')).toBe('  7')
    expect(pad('long', 2)).toBe('long')
  })
})

describe('a line of a foreign program', () => {
  it.each([
    ['plain', 'plain'],
    ['\u001B[2K\u001B[1A\u001B[31mred\u001B[0m', 'red'],
    ['\u001B]0;a new window title\u0007text', 'text'],
    ['10%\r50%\r100%', '100%'],
    ['a\tb', 'a  b'],
    ['bell\u0007 and back\u0008space', 'bell and backspace'],
    ['windows\r\n', 'windows'],
    ['  indented  ', '  indented'],
    ['\r\n', ''],
  ])('%j is shown as %j', (raw, shown) => {
    expect(cleanLine(raw)).toBe(shown)
  })
})
