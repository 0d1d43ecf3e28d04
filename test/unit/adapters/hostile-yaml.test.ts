/** YAML of demos that was written to harm: it ends soon, as a value or as DEMO_INVALID, and changes nothing else. */
import { describe, expect, test } from 'vitest'
import { parseObjects, parsePlaced } from '../../../src/adapters/demo-yaml.ts'
import { parseState } from '../../../src/adapters/state-document.ts'
import { PlayError } from '../../../src/domain/errors.ts'
import { pick, seeded, tries } from '../../fakes/seeded.ts'
import { demoWorld, errorOf } from './demo-world.ts'

const parsers = { parsePlaced, parseObjects }
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n))

/** What grows faster than the text takes longer than this; the rest takes a tenth of it, on a loaded machine half. */
const patienceMs = 10_000

function endOf(parse: (text: string, file: string) => unknown, text: string): string {
  try {
    parse(text, 'demo.yaml')
    return 'read'
  } catch (error) {
    if (error instanceof PlayError && error.id === 'DEMO_INVALID') return error.message
    throw error
  }
}

const bombs: Readonly<Record<string, string>> = {
  'deep lists': '['.repeat(20_000) + ']'.repeat(20_000),
  'deep lists that never end': '['.repeat(20_000),
  'deep dashes': `${'- '.repeat(20_000)}a`,
  'deep mappings': many(500, (n) => `${' '.repeat(n)}a:\n`).join(''),
  'many keys': many(40_000, (n) => `k${String(n)}:\n`).join(''),
  'a billion laughs': `a0: &a0 [x, x]\n${many(30, (n) => `a${String(n + 1)}: &a${String(n + 1)} [*a${String(n)}, *a${String(n)}]\n`).join('')}`,
  'a chain of merges': `a0: &a0 {k: 1}\n${many(500, (n) => `a${String(n + 1)}: &a${String(n + 1)}\n  k${String(n)}: 1\n  <<: [*a${String(n)}, *a${String(n)}]\n`).join('')}`,
  'many aliases': `- &a x\n${'- *a\n'.repeat(50_000)}`,
  'an alias of itself': 'a: &a [*a]\n',
  'many mistakes': 'a: b: c\n'.repeat(8000),
  'much of nothing': '\n'.repeat(80_000),
  'many documents': '---\n'.repeat(15_000),
}

describe('[row 31] YAML of a demo', () => {
  test.each(Object.entries(bombs))('ends soon: %s', { timeout: 60_000 }, (_, text) => {
    for (const parse of Object.values(parsers)) {
      const begin = performance.now()
      endOf(parse, text)
      expect(performance.now() - begin).toBeLessThan(patienceMs)
    }
  })

  test('is refused where it is too large, too deep or full of aliases', () => {
    expect(endOf(parsePlaced, `a: ${'x'.repeat(256 * 1024)}`)).toContain('it has more than 256 KB')
    expect(endOf(parsePlaced, bombs['deep lists'] ?? '')).toContain('it is nested too deeply')
    expect(endOf(parseObjects, bombs['many aliases'] ?? '')).toContain('it has more than 100 aliases')
    expect(endOf(parseObjects, bombs['a billion laughs'] ?? '')).not.toBe('read')
    expect(endOf(parsePlaced, 'a: 1\nb: 2\na: 3\n')).toContain('demo.yaml:3:1: this key is there twice')
  })

  test('may be anything, by seed: it is read or refused, never a crash', { timeout: 60_000 }, () => {
    const random = seeded(31)
    const parts = [
      ...[
        'a',
        ': ',
        '\n',
        '  ',
        '- ',
        '[',
        ']',
        '{',
        '}',
        '&x ',
        '*x',
        '<<',
        '!!binary ',
        '|\n',
        '>-\n',
        '"',
        "'",
      ],
      ...[
        '#',
        '---\n',
        '? ',
        '\t',
        '\0',
        '\u2028',
        '0123',
        '~',
        '%YAML 9\n',
        '...\n',
        '\uFEFF',
        '\\x',
        '__proto__',
      ],
    ]
    for (let count = 0; count < tries(1500); count += 1) {
      const text = many(1 + Math.floor(random() * 24), () => pick(random, parts)).join('')
      for (const parse of Object.values(parsers)) endOf(parse, text)
    }
  })
})

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']

describe('[row 34] names that every object has', () => {
  test('change no prototype as keys of YAML and of the state, and stay keys', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).sort()
    for (const name of names) {
      const { value } = parsePlaced(`${name}: {polluted: 1}\na: {${name}: {polluted: 1}}\n`, 'demo.yaml')
      expect(Object.hasOwn(value as object, name)).toBe(true)
      parseObjects(
        `apiVersion: v1\nkind: A\nmetadata: {name: a}\n${name}: {polluted: 1}\nb: {<<: {${name}: 1}}\n`,
        'a',
      )
      expect(() =>
        parseState(`{"schemaVersion":1,"${name}":{"polluted":1},"spec":{"${name}":{"polluted":1}}}`),
      ).toThrow()
    }
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test.each(names)('mean nothing as an option, a step or a reference: %s', async (name) => {
    const step = `- {title: A, apply: {files: ['\${options.${name}}']}}`
    const { demos } = await demoWorld({ 'mine/demo.yaml': `title: T\nsteps:\n  ${step}\n` })
    expect((await errorOf(demos.openOwn('mine'))).id).toBe('DEMO_INVALID')
    const other = `title: T\nsteps:\n  - {title: A, wait: {url: 'http://\${steps.${name}.a}', for: Ready}}\n`
    const second = await demoWorld({ 'mine/demo.yaml': other })
    expect((await errorOf(second.demos.openOwn('mine'))).id).toBe('DEMO_INVALID')
  })
})
