/** `play demo …`: runs a demo on a playground that can carry it, and leaves no pipeline running that nobody waits for. */
import type { ComponentRegistry } from '../domain/component-registry.ts'
import type { DemoContext, DemoMaker, DemoResult } from '../domain/demo.ts'
import type { DemoFolder } from '../domain/demo-definition.ts'
import { PlayError } from '../domain/errors.ts'
import type { PipelineRun } from '../domain/pipelines.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import type { Ports } from '../domain/ports.ts'
import { createPlan } from '../engine/plan.ts'
import { TimeoutError } from '../engine/wait.ts'
import { demoContext, requireSlots } from './demo-context.ts'
import { requireReady, requireStanding } from './reach.ts'
import { perform, type Session } from './session.ts'
import { shareClient } from './shared-client.ts'

/** What a demo was asked for. */
export interface DemoOptions {
  readonly folder: DemoFolder
  /** The playground. */
  readonly name: string
  readonly timeoutMs: number
  readonly options: Readonly<Record<string, string>>
  /** The command that runs it again. */
  readonly again: string
  /** Told of the playground before the first step. */
  readonly onReady?: (state: PlaygroundState) => void
  /** Whether a pipeline that nobody waits for any more is to be stopped. */
  readonly confirmStop: (run: PipelineRun) => Promise<boolean>
  /** Told what becomes of it. */
  readonly onStopped: (text: string) => void
}

/** What demos work with. */
export interface DemoTools {
  readonly ports: Ports
  readonly components: ComponentRegistry
  readonly demos: DemoMaker
}

/** How long a pipeline may take to end that was told to; milliseconds. */
const stopMs = 20_000

/** Runs the demo. Throws DEMO_FAILED with the failing part's log, or what keeps it from starting. */
export async function runDemo(options: DemoOptions, tools: DemoTools, session: Session): Promise<DemoResult> {
  const { folder, name, timeoutMs, again } = options
  const { state, access } = await requireReady(name, tools.ports)
  requireSlots(folder, state, tools.components)
  options.onReady?.(state)
  const shared = shareClient(tools.ports)
  const live = new Map<string, PipelineRun>()
  const onRun: DemoContext['onRun'] = (run, is) => {
    if (is === 'started') live.set(run.name, run)
    else live.delete(run.name)
  }
  const request = { folder, timeoutMs, onRun, again, options: options.options }
  const context = demoContext(request, state, tools, () => shared.get(access))
  const { steps, result } = tools.demos.steps(context)
  try {
    return await perform(session, {
      subject: name,
      plan: createPlan([{ name: folder.definition.title, steps }]),
      resume: [again, `play demo stop ${folder.definition.id} ${name}`],
      result,
    })
  } catch (error) {
    await session.drawn?.()
    for (const run of live.values()) await stopRun(run, context, options)
    throw error
  } finally {
    await shared.close()
  }
}

/** Only a second interrupt ends the process while this goes on. Whatever goes wrong here must not hide what went wrong before. */
async function stopRun(run: PipelineRun, context: DemoContext, options: DemoOptions): Promise<void> {
  const { pipelines } = context
  const { namespace, name } = run
  if (pipelines === undefined) return
  const what = `${pipelines.resource} ${name}`
  const limit = new AbortController()
  const done = new AbortController()
  try {
    if (!(await options.confirmStop(run))) {
      options.onStopped(
        `${what} goes on: kubectl --namespace ${namespace} get ${pipelines.resource} ${name} --watch`,
      )
      return
    }
    const tooLate = (): void => {
      limit.abort(new TimeoutError('its end', stopMs))
    }
    context.clock.sleep(stopMs, done.signal).then(tooLate, () => undefined)
    const { signal } = limit
    const client = await context.client()
    await pipelines.stop(client, run, signal)
    const states = pipelines.observe(client, run, { signal, onTrouble: () => undefined })
    let phase = ''
    for await (const state of states) phase = state.phase
    options.onStopped(`${what} is stopped${phase === 'stopped' ? '' : `: ${phase}`}`)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    options.onStopped(
      `${what} may go on (${reason}): play demo stop ${options.folder.definition.id} ${options.name}`,
    )
  } finally {
    done.abort()
  }
}

/** What `play demo stop` came to. */
export interface StopResult {
  readonly demo: string
  readonly name: string
  /** Objects and repositories that were removed. */
  readonly removed: number
}

/** Removes what the demo has made. Twice is fine. */
export async function stopDemo(
  { folder, name, timeoutMs }: Pick<DemoOptions, 'folder' | 'name' | 'timeoutMs'>,
  tools: DemoTools,
  session: Session,
): Promise<StopResult> {
  const { state, access } = await requireStanding(name, tools.ports)
  const shared = shareClient(tools.ports)
  const request = { folder, timeoutMs, options: {}, onRun: () => undefined, again: '' }
  const context = demoContext(request, state, tools, () => shared.get(access))
  const steps = tools.demos.stop(context)
  const { id, title } = folder.definition
  try {
    return await perform(session, {
      subject: name,
      plan: createPlan([{ name: `Stop: ${title}`, steps }]),
      resume: [`play demo stop ${id} ${name}`],
      result: ({ output }) => ({
        ...{ demo: id, name },
        removed: steps.reduce((sum, step) => sum + (output(step)?.removed ?? 0), 0),
      }),
    })
  } finally {
    await shared.close()
  }
}

/** Asks only where there is somebody to ask: a pipeline that nobody watches is of no use. */
export async function orElseStop(confirm: Promise<boolean>): Promise<boolean> {
  try {
    return await confirm
  } catch (error) {
    if (error instanceof PlayError && error.id === 'CONFIRM_NEEDED') return true
    throw error
  }
}
