/** What a demo is given on a playground: the contracts of the slots that are filled there. */
import type { ComponentRegistry } from '../domain/component-registry.ts'
import type { DemoContext } from '../domain/demo.ts'
import type { DemoFolder } from '../domain/demo-definition.ts'
import { PlayError } from '../domain/errors.ts'
import { nearest } from '../domain/names.ts'
import type { PlaygroundState } from '../domain/playground.ts'
import type { ClusterClient, Ports } from '../domain/ports.ts'
import { registryOf } from '../domain/registry-slot.ts'

/** What differs from run to run. */
export interface DemoRequest {
  readonly folder: DemoFolder
  /** Options as they were asked for; the demo's own defaults are for the others. */
  readonly options: Readonly<Record<string, string>>
  /** Patience for a single step, milliseconds. */
  readonly timeoutMs: number
  readonly onRun: DemoContext['onRun']
  /** The command that runs it again. */
  readonly again: string
}

/** What is there, filled or not: taking a demo out does with less than running it. Throws USAGE_INVALID for wrong options. */
export function demoContext(
  request: DemoRequest,
  state: PlaygroundState,
  { ports, components }: { readonly ports: Ports; readonly components: ComponentRegistry },
  client: () => Promise<ClusterClient>,
): DemoContext {
  const { folder, timeoutMs, onRun, again } = request
  const { spec } = state
  const ids = spec.components
  return {
    ...{ folder, client, timeoutMs, onRun, again },
    playground: { root: state.id, name: spec.name },
    loopback: ports.loopback,
    pipelines: components.pipelines(ids),
    gitOps: components.gitOps(ids),
    repositories: components.repositories(ids),
    registry: registryOf(spec),
    options: optionsOf(folder, request.options),
    runId: ports.newId(),
    clock: ports.clock,
  }
}

/** Throws COMPONENT_NEEDED, or DEMO_UNSUITED, for a slot that the demo needs and nothing fills. */
export function requireSlots(
  { definition }: DemoFolder,
  { spec }: PlaygroundState,
  components: ComponentRegistry,
): void {
  const filled = new Set<string>(spec.components.map((id) => components.find(id).slot))
  if (spec.registry !== undefined) filled.add('registry')
  const lacking = definition.needs.find((slot) => !filled.has(slot))
  if (lacking === undefined) return
  // Repositories of demos are beside that of the platform, which a repository of one's own has no place for.
  if (lacking === 'git' && spec.git !== undefined)
    throw PlayError.of('DEMO_UNSUITED', {
      ...{ demo: definition.id, name: spec.name },
      reason: 'it makes repositories of its own, for which a playground with --git has no place',
    })
  const component = components.all.find(({ slot }) => slot === lacking)?.id ?? lacking
  const neededBy = `demo ${definition.id}`
  throw PlayError.of('COMPONENT_NEEDED', { name: spec.name, component, neededBy })
}

/** Every option with its value. */
function optionsOf(
  { definition }: DemoFolder,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const known = Object.keys(definition.options)
  for (const [name, value] of Object.entries(given)) {
    const option = definition.options[name]
    if (option === undefined) throw unknownOption(name, known)
    const { choices, default: usual } = option
    if (choices === undefined || value === usual || choices.includes(value)) continue
    const all = [usual, ...choices].join(', ')
    throw PlayError.of('USAGE_INVALID', { reason: `${name} cannot be "${value}"; it is one of ${all}` })
  }
  const usual = Object.entries(definition.options).map(([name, option]) => [name, option.default])
  return { ...(Object.fromEntries(usual) as Readonly<Record<string, string>>), ...given }
}

function unknownOption(name: string, known: readonly string[]): PlayError {
  const near = nearest(name, known)
  const offer = near.length > 0 ? near : known
  const suggestions = offer.map((one) => `--set ${one}=…`)
  return PlayError.of('USAGE_INVALID', { reason: `This demo has no option "${name}"` }, { suggestions })
}
