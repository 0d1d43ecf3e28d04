/** What `play open` and `play status` say can be opened. */
import type { Component } from '../domain/component.ts'
import type { EndpointRow } from '../domain/results.ts'

/** What these components offer, in their order. */
export function endpointRows(components: readonly Component[]): readonly EndpointRow[] {
  return components.flatMap(({ id, endpoints = [] }) =>
    endpoints.map(({ name, title, scheme }) => ({ name, title, scheme, component: id })),
  )
}
