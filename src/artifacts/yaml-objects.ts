// Turns the YAML of a manifest into objects. Load it with a dynamic import: the parser is heavy and rarely needed.
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../domain/cluster.ts'

/**
 * The objects of a stream of YAML documents, in order, empty documents left out. Throws a plain Error with the reason.
 * The parser reads YAML 1.2 where Kubernetes reads 1.1 ("yes" and 0644 differ); the pinned manifests were compared
 * and read alike in both.
 */
export function parseYamlObjects(text: string): readonly KubeObject[] {
  const documents = parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false })
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document): readonly KubeObject[] => {
    const [error] = document.errors
    if (error !== undefined) throw error
    const value = document.toJS() as KubeObject | null | undefined
    return value === null || value === undefined ? [] : [value]
  })
}
