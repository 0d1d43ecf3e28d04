/** Reads a stream of YAML documents. Loaded by dynamic import only: the parser costs 20 ms at start. */
import * as yaml from 'yaml'

/** The values of the documents in `text`, empty ones left out. Throws for text that is no YAML. */
export function parseAllDocuments(text: string): readonly unknown[] {
  const documents = yaml.parseAllDocuments(text)
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document) => {
    const [error] = document.errors
    if (error !== undefined) throw error
    const value: unknown = document.toJS()
    return value === null || value === undefined ? [] : [value]
  })
}
