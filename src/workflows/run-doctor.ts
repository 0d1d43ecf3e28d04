/** `play doctor [--fix]`: looks, mends what it can after asking, and looks again. */
import type { Check } from '../domain/check.ts'
import { PlayError } from '../domain/errors.ts'
import type { Prompter } from '../domain/ports.ts'
import type { Plan } from '../engine/plan.ts'
import { perform, type Session } from './session.ts'

/** How to look and how to mend; given by the composition. */
export interface Doctor {
  check(signal: AbortSignal): Promise<readonly Check[]>
  /** Undefined when there is nothing that it knows how to mend. */
  plan(signal: AbortSignal): Promise<{ readonly plan: Plan; readonly changes: readonly string[] } | undefined>
}

/** The answer; `error` when something is missing. */
export interface DoctorAnswer {
  readonly checks: readonly Check[]
  readonly error?: PlayError
}

/** Looks; with `fix` it first mends what it can, unless a person says no. `fresh` makes a doctor that looks anew. */
export async function runDoctorVerb(
  options: { readonly fix: boolean },
  fresh: () => Promise<Doctor>,
  prompter: Prompter,
  session: Session,
): Promise<DoctorAnswer> {
  if (options.fix) await mend(await fresh(), prompter, session)
  const checks = await (await fresh()).check(session.signal)
  const count = checks.filter(({ status }) => status === 'missing').length
  if (count === 0) return { checks }
  const fixes = checks
    .filter(({ status, fix }) => status === 'missing' && fix !== '')
    .map(({ subject, fix }) => `${subject}: ${fix}`)
  return {
    checks,
    error: PlayError.of('DOCTOR_UNHEALTHY', { count }, options.fix ? { suggestions: fixes } : {}),
  }
}

async function mend(doctor: Doctor, prompter: Prompter, session: Session): Promise<void> {
  const fix = await doctor.plan(session.signal)
  if (fix === undefined) return
  if (!(await prompter.confirm(`This will ${fix.changes.join(', ')}. Go on?`))) return
  await perform(session, {
    subject: 'doctor',
    plan: fix.plan,
    resume: ['play doctor --fix'],
    result: () => ({ changes: fix.changes }),
  })
}
