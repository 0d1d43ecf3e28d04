/** `play component …`: which parts a playground has, and how they come and go while it lives. */
import type { ClusterAccess } from '../domain/cluster.ts'
import type { Component } from '../domain/component.ts'
import type { ComponentRegistry } from '../domain/component-registry.ts'
import { PlayError } from '../domain/errors.ts'
import type { Ports } from '../domain/ports.ts'
import type { ComponentRow, DryRun, UpgradeResult, UpResult } from '../domain/results.ts'
import { requireStanding } from './reach.ts'
import { isOutside } from './resolve-spec.ts'
import type { Session } from './session.ts'
import { shareClient } from './shared-client.ts'
import { up } from './up.ts'
import type { Registries } from './up-plan.ts'

/** What a component is asked to do. */
export interface ComponentOptions {
  /** The playground. */
  readonly name: string
  readonly component: string
  /** Patience for a single step, milliseconds. */
  readonly timeoutMs: number
}

/** Every component, whether the playground has it, and whether it could; without a playground it has none. */
export async function listComponents(
  name: string,
  ports: Ports,
  components: ComponentRegistry,
): Promise<readonly ComponentRow[]> {
  const [states, artifacts] = await Promise.all([ports.states(), ports.artifacts()])
  const state = await states.read(name)
  const installed = new Set(state?.spec.components)
  return components.all.map(({ id, slot, version, needs, summary, byDefault, images = [] }) => ({
    ...{ id, slot, version, needs, summary, byDefault },
    available: images.every((image) => artifacts.canHaveImage(image)),
    installed: installed.has(id),
    installedVersion: installed.has(id) ? (state?.versions?.[id] ?? null) : null,
  }))
}

/** A playground that stands, with everything else left alone. */
const asItIs = { with: [], without: [], mergeKubeconfig: false, wait: true }

/** Adds a component, and what it needs, to a playground that stands. Throws USAGE_UNKNOWN_COMPONENT. */
export async function addComponent(
  { name, component, timeoutMs }: ComponentOptions,
  ports: Ports,
  registries: Registries,
  session: Session,
): Promise<UpResult | DryRun> {
  registries.components.find(component)
  await requireStanding(name, ports)
  return up({ ...asItIs, name, timeoutMs, with: [component] }, ports, registries, session)
}

/**
 * Brings one component to the version that this play has, or all of them without `component`. One that has it already
 * is only looked at. Throws USAGE_UNKNOWN_COMPONENT, COMPONENT_NEEDED for one that is not there, or PUBLISHED_UNKNOWN.
 */
export async function upgradeComponents(
  { name, component, timeoutMs }: Omit<ComponentOptions, 'component'> & { readonly component?: string },
  ports: Ports,
  registries: Registries,
  session: Session,
): Promise<UpgradeResult | DryRun> {
  const chosen = component === undefined ? undefined : registries.components.find(component).id
  const { state } = await requireStanding(name, ports)
  const { spec, versions = {} } = state
  if (chosen !== undefined && !spec.components.includes(chosen)) {
    const params = { name, component: chosen, neededBy: 'play component upgrade' }
    throw PlayError.of('COMPONENT_NEEDED', params, {
      suggestions: [`play component add ${chosen} ${name}`],
    })
  }
  const only = chosen === undefined ? {} : { only: [chosen] }
  const result = await up({ ...asItIs, ...only, name, timeoutMs }, ports, registries, session)
  if ('wouldRun' in result) return result
  const ids = only.only ?? result.components
  const upgraded = ids.map((id) => ({
    ...{ id, from: versions[id] ?? null },
    to: registries.components.find(id).version,
  }))
  return { ...result, versions: upgraded }
}

/** Takes a component out, its namespace included. One that is not there is fine. Throws COMPONENT_IN_USE or COMPONENT_HOLDS. */
export async function removeComponent(
  { name, component, timeoutMs }: ComponentOptions,
  ports: Ports,
  registries: Registries,
  session: Session,
): Promise<UpResult | DryRun> {
  const { components } = registries
  const going = components.find(component)
  const { state, access } = await requireStanding(name, ports)
  const staying = state.spec.components.filter((id) => id !== component).map((id) => components.find(id))
  const user = isOutside(going.slot, state.spec)
    ? undefined
    : staying.find((other) => needsIt(other, going, staying))
  if (user !== undefined) throw PlayError.of('COMPONENT_IN_USE', { name, component, neededBy: user.id })
  await refuseHolding(going, access, { ports, components, session })
  return up({ ...asItIs, name, timeoutMs, removing: [component] }, ports, registries, session)
}

/** Throws COMPONENT_HOLDS while there are objects that only this component can undo. */
async function refuseHolding(
  going: Component,
  access: ClusterAccess,
  { ports, components, session }: { ports: Ports; components: ComponentRegistry; session: Session },
): Promise<void> {
  if (going.mustOutlive === undefined) return
  const shared = shareClient(ports)
  try {
    const held = await components.outlived(going, await shared.get(access), session.signal)
    const [first] = held
    if (first === undefined) return
    const objects = held.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
    const { kind, metadata } = first
    const remove = `kubectl delete ${kind.toLowerCase()} ${metadata.name} --namespace ${metadata.namespace ?? ''}`
    throw PlayError.of('COMPONENT_HOLDS', { component: going.id, objects, remove })
  } finally {
    await shared.close()
  }
}

/** Git and what keeps the platform in line with it hold each other: without one, the other would undo or lose everything. */
const platform: readonly Component['slot'][] = ['git', 'gitops']

function needsIt(other: Component, going: Component, staying: readonly Component[]): boolean {
  if (staying.some(({ slot }) => slot === going.slot)) return false
  if (platform.includes(going.slot)) return platform.includes(other.slot)
  return other.needs.includes(going.slot)
}
