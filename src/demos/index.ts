/** The registry of demos: an explicit list, in the order in which they are shown. */
import type { DemoRegistry } from '../domain/demo.ts'
import { PlayError } from '../domain/errors.ts'
import { nearest } from '../domain/names.ts'
import { hello } from './hello.ts'

const demos = [hello]

/** What the workflows are given. */
export const demoRegistry: DemoRegistry = {
  all: demos,
  find(id) {
    const found = demos.find((demo) => demo.id === id)
    if (found) return found
    const known = demos.map((demo) => demo.id)
    throw PlayError.of('USAGE_UNKNOWN_DEMO', { name: id, near: nearest(id, known), known })
  },
}
