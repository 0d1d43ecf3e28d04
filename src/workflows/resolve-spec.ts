/** Flags, what is already there and defaults become one specification; pure. */
import type { Component } from '../domain/component.ts'
import { PlayError } from '../domain/errors.ts'
import { formatPortMapping, type PortMapping } from '../domain/port-mapping.ts'
import type { ExternalGit } from '../domain/git-remote.ts'
import type { PlaygroundSpec, PlaygroundState } from '../domain/playground.ts'
import { plainHttpHost, type ExternalRegistry } from '../domain/registry-slot.ts'
import { resolveGit } from './external-git.ts'
import { resolveRegistry } from './external-registry.ts'

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
  /** The person's own image registry, as far as it was told. */
  readonly registry?: Partial<ExternalRegistry>
  /** Components that are there and shall go. */
  readonly removing?: readonly string[]
}

/** What is on offer. */
export interface Defaults {
  readonly kubernetesVersion: string
  /** All components in order of installation. */
  readonly components: readonly Offered[]
  /** Ids of components whose images are not to be had: they are no default of a new playground. */
  readonly lacking?: readonly string[]
}

type Offered = Pick<Component, 'id' | 'byDefault' | 'slot' | 'needs'>

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
  const own = resolveOwn(wanted, former?.spec, defaults)
  const base: Pick<PlaygroundSpec, 'kubernetesVersion' | 'nodes' | 'components' | 'ports'> = former?.spec ?? {
    kubernetesVersion: defaults.kubernetesVersion,
    components: defaultsWith(own, defaults),
    nodes: 1,
  }
  const ports = wanted.ports ?? base.ports ?? []
  const chosen = withNeeded(
    wanted,
    [...base.components, ...wanted.with].filter((id) => wanted.removing?.includes(id) !== true),
    defaults,
    own,
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

/** What the person has outside the cluster. */
type Own = Pick<PlaygroundSpec, 'git' | 'registry'>

/** True for a slot that is filled by something of the person's own, outside the cluster. */
export function isOutside(slot: Component['slot'], own: Own): boolean {
  return (slot === 'git' || slot === 'registry') && own[slot] !== undefined
}

function defaultsWith(own: Own, { components, lacking = [] }: Defaults): string[] {
  return components
    .filter(({ id, byDefault, slot }) => byDefault && !lacking.includes(id) && !isOutside(slot, own))
    .map(({ id }) => id)
}

function resolveOwn(wanted: Wanted, former: Own | undefined, { components }: Defaults): Own {
  const own: Own = {
    ...resolveGit(wanted.git, former?.git),
    ...resolveRegistry(wanted.registry, former?.registry),
  }
  const { registry } = own
  const second = components.find(({ id, slot }) => slot === 'registry' && wanted.with.includes(id))
  if (registry === undefined || second === undefined) return own
  // The second one would be there for nobody.
  const reason = `Images are pushed to ${registry.url}, so that the component ${second.id} would be of no use: have one of them`
  throw PlayError.of('USAGE_INVALID', { reason })
}

/**
 * The chosen components in their order, with what they need. A default that nobody asked for goes along with what it
 * needs; throws COMPONENT_NEEDED for everything else that needs what is left out.
 */
function withNeeded(wanted: Wanted, ids: readonly string[], defaults: Defaults, own: Own): string[] {
  const { name, without } = wanted
  const { components } = defaults
  const chosen = withoutUnmet(wanted, ids, defaults, own)
  // From the last: whoever needs something stands behind it.
  for (const { id, needs } of components.toReversed()) {
    if (!chosen.has(id)) continue
    for (const component of missingFor(needs, chosen, components, own)) {
      if (without.includes(component))
        throw PlayError.of('COMPONENT_NEEDED', { name, component, neededBy: id })
      chosen.add(component)
    }
  }
  return components.map(({ id }) => id).filter((id) => chosen.has(id))
}

/** The chosen components, but for the defaults that would need what is left out or cannot be had. */
function withoutUnmet(
  wanted: Wanted,
  ids: readonly string[],
  { components, lacking = [] }: Defaults,
  own: Own,
): Set<string> {
  const chosen = new Set(ids.filter((id) => !wanted.without.includes(id)))
  const gone = new Set([...wanted.without, ...lacking])
  // From the first: what is needed stands before whoever needs it.
  for (const { id, byDefault, needs } of components) {
    if (!byDefault || wanted.with.includes(id)) continue
    if (!missingFor(needs, chosen, components, own).some((each) => gone.has(each))) continue
    chosen.delete(id)
    gone.add(id)
  }
  return chosen
}

/** What would fill the needed slots that nothing fills yet. */
function missingFor(
  needs: Offered['needs'],
  chosen: ReadonlySet<string>,
  components: readonly Offered[],
  own: Own,
): string[] {
  return needs.flatMap((slot) => {
    const filling = components.filter((other) => other.slot === slot)
    const isFilled = isOutside(slot, own) || filling.some(({ id }) => chosen.has(id))
    return isFilled ? [] : [filling[0]?.id ?? slot]
  })
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
    {
      // Nodes are told of it when they are made.
      what: 'plain-http registry',
      have: plainHttpInWords(has.registry),
      want: plainHttpInWords(wanted.registry?.url === undefined ? has.registry : wanted.registry),
    },
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

function plainHttpInWords(registry: Partial<ExternalRegistry> | undefined): string {
  return plainHttpHost(registry?.url) ?? 'none'
}

function portsInWords(ports: readonly PortMapping[] = []): string {
  return ports.length === 0 ? 'none' : ports.map(formatPortMapping).join(', ')
}

function withoutInWords(components: readonly string[], dropped: readonly string[]): string {
  return dropped.length === 0 ? components.join(', ') : `without ${dropped.join(', ')}`
}
