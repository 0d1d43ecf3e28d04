/** A plan: steps in named sections, ordered by what must come before what. */
import type { PlannedStep } from './events.ts'
import type { Step } from './step.ts'

/** Steps under one heading. */
export interface Section {
  readonly name: string
  readonly steps: readonly Step<unknown>[]
}

/** Pure data: printed, validated, compared in tests, handed to the runner. */
export interface Plan {
  readonly sections: readonly Section[]
}

/** All steps of a plan in written order. */
export function stepsOf(plan: Plan): Step<unknown>[] {
  return plan.sections.flatMap((section) => [...section.steps])
}

/** What `plan.ready` announces. */
export function outline(plan: Plan): PlannedStep[] {
  return plan.sections.flatMap((section) =>
    section.steps.map((step) => ({
      id: step.id,
      title: step.title,
      section: section.name,
      after: (step.after ?? []).map((before) => before.id),
      ...(step.readOnly === true ? { readOnly: true } : {}),
    })),
  )
}

/**
 * Builds a plan and proves it sound: ids are unique and every step comes after the steps it waits for,
 * which also rules out cycles. Throws an Error otherwise, since that is a bug in the caller.
 */
export function createPlan(sections: readonly Section[]): Plan {
  const seen = new Map<string, Step<unknown>>()
  for (const step of sections.flatMap((section) => section.steps)) {
    if (seen.has(step.id)) throw new Error(`two steps have the id ${step.id}`)
    for (const before of step.after ?? []) {
      if (seen.get(before.id) !== before)
        throw new Error(`${step.id} comes before ${before.id}, which it waits for`)
    }
    seen.set(step.id, step)
  }
  return { sections: sections.filter((section) => section.steps.length > 0) }
}
