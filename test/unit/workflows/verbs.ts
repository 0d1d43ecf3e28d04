/** Up and down in a world of fakes, as the commands call them. */
import { componentRegistry } from '../../../src/components/index.ts'
import type { DownForecast, DownResult, DryRun, UpResult } from '../../../src/domain/results.ts'
import { realInventory } from '../../fakes/real-inventory.ts'
import { kindSource } from '../../../src/sources/kind/index.ts'
import { down, type DownOptions } from '../../../src/workflows/down.ts'
import type { Session } from '../../../src/workflows/session.ts'
import { up, type UpOptions } from '../../../src/workflows/up.ts'
import { FakeWorld } from '../../fakes/fake-ports.ts'

/** What `down` and `down --all` are given besides ports. */
export const parts = { source: kindSource, inventory: realInventory }

/** `play up dev`, with everything on. */
export async function runUp(
  world: FakeWorld,
  options: Partial<UpOptions> = {},
  session: Partial<Session> = {},
): Promise<UpResult> {
  const result = await upOrPlan(world, options, session)
  if ('wouldRun' in result) throw new Error('this was a dry run')
  return result
}

/** `play up dev --dry-run`. */
export async function planUp(world: FakeWorld, options: Partial<UpOptions> = {}): Promise<DryRun> {
  const result = await upOrPlan(world, options, { dryRun: true })
  if (!('wouldRun' in result)) throw new Error('this was no dry run')
  return result
}

function upOrPlan(
  world: FakeWorld,
  options: Partial<UpOptions>,
  session: Partial<Session>,
): Promise<UpResult | DryRun> {
  const wanted = { name: 'dev', with: [], without: [], timeoutMs: 60_000, mergeKubeconfig: true, wait: true }
  const registries = { source: kindSource, components: componentRegistry }
  return world.run(up({ ...wanted, ...options }, world.ports, registries, world.session(session)))
}

/** `play down dev`. */
export async function runDown(
  world: FakeWorld,
  options: Partial<DownOptions> = {},
  session: Partial<Session> = {},
): Promise<DownResult> {
  const result = await downOrForecast(world, options, session)
  if (!('findings' in result)) throw new Error('this was a dry run')
  return result
}

/** `play down dev --dry-run`. */
export async function planDown(world: FakeWorld, options: Partial<DownOptions> = {}): Promise<DownForecast> {
  const result = await downOrForecast(world, options, { dryRun: true })
  if (!('wouldRemove' in result)) throw new Error('this was no dry run')
  return result
}

function downOrForecast(
  world: FakeWorld,
  options: Partial<DownOptions>,
  session: Partial<Session>,
): Promise<DownResult | DownForecast> {
  const asked = { name: 'dev', timeoutMs: 60_000, force: false, ...options }
  return world.run(down(asked, world.ports, parts, world.session(session)))
}

/** Fault injection: the run fails, or is interrupted, right after that step. */
export function after(step: string, happens: () => Promise<void>): (id: string) => Promise<void> {
  return (id) => (id === step ? happens() : Promise.resolve())
}

/** Ids of the steps that a verb plans, told by running it in a world of its own. */
export async function plannedSteps(verb: (world: FakeWorld) => Promise<unknown>): Promise<readonly string[]> {
  const world = new FakeWorld()
  await verb(world)
  const steps = world.eventsOf('plan.ready')[0]?.steps ?? []
  if (steps.length === 0) throw new Error('nothing was planned')
  return steps.map(({ id }) => id)
}
