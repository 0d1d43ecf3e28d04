/** `play demo …`: runs a demo on a playground that can carry it. */
import type { ComponentRegistry } from '../domain/component-registry.ts'
import type { Demo, DemoRegistry, DemoResult } from '../domain/demo.ts'
import { PlayError } from '../domain/errors.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import type { Ports } from '../domain/ports.ts'
import { createPlan } from '../engine/plan.ts'
import { requireReady } from './reach.ts'
import { isOutside } from './resolve-spec.ts'
import { perform, type Session } from './session.ts'
import { shareClient } from './shared-client.ts'

/** What a demo was asked for. */
export interface DemoOptions {
  readonly demo: string
  /** The playground. */
  readonly name: string
  readonly timeoutMs: number
  readonly options: Readonly<Record<string, string>>
}

/** Runs the demo; throws DEMO_FAILED with the failing part's log, or what keeps it from starting. */
export async function runDemo(
  options: DemoOptions,
  ports: Ports,
  registries: { readonly demos: DemoRegistry; readonly components: ComponentRegistry },
  session: Session,
): Promise<DemoResult | undefined> {
  const demo = registries.demos.find(options.demo)
  const { state, access } = await requireReady(options.name, ports)
  requireSlots(demo, state, registries.components)
  const shared = shareClient(ports)
  const { assets, clock } = ports
  const context = {
    assets,
    access,
    client: shared.get,
    pipelines: registries.components.pipelines(state.spec.components),
    timeoutMs: options.timeoutMs,
    now: () => clock.now(),
    options: options.options,
  }
  const { steps, story } = demo.steps(context)
  try {
    return await perform(session, {
      subject: options.name,
      plan: createPlan([{ name: demo.title, steps }]),
      resume: [`play demo ${demo.id} ${options.name}`],
      result: ({ output }) => output(story),
    })
  } finally {
    await shared.close()
  }
}

function requireSlots(demo: Demo, state: PlaygroundState, components: ComponentRegistry): void {
  const filled = new Set(state.spec.components.map((id) => components.find(id).slot))
  const lacking = demo.needs.find((slot) => !filled.has(slot) && !isOutside(slot, state.spec))
  if (lacking === undefined) return
  const component = components.all.find(({ slot }) => slot === lacking)?.id ?? lacking
  throw PlayError.of('COMPONENT_NEEDED', { name: state.spec.name, component, neededBy: `demo ${demo.id}` })
}
