/** Flags, what is already there and defaults become one specification; pure. */
import type { Component } from '../domain/component.ts'
import { PlayError } from '../domain/errors.ts'
import { formatPortMapping, type PortMapping } from '../domain/port-mapping.ts'
import type { ExternalGit } from '../domain/git-remote.ts'
import type { PlaygroundSpec, PlaygroundState } from '../domain/playground.ts'
import { resolveGit } from './external-git.ts'

/** What a person asked for; undefined means "whatever there is, else the default". */
export interface Wanted {
  readonly name: string
  readonly nodes?: number
  readonly kubernetesVersion?: string
  readonly with: readonly string[]
  readonly without: readonly string[]
  readonly ports?: readonly PortMapping[]
  /** The person's own repository of the platform, as far as it was told. */
  readonly git?: Partial<ExternalGit>
  /** Components that are there and shall go. */
  readonly removing?: readonly string[]
}

/** What is on offer. */
export interface Defaults {
  readonly kubernetesVersion: string
  /** All components in order of installation. */
  readonly components: readonly Pick<Component, 'id' | 'byDefault' | 'slot' | 'needs'>[]
}

/** The specification to converge to: what was asked for, else what there is, else the default. Throws USAGE_INVALID. */
export function resolveSpec(
  wanted: Wanted,
  former: PlaygroundState | undefined,
  defaults: Defaults,
): PlaygroundSpec {
  const both = wanted.with.filter((id) => wanted.without.includes(id))
  if (both.length > 0) {
    throw PlayError.of('USAGE_INVALID', { reason: `${both.join(', ')} cannot be both wanted and left out` })
  }
  const own = resolveGit(wanted.git, former?.spec.git)
  const base: Pick<PlaygroundSpec, 'kubernetesVersion' | 'nodes' | 'components' | 'ports'> = former?.spec ?? {
    kubernetesVersion: defaults.kubernetesVersion,
    components: defaultsWith(own.git, defaults),
    nodes: 1,
  }
  const ports = wanted.ports ?? base.ports ?? []
  const chosen = withNeeded(
    wanted,
    [...base.components, ...wanted.with].filter((id) => wanted.removing?.includes(id) !== true),
    defaults,
    own.git,
  )
  return {
    name: wanted.name,
    source: 'kind',
    kubernetesVersion: versionOf(wanted) ?? base.kubernetesVersion,
    nodes: wanted.nodes ?? base.nodes,
    components: chosen,
    ...(ports.length > 0 ? { ports } : {}),
    ...own,
  }
}

/** A repository of the person's own fills the slot. */
function defaultsWith(git: ExternalGit | undefined, { components }: Defaults): string[] {
  const wanted = components.filter(
    ({ byDefault, slot }) => byDefault && (git === undefined || slot !== 'git'),
  )
  return wanted.map(({ id }) => id)
}

/** The chosen components in their order, with what they need. Throws COMPONENT_NEEDED for what is left out all the same. */
function withNeeded(
  { name, without }: Wanted,
  ids: readonly string[],
  { components }: Defaults,
  git: ExternalGit | undefined,
): string[] {
  const chosen = new Set(ids.filter((id) => !without.includes(id)))
  // From the last: whoever needs something stands behind it.
  for (const { id, needs } of components.toReversed()) {
    if (!chosen.has(id)) continue
    for (const slot of needs.filter((each) => each !== 'git' || git === undefined)) {
      const filling = components.filter((other) => other.slot === slot)
      if (filling.some((other) => chosen.has(other.id))) continue
      const component = filling[0]?.id ?? slot
      if (without.includes(component))
        throw PlayError.of('COMPONENT_NEEDED', { name, component, neededBy: id })
      chosen.add(component)
    }
  }
  return components.map(({ id }) => id).filter((id) => chosen.has(id))
}

/** People write versions with and without a v. */
function versionOf({ kubernetesVersion }: Wanted): string | undefined {
  return kubernetesVersion?.replace(/^v/, '')
}

/** Throws SPEC_CHANGED for what cannot be changed in a cluster that stands. */
export function refuseChanges(wanted: Wanted, has: PlaygroundSpec): void {
  const dropped = has.components.filter((id) => wanted.without.includes(id))
  const ports = wanted.ports ?? has.ports
  const parts = [
    { what: 'nodes:', have: String(has.nodes), want: String(wanted.nodes ?? has.nodes) },
    { what: 'Kubernetes', have: has.kubernetesVersion, want: versionOf(wanted) ?? has.kubernetesVersion },
    { what: 'ports', have: portsInWords(has.ports), want: portsInWords(ports) },
    {
      what: 'the components',
      have: has.components.join(', '),
      want: withoutInWords(has.components, dropped),
    },
  ]
  const changed = parts.find(({ have, want }) => have !== want)
  if (changed !== undefined) throw PlayError.of('SPEC_CHANGED', { name: wanted.name, ...changed })
}

function portsInWords(ports: readonly PortMapping[] = []): string {
  return ports.length === 0 ? 'none' : ports.map(formatPortMapping).join(', ')
}

function withoutInWords(components: readonly string[], dropped: readonly string[]): string {
  return dropped.length === 0 ? components.join(', ') : `without ${dropped.join(', ')}`
}
