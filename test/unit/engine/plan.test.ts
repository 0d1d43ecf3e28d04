import { describe, expect, it } from 'vitest'
import { createPlan, outline, stepsOf } from '../../../src/engine/plan.ts'
import { defineStep, type Step } from '../../../src/engine/step.ts'

function step(id: string, after: readonly Step<unknown>[] = []): Step<string> {
  return defineStep({ id, title: `Do ${id}`, after, run: () => Promise.resolve(id) })
}

describe('a plan', () => {
  it('announces its steps in written order, with what each waits for', () => {
    const first = step('a')
    const plan = createPlan([
      { name: 'One', steps: [first] },
      { name: 'Two', steps: [step('b', [first])] },
    ])

    expect(outline(plan)).toEqual([
      { id: 'a', title: 'Do a', section: 'One', after: [] },
      { id: 'b', title: 'Do b', section: 'Two', after: ['a'] },
    ])
    expect(stepsOf(plan).map((one) => one.id)).toEqual(['a', 'b'])
  })

  it('leaves out sections without steps', () => {
    expect(createPlan([{ name: 'Empty', steps: [] }]).sections).toEqual([])
  })

  it('refuses two steps of the same id, also in different sections', () => {
    const sections = [
      { name: 'One', steps: [step('a')] },
      { name: 'Two', steps: [step('a')] },
    ]

    expect(() => createPlan(sections)).toThrow('two steps have the id a')
  })

  it('refuses a step that is written before one it waits for, and so every cycle', () => {
    const late = step('late')

    expect(() => createPlan([{ name: 'One', steps: [step('early', [late]), late] }])).toThrow(
      'early comes before late, which it waits for',
    )
  })

  it('refuses to wait for a step that is not in the plan, even when its id is', () => {
    const twin = step('a')

    expect(() => createPlan([{ name: 'One', steps: [step('a'), step('b', [twin])] }])).toThrow(
      'b comes before a',
    )
    expect(() => createPlan([{ name: 'One', steps: [step('b', [twin])] }])).toThrow('b comes before a')
  })
})
