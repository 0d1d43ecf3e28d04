import { describe, expect, test } from 'vitest'
import { referencesOf, resolveReferences } from '../../../src/domain/demo-references.ts'

const values: Readonly<Record<string, string>> = { 'run.id': '7', 'options.a': '${run.id} $& $1' }
const resolve = (text: string): string => resolveReferences(text, (one) => values[one] ?? `<${one}>`)

describe('references in texts of a demo', () => {
  test.each([
    ['plain $HOME {}', 'plain $HOME {}'],
    ['run ${run.id}, again ${run.id}', 'run 7, again 7'],
    ['${options.a}', '${run.id} $& $1'],
    ['$${run.id} is ${run.id}', '${run.id} is 7'],
    ['$$${run.id}', '$${run.id}'],
    ['an open ${run.id', 'an open ${run.id'],
    ['${}', '<>'],
  ])('%s becomes %s', (text, expected) => {
    expect(resolve(text)).toBe(expected)
  })

  test('are told with their place', () => {
    expect(referencesOf('a ${b.c} $${d} ${e')).toEqual([
      { expression: 'b.c', offset: 2, isClosed: true },
      { expression: 'e', offset: 15, isClosed: false },
    ])
  })
})
