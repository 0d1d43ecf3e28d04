import { describe, expect, test } from 'vitest'
import { PlayError } from '../../../src/domain/errors.ts'
import { nearest, parseName } from '../../../src/domain/names.ts'

describe('the name of a playground', () => {
  test.each(['a', 'dev', 'my-playground', 'a1-2-b3', 'x'.repeat(40)])('may be %s', (name) => {
    expect(parseName(name)).toBe(name)
  })

  test.each([
    ['', 'it is empty'],
    ['x'.repeat(41), 'it has 41 characters, at most 40 fit'],
    ['Dev', 'something other than lower-case letters'],
    ['a_b', 'something other than'],
    ['a b', 'something other than'],
    ['a.b', 'something other than'],
    ['größe', 'something other than'],
    ['../../etc', 'something other than'],
    ['dev\n', 'something other than'],
    ['1dev', 'it does not begin with a letter'],
    ['-dev', 'it does not begin with a letter'],
    ['dev-', 'it ends with a dash'],
  ])('may not be %j, and the error says why', (name, reason) => {
    const attempt = (): unknown => parseName(name)
    expect(attempt).toThrow(PlayError)
    expect(attempt).toThrow(reason)
    expect(attempt).toThrow(expect.objectContaining({ id: 'USAGE_NAME', exitCode: 2 }) as Error)
  })

  test('leaves room for what kind appends in a host name of 63 characters', () => {
    expect(`play-${parseName('x'.repeat(40))}-control-plane`.length).toBeLessThanOrEqual(63)
  })
})

describe('the nearest name', () => {
  const known = ['argo-cd', 'argo-workflows', 'crossplane', 'tekton']

  test.each([
    ['argocd', ['argo-cd']],
    ['argo-workflow', ['argo-workflows']],
    ['tecton', ['tekton']],
    ['cross', ['crossplane']],
    ['kubernetes', []],
  ])('of %s is %j', (wrong, near) => {
    expect(nearest(wrong, known)).toEqual(near)
  })

  test('comes first of two that are near, and there are never more than two', () => {
    expect(nearest('aab', ['abb', 'aac', 'aabb', 'aaa'])).toHaveLength(2)
    expect(nearest('stats', ['list', 'status', 'start'])[0]).toBe('status')
  })

  test('is none when nothing is known', () => {
    expect(nearest('anything', [])).toEqual([])
  })
})
