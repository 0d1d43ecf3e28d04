/** What becomes of a playground whose `up` failed or was interrupted: kept for the next `up`, or removed at once. */
import { toPlayError } from '../workflows/session.ts'
import type { PlayError } from '../domain/errors.ts'
import type { App } from './app.ts'
import type { Answer } from './play-command.ts'
import { downLines } from './views.ts'

/** What is to happen to which playground. */
export interface RollBack {
  readonly name: string
  readonly onFailure: 'keep' | 'rollback'
  readonly onInterrupt: 'keep' | 'rollback'
  readonly dryRun: boolean
}

/** What was too short for making something must not cut its removal short. */
const timeoutMs = 600_000

/**
 * Does `work` and, where it was asked for, removes what is there once it has failed. The answer is that failure all the
 * same. A playground that was ready before stays whatever was asked for: there may be work in it.
 */
export async function orRollBack(plan: RollBack, app: App, work: () => Promise<Answer>): Promise<Answer> {
  const { onFailure, onInterrupt, dryRun } = plan
  if (dryRun || (onFailure === 'keep' && onInterrupt === 'keep')) return work()
  const wasReady = await isReady(plan, app)
  try {
    return await work()
  } catch (thrown) {
    const error = toPlayError(thrown)
    const chosen = app.interrupted() === undefined ? onFailure : onInterrupt
    // What was refused before it began has made nothing: somebody else may be at work there.
    if (chosen === 'keep' || !app.hasRun() || !(await (await app.ports.states()).exists(plan.name)))
      throw error
    return wasReady ? kept(plan, error) : rollBack(plan, app, error)
  }
}

/** True for one that ever was; where nobody can tell, it may have been. */
async function isReady({ name }: RollBack, { ports }: App): Promise<boolean> {
  try {
    const state = await (await ports.states()).read(name)
    return state !== undefined && (state.phase === 'ready' || state.versions !== undefined)
  } catch {
    return true
  }
}

function kept({ name }: RollBack, error: PlayError): Answer {
  const lines = [`Playground "${name}" was ready before, so it is kept. To remove it: play down ${name}`]
  return { result: { kept: name }, lines, errors: [error] }
}

/** Under a signal of its own, since that of the run has been given; the second interrupt still ends everything. */
async function rollBack({ name }: RollBack, app: App, error: PlayError): Promise<Answer> {
  const signal = app.signal.aborted ? new AbortController().signal : app.signal
  const session = { ...app.session(name, `play down ${name}`), signal }
  try {
    const { down } = await import('../workflows/down.ts')
    const end = await down({ name, timeoutMs, force: false }, app.ports, app.registries, session)
    return { result: { rolledBack: end }, lines: await downLines([end], app), errors: [error] }
  } catch (left) {
    return { result: null, lines: [], errors: [error, toPlayError(left)] }
  }
}
