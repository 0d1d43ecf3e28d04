import { describe, expect, test } from 'vitest'
import { outputMode } from '../../../src/cli/output-mode.ts'

const nobody = { asked: undefined, json: false, stderrIsTTY: false, env: {} }

describe('the way to speak', () => {
  test.each([
    ['a drawing where a person watches', { stderrIsTTY: true }, 'tty'],
    ['lines where nobody watches', {}, 'plain'],
    ['lines in a CI system that has a terminal', { stderrIsTTY: true, env: { CI: 'true' } }, 'plain'],
    ['a drawing where CI is said to be off', { stderrIsTTY: true, env: { CI: 'false' } }, 'tty'],
    ['a drawing where CI is empty', { stderrIsTTY: true, env: { CI: '' } }, 'tty'],
    ['lines on a terminal that cannot draw', { stderrIsTTY: true, env: { TERM: 'dumb' } }, 'plain'],
    ['what was asked for, whoever watches', { asked: 'ndjson' as const, stderrIsTTY: true }, 'ndjson'],
    ['a drawing on request even without a terminal', { asked: 'tty' as const }, 'tty'],
    ['one document with --json', { json: true }, 'json'],
    [
      'one document with --json, whatever else was asked for',
      { json: true, asked: 'plain' as const },
      'json',
    ],
    ['what the variable asks for', { stderrIsTTY: true, env: { PLAY_OUTPUT: 'json' } }, 'json'],
    [
      'what the flag asks for rather than the variable',
      { asked: 'plain' as const, env: { PLAY_OUTPUT: 'json' } },
      'plain',
    ],
    [
      'as if nothing was asked for with a variable that means nothing',
      { env: { PLAY_OUTPUT: 'xml' } },
      'plain',
    ],
  ])('is %s', (_what, facts, mode) => {
    expect(outputMode({ ...nobody, ...facts })).toBe(mode)
  })
})
