/** Writes assets/schemas/events.schema.json from the types in src/engine/events.ts. Run: node scripts/generate-schemas.ts */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format } from 'prettier'
import ts from 'typescript'

/** A JSON Schema, as far as it is written here. */
export type JsonSchema = Readonly<Record<string, unknown>>

const source = fileURLToPath(new URL('../src/engine/events.ts', import.meta.url))
const target = fileURLToPath(new URL('../assets/schemas/events.schema.json', import.meta.url))

/** Primitive types that say nothing more than their name. */
const primitives = new Map<number, JsonSchema>([
  [ts.TypeFlags.String, { type: 'string' }],
  [ts.TypeFlags.Number, { type: 'number' }],
  [ts.TypeFlags.Boolean, { type: 'boolean' }],
  [ts.TypeFlags.Unknown, {}],
])

/** Translates the types of one program; throws for a type that events must not have. */
class Translator {
  private readonly checker: ts.TypeChecker

  constructor(checker: ts.TypeChecker) {
    this.checker = checker
  }

  schemaOf(type: ts.Type): JsonSchema {
    for (const [flag, schema] of primitives) if ((type.flags & flag) !== 0) return schema
    if (type.isLiteral()) return { const: type.value }
    if (type.isUnion()) return { oneOf: type.types.map((member) => this.schemaOf(member)) }
    if (this.checker.isArrayType(type)) {
      const [items] = this.checker.getTypeArguments(type as ts.TypeReference)
      if (items) return { type: 'array', items: this.schemaOf(items) }
    }
    if (type.isIntersection() || (type.flags & ts.TypeFlags.Object) !== 0) return this.objectOf(type)
    throw new Error(`no JSON Schema for ${this.checker.typeToString(type)}`)
  }

  private objectOf(type: ts.Type): JsonSchema {
    const members = type.getProperties()
    const properties = Object.fromEntries(members.map((member) => [member.name, this.propertyOf(member)]))
    const needed = members.filter((member) => (member.flags & ts.SymbolFlags.Optional) === 0)
    return {
      type: 'object',
      properties,
      required: needed.map((member) => member.name),
      additionalProperties: false,
    }
  }

  private propertyOf(member: ts.Symbol): JsonSchema {
    const description = ts.displayPartsToString(member.getDocumentationComment(this.checker))
    const type = this.checker.getTypeOfSymbol(member)
    const optional = (member.flags & ts.SymbolFlags.Optional) !== 0
    const schema = this.schemaOf(optional ? this.checker.getNonNullableType(type) : type)
    return description === '' ? schema : { description, ...schema }
  }
}

/** The JSON Schema (draft 2020-12) of RunEvent, formatted as prettier does. */
export async function generateEventSchema(): Promise<string> {
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2023,
    types: [],
  }
  const program = ts.createProgram([source], options)
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(source)
  const module = file && checker.getSymbolAtLocation(file)
  const event = module && checker.getExportsOfModule(module).find((one) => one.name === 'RunEvent')
  if (!event) throw new Error(`${source} does not export RunEvent`)
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Event of a run of play',
    description:
      'One line of `--output ndjson`, and of the event log of a playground. Durations are milliseconds.',
    ...new Translator(checker).schemaOf(checker.getDeclaredTypeOfSymbol(event)),
  }
  return format(JSON.stringify(schema), { parser: 'json', printWidth: 110 })
}

if (import.meta.main) writeFileSync(target, await generateEventSchema())
