/** Writes a Kubernetes object as YAML. Loaded by dynamic import only: the library costs 20 ms at start. */
import { stringify } from 'yaml'

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
