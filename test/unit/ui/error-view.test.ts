import { describe, expect, it } from 'vitest'
import type { ErrorData } from '../../../src/engine/events.ts'
import { errorLines, nextLines } from '../../../src/ui/error-view.ts'
import { createTheme } from '../../../src/ui/theme.ts'

const plain = createTheme({ color: false, unicode: true })
const coloured = createTheme({ color: true, unicode: true })

function error(more: Partial<ErrorData> = {}): ErrorData {
  return {
    id: 'KIND_FAILED',
    exitCode: 5,
    message: 'kind could not create',
    suggestions: [],
    details: [],
    ...more,
  }
}

describe('an error', () => {
  it('says its id and message, then the details, then what to do', () => {
    const lines = errorLines(
      error({ details: ['line one', 'line two'], suggestions: ['play doctor'] }),
      plain,
    )

    expect(lines).toEqual([
      'Error KIND_FAILED: kind could not create',
      '  line one',
      '  line two',
      'Next:',
      '  $ play doctor',
    ])
  })

  it('is one line when there is nothing to add', () => {
    expect(errorLines(error(), plain)).toEqual(['Error KIND_FAILED: kind could not create'])
  })

  it('shows the last forty lines of many details, and how many there are before', () => {
    const details = Array.from({ length: 100 }, (_one, index) => `line ${String(index + 1)}`)

    const lines = errorLines(error({ details }), plain)

    expect(lines).toHaveLength(42)
    expect(lines[1]).toBe('  … 60 earlier lines')
    expect(lines.at(-1)).toBe('  line 100')
  })

  it('indents every line of a message or detail that has several', () => {
    const lines = errorLines(error({ message: 'first\nsecond', details: ['a\nb'] }), plain)

    expect(lines).toEqual(['Error KIND_FAILED: first', '  second', '  a', '  b'])
  })

  it('cannot move the cursor or colour the screen with what a tool printed', () => {
    const lines = errorLines(
      error({ message: '\u001B[2Jgone', details: ['\u001B[31mred\u001B[0m\u0007'] }),
      plain,
    )

    expect(lines).toEqual(['Error KIND_FAILED: gone', '  red'])
  })

  it('is red where there is colour, and says the same', () => {
    const [first] = errorLines(error(), coloured)

    expect(first).toContain('\u001B[31m')
  })
})

describe('what to do next', () => {
  it.each([
    ['play doctor', '$ play doctor'],
    ['play down demo --force', '$ play down demo --force'],
    ['kubectl get pods --namespace argocd', '$ kubectl get pods --namespace argocd'],
    ["ss -ltnp 'sport = :8080'", "$ ss -ltnp 'sport = :8080'"],
    ['Try again: play up demo', 'Try again: $ play up demo'],
    [
      'Delete it yourself if it is yours: kind delete cluster --name play-x',
      'Delete it yourself if it is yours: $ kind delete cluster --name play-x',
    ],
    ['From a checkout: make bundle', 'From a checkout: $ make bundle'],
    ['Did you mean argo-cd?', 'Did you mean argo-cd?'],
    ['Known: argo-cd, argo-workflows', 'Known: argo-cd, argo-workflows'],
    ['Add --yes', 'Add --yes'],
    [
      'Make the folder writable, or set PLAY_STATE_DIR to one that is',
      'Make the folder writable, or set PLAY_STATE_DIR to one that is',
    ],
    [
      'It was not used. Run the command again; if it stays so, report it',
      'It was not used. Run the command again; if it stays so, report it',
    ],
    ['Nothing was changed', 'Nothing was changed'],
  ])('%j is written as %j', (suggestion, shown) => {
    expect(nextLines([suggestion], plain)).toEqual(['Next:', `  ${shown}`])
  })

  it('is not mentioned where there is nothing to do', () => {
    expect(nextLines([], plain)).toEqual([])
  })
})
