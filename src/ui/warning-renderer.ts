/** For `--output json`: nothing but warnings, so that stdout holds exactly one document. */
import type { Renderer } from './renderer.ts'

/** Writes each warning as a line. */
export function createWarningRenderer(options: { readonly write: (text: string) => void }): Renderer {
  return {
    onEvent(event) {
      if (event.type === 'warning') options.write(`Warning ${event.id}: ${event.text}\n`)
    },
    close: () => Promise.resolve(),
  }
}
