/** Checks a demo's description: YAML, schema, rules, files. Loaded by dynamic import only: parser and ajv are heavy. */
import type { DemoDefinition } from '../domain/demo-definition.ts'
import { definitionOf, type WrittenDemo } from './demo-description.ts'
import { mistakesOfFiles } from './demo-file-rules.ts'
import { invalidFile, type Mistake } from './demo-mistake.ts'
import { mistakesOfRules } from './demo-rules.ts'
import { mistakesOfShape } from './demo-schema.ts'
import { parsePlaced } from './demo-yaml.ts'

/** What is checked. */
export interface Unchecked {
  readonly text: string
  /** What a person calls the file. */
  readonly file: string
  /** The demo's. */
  readonly id: string
  /** Its folder. */
  readonly root: string
  /** JSON Schema of descriptions. */
  readonly schema: object
}

/** The demo. Throws DEMO_INVALID with all mistakes, but those of the rules only once the schema is fulfilled. */
export async function checkedDemo({ text, file, id, root, schema }: Unchecked): Promise<DemoDefinition> {
  const { value, position } = parsePlaced(text, file)
  const refuse = (mistakes: readonly Mistake[]): void => {
    if (mistakes.length === 0) return
    throw invalidFile(
      file,
      mistakes.map((mistake) => ({ ...position(mistake), reason: mistake.reason })),
    )
  }
  refuse(mistakesOfShape(schema, value))
  const written = value as WrittenDemo
  const definition = definitionOf(written, id)
  refuse([...mistakesOfRules(written, definition), ...(await mistakesOfFiles(definition, root))])
  return definition
}
