/** A verb that is one long step: told, timed and interrupted like every other. */
import { createPlan } from '../engine/plan.ts'
import { defineStep, type Scope } from '../engine/step.ts'
import { perform, type Session } from './session.ts'

/** What the step is called and does. */
export interface SingleStep<R> {
  readonly id: string
  readonly title: string
  /** Command that tries again. */
  readonly resume: string
  readonly run: (scope: Scope) => Promise<R>
}

/** Runs the step and returns its output. */
export function performSingle<R>(
  session: Session,
  subject: string,
  { id, title, resume, run }: SingleStep<R>,
): Promise<R> {
  const step = defineStep<{ readonly output: R }>({
    id,
    title,
    readOnly: true,
    run: async (scope) => ({ output: await run(scope) }),
  })
  return perform(session, {
    subject,
    plan: createPlan([{ name: title, steps: [step] }]),
    resume: [resume],
    result({ output }) {
      const end = output(step)
      if (end === undefined) throw new Error(`${id} ended without output`)
      return end.output
    },
  })
}
