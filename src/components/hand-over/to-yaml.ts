/** Writes a Kubernetes object as YAML. Loaded by dynamic import only: the library costs 20 ms at start. */
import { setFlagsFromString } from 'node:v8'
import { stringify } from 'yaml'

// What the library builds of megabytes of definitions is garbage at once: collected late, it would be most of the memory
// that `up` takes. Set here and not at the start, since code that was compiled under other flags is compiled anew.
setFlagsFromString('--optimize-for-size')

/**
 * The same object gives the same text whatever the order of its keys, without anchors. Strings that YAML 1.1 would read
 * as something else (yes, 0644, 12:30) are quoted, since Kubernetes reads YAML 1.1.
 */
export function toYaml(object: unknown): string {
  return stringify(object, {
    aliasDuplicateObjects: false,
    blockQuote: 'literal',
    compat: 'yaml-1.1',
    lineWidth: 0,
    sortMapEntries: true,
  })
}
