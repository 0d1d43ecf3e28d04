// A recipe's key follows everything that decides its result, and nothing else.
import { describe, expect, it } from 'vitest'
import { demanded, keyOf, type Recipe } from '../../../offline/recipe.ts'

const recipe = (id: string, more: Partial<Recipe> = {}): Recipe => ({
  ...{ id, title: id, inputs: [], ingredients: { version: '1', flags: ['a', 'b'] }, usualSeconds: 1 },
  ...{ track: 'main', diskGigabytes: 1, result: 'blobs', make: () => Promise.resolve({ files: [] }) },
  ...more,
})

describe('the key of a recipe', () => {
  it('does not depend on the order in which ingredients are written, nor on titles and times', () => {
    const one = recipe('go.kind')
    const other = recipe('go.kind', {
      ingredients: { flags: ['a', 'b'], version: '1' },
      title: 'x',
      usualSeconds: 9,
    })
    expect(keyOf(one)).toBe(keyOf(other))
  })

  it('changes with an ingredient, the order of a list, and the key of an input', () => {
    const input = recipe('go.kind')
    const changed = recipe('go.kind', { ingredients: { version: '2', flags: ['a', 'b'] } })
    const reordered = recipe('go.kind', { ingredients: { version: '1', flags: ['b', 'a'] } })
    const users = [input, changed, reordered].map((one) => keyOf(recipe('image.node', { inputs: [one] })))
    expect(new Set(users).size).toBe(3)
  })
})

describe('the recipes that a target demands', () => {
  const debian = recipe('debian.node')
  const kubelet = recipe('go.kubelet')
  const node = recipe('image.node', { inputs: [kubelet, debian] })

  it('come inputs first, each once', () => {
    expect(demanded([node, kubelet], () => false).map((one) => one.id)).toEqual([
      'go.kubelet',
      'debian.node',
      'image.node',
    ])
  })

  it('leave out the inputs of what is made already', () => {
    expect(demanded([node], (one) => one === node)).toEqual([node])
  })
})
