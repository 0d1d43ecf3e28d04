/** A run for machines: each event as one line of JSON; assets/schemas/events.schema.json describes it. */
import type { RunEvent } from '../engine/events.ts'
import type { Renderer } from './renderer.ts'

/** Writes every event, unchanged and in order; `write` usually goes to stdout. */
export function createNdjsonRenderer(options: { readonly write: (text: string) => void }): Renderer {
  return {
    onEvent: (event: RunEvent) => {
      options.write(`${JSON.stringify(event)}\n`)
    },
    close: () => Promise.resolve(),
  }
}
