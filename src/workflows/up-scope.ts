/** Which components a run of `up` has at hand, and which versions there are after it; pure. */
import type { Component } from '../domain/component.ts'
import type { HandOverOptions } from '../domain/hand-over.ts'
import type { PlaygroundState } from '../domain/playground.ts'

/** What is touched, and what stays. */
export interface UpScope {
  /** The components at hand, in their order. */
  readonly chosen: readonly Component[]
  /** The others; empty where everything is at hand. */
  readonly others: Pick<HandOverOptions, 'kept'>
  /** Versions of all of them once the run has succeeded, as far as they are known. */
  readonly versions: Readonly<Record<string, string>>
}

/** Divides the components of a playground; all are at hand without `only`. */
export function scopeOf(
  components: readonly Component[],
  only: readonly string[] | undefined,
  { spec: { name }, versions: before = {} }: Pick<PlaygroundState, 'spec' | 'versions'>,
): UpScope {
  const isChosen = ({ id }: Component): boolean => only?.includes(id) ?? true
  const known = components.flatMap((each) => {
    const version = isChosen(each) ? each.version : before[each.id]
    return version === undefined ? [] : [[each.id, version] as const]
  })
  const rest = components.filter((each) => !isChosen(each))
  return {
    chosen: components.filter(isChosen),
    others: only === undefined ? {} : { kept: { name, components: rest } },
    versions: Object.fromEntries(known),
  }
}
