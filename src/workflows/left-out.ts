/** Components that are there by default and that a playground does not get: what a person is told of them. */
import type { Component } from '../domain/component.ts'
import { defineStep, type Step } from '../engine/step.ts'

/** A default component that is not installed though nobody chose that. */
export interface LeftOut {
  readonly component: Component
  /** Its images that the bundle does not hold; if there are none, it is what it needs that is left out. */
  readonly lacking: readonly string[]
}

/** Says that a component is missing which is there by default, why, and how to come by it. */
export function leftOutStep({ component, lacking }: LeftOut): Step<object> {
  const { id, title, slot, needs } = component
  // No bundle is built with the operator's image: it is the one that somebody has to bring along.
  const bundle =
    slot === 'infrastructure'
      ? 'make bundle ARGS="--images DIR"'
      : 'build or pull the bundle again (make bundle)'
  return defineStep<object>({
    id: `preflight.without-${id}`,
    title: `Leave out ${title}`,
    readOnly: true,
    run({ report }) {
      const isLacking = lacking.length > 0
      const why = isLacking
        ? `the bundle does not hold ${lacking.join(', ')}`
        : `it needs ${needs.join(', ')}`
      const how = `${isLacking ? `${bundle}, then: ` : ''}play component add ${id}`
      const text = `${title} is left out: ${why}. To have it: ${how}`
      report.warn(isLacking ? 'BUNDLE_LACKS_IMAGE' : 'COMPONENT_NEEDED', text)
      return Promise.resolve({})
    },
  })
}
