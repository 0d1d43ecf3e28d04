/** A demo as it is written, and as it is meant: with what a person may leave out. */
import type { Slot } from '../domain/component.ts'
import type { DemoAction, DemoDefinition, DemoFile, DemoStep } from '../domain/demo-definition.ts'
import { referencesOf } from '../domain/demo-references.ts'

/** A step as it is written. */
export type WrittenStep = DemoAction & Partial<Pick<DemoStep, 'id' | 'after'>> & Pick<DemoStep, 'title'>

/** What demo.yaml holds once the schema allows it. */
export interface WrittenDemo extends Partial<Omit<DemoDefinition, 'id' | 'steps' | 'title'>> {
  readonly title: string
  readonly steps: readonly WrittenStep[]
}

/** Names of the actions, which are the fields that a step may have one of. */
export const actions = ['apply', 'push', 'workflow', 'wait', 'http', 'exec'] as const

/** Name of the step's action. */
export function actionOf(step: WrittenStep): (typeof actions)[number] {
  return actions.find((name) => name in step) ?? 'apply'
}

/** The demo called `id`. */
export function definitionOf(written: WrittenDemo, id: string): DemoDefinition {
  const { title, summary = title, takes = '', needs = [], options = {}, message = title } = written
  const { outputs = {}, next = [] } = written
  const ids = stepIds(written.steps)
  const steps = written.steps.map((step, index): DemoStep => ({ ...step, id: ids[index] ?? '' }))
  const all = [...new Set([...needs, ...written.steps.flatMap(neededBy), ...neededByTexts(written)])]
  return { id, title, summary, takes, needs: all, options, steps, message, outputs, next }
}

/** Ids of the steps: the action's name where none is written, with a number where that is another's. */
function stepIds(steps: readonly WrittenStep[]): readonly string[] {
  const taken = new Set(steps.map(({ id }) => id))
  return steps.map((step) => {
    if (step.id !== undefined) return step.id
    const action = actionOf(step)
    let id: string = action
    for (let number = 2; taken.has(id); number += 1) id = `${action}-${String(number)}`
    taken.add(id)
    return id
  })
}

function neededBy(step: WrittenStep): readonly Slot[] {
  if ('workflow' in step) return ['pipelines']
  if ('push' in step) return step.push.application === undefined ? ['git'] : ['git', 'gitops']
  if ('wait' in step) return 'application' in step.wait ? ['gitops'] : []
  return 'apply' in step && step.apply.files.some(isForProducts) ? ['pipelines'] : []
}

function isForProducts(file: DemoFile): boolean {
  return typeof file !== 'string'
}

/** Slots that references ask. */
function neededByTexts(value: unknown): readonly Slot[] {
  if (typeof value === 'string')
    return referencesOf(value).flatMap(({ expression }): readonly Slot[] => {
      if (expression === 'registry') return ['registry']
      return expression.startsWith('git.') ? ['git'] : []
    })
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(neededByTexts) : []
}
