/** Takes a kind cluster away: through Pulumi first, then by name whatever is left, then its marks on the engine. */
import { cannotTell } from '../../domain/cannot-tell.ts'
import { PlayError } from '../../domain/errors.ts'
import type { ContainerEngine } from '../../domain/ports.ts'
import type { DestroyOptions, SourceContext } from '../../domain/source.ts'
import { defineStep, type Scope, type Step } from '../../engine/step.ts'
import { closureOf, type Closure } from './closure.ts'
import { patiently, withDeadline } from './patience.ts'
import { recordedEngine } from './recorded-engine.ts'
import { kindNetwork, removeByName, removeNetwork, warn } from './remove.ts'

/** The steps, in order; each is content with finding nothing. */
export function kindDestroySteps(
  context: SourceContext,
  { after, withoutPulumi }: DestroyOptions,
): readonly Step<unknown>[] {
  const closure = closureStep(context, after)
  const destroy = destroyStep(context, closure, withoutPulumi)
  return [closure, destroy, networkStep(context, closure, destroy)]
}

/** What there is, noted before anything goes: a volume whose container is gone is found by nothing else. */
function closureStep(context: SourceContext, after: readonly Step<unknown>[]): Step<Closure> {
  const { ports, state, volumes } = context
  return defineStep<Closure>({
    id: 'cluster.closure',
    title: 'See what there is',
    after,
    readOnly: true,
    async run(scope) {
      const look = async (): Promise<Closure> =>
        closureOf(context, await recordedEngine(context, scope.signal), scope.signal)
      const seen = await patiently(look, scope, ports.clock).catch((error: unknown) => {
        scope.signal.throwIfAborted()
        throw cannotTell(state.spec.name, error)
      })
      await volumes?.note(seen.volumes)
      return seen
    },
    describe: ({ containers, present }) => `${count(containers, 'container')}, ${count(present, 'volume')}`,
  })
}

function destroyStep(context: SourceContext, closure: Step<Closure>, withoutPulumi: boolean): Step<object> {
  const { ports, state, timeoutMs } = context
  return defineStep<object>({
    id: 'cluster.destroy',
    title: 'Destroy the cluster',
    after: [closure],
    timeoutMs,
    async check(scope) {
      const { containers, volumes } = scope.use(closure)
      const nothing = containers.length === 0 && volumes.length === 0
      return nothing && !(await (await ports.states()).exists(state.spec.name)) ? {} : undefined
    },
    async run(scope) {
      const { engine } = scope.use(closure)
      const states = await ports.states()
      // Without its files there is no stack, and nothing that would be worth a download of Pulumi.
      if (!withoutPulumi && (await states.exists(state.spec.name)))
        await destroyStack(context, scope, engine).catch(warn(scope))
      await patiently(() => removeByName(context, scope, engine), scope, ports.clock).catch(
        unlessForeign(scope),
      )
      return {}
    },
  })
}

function networkStep(
  { state, ports }: SourceContext,
  closure: Step<Closure>,
  destroy: Step<unknown>,
): Step<{ readonly removed: boolean }> {
  return defineStep<{ readonly removed: boolean }>({
    id: 'cluster.network',
    title: 'Remove the network if it was ours',
    after: [closure, destroy],
    check: () => Promise.resolve(state.networkExistedBefore ? { removed: false } : undefined),
    async run(scope) {
      const { engine } = scope.use(closure)
      const remove = (): Promise<boolean> => removeNetwork(engine, scope)
      return { removed: (await patiently(remove, scope, ports.clock).catch(warn(scope))) ?? false }
    },
    describe: ({ removed }) => (removed ? `${kindNetwork} removed` : 'not ours, or in use'),
  })
}

/** Half of the step's time: what Pulumi does not get done in it, has to be done without it. */
async function destroyStack(
  { ports, state, timeoutMs }: SourceContext,
  scope: Scope,
  engine: ContainerEngine,
): Promise<void> {
  const { report } = scope
  const deadline = { what: 'Pulumi', timeoutMs: timeoutMs / 2, signal: scope.signal, clock: ports.clock }
  await withDeadline(async (signal) => {
    const runner = await ports.stack(state.spec.name, engine, signal)
    if ((await runner.resources()) !== undefined) await runner.destroy({ signal, report })
  }, deadline)
}

/** What is somebody else's ends the removal; anything else is told, and the look at the end finds what is left. */
function unlessForeign(scope: Scope): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof PlayError && error.id === 'CLUSTER_FOREIGN') throw error
    warn(scope)(error)
    return undefined
  }
}

function count(things: readonly unknown[], what: string): string {
  return `${String(things.length)} ${what}${things.length === 1 ? '' : 's'}`
}
