/** Checks a demo's description against its JSON Schema, in words for a person. Loaded by dynamic import only: ajv is heavy. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { nearest } from '../domain/names.ts'
import { didYouMean, type Mistake, type Path } from './demo-mistake.ts'

/** What is wrong with the shape of `value`, in no order; nothing for a value that the schema allows. */
export function mistakesOfShape(schema: object, value: unknown): readonly Mistake[] {
  // The schema is play's own: a test holds it against the schema of schemas, which would take longer than all the rest.
  const trusted = { meta: false, validateSchema: false }
  const options = {
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: true,
    verbose: true,
  }
  const ajv = new Ajv2020({ ...options, ...trusted })
  // Editors show it as well.
  ajv.addVocabulary(['patternErrorMessage'])
  const check = ajv.compile(schema)
  if (check(value)) return []
  const errors = check.errors ?? []
  const strangers = errors.filter(({ keyword }) => keyword === 'additionalProperties')
  return errors.flatMap((error) => {
    // A name that is not known is most likely the one that lacks.
    const hasStranger = strangers.some(({ instancePath }) => instancePath === error.instancePath)
    const path = pathOf(error.instancePath)
    const mistake = explain[error.keyword]?.({ error, path, hasStranger })
    return mistake === undefined ? [] : [{ path, at: 'value', ...mistake }]
  })
}

interface Found {
  readonly error: ErrorObject
  readonly path: Path
  readonly hasStranger: boolean
}

type Explained = Pick<Mistake, 'reason'> & Partial<Mistake>

const explain: Readonly<Record<string, (found: Found) => Explained | undefined>> = {
  type: ({ error, path }) => ({
    reason: `${nameOf(path)} must be ${typeNames(error)}, not ${described(error.data)}${quoted(error)}`,
  }),
  required: ({ error, hasStranger }) =>
    hasStranger || error.schemaPath.includes('/oneOf/')
      ? undefined
      : { at: 'key', reason: `${ownerOf(error)} lacks ${param(error, 'missingProperty')}` },
  additionalProperties: ({ error, path }) => {
    const key = param(error, 'additionalProperty')
    return { path: [...path, key], at: 'key', reason: unknownName(error, key) }
  },
  propertyNames: ({ error, path }) => {
    const key = param(error, 'propertyName')
    return {
      path: [...path, key],
      at: 'key',
      reason: `an option cannot be called "${key}": play has a flag of that name`,
    }
  },
  oneOf: alternatives,
  not: ({ error, path }) =>
    error.propertyName === undefined
      ? { reason: `${nameOf(path)} cannot be "${String(error.data)}": that is the platform's own` }
      : undefined,
  dependentRequired: ({ error, path, hasStranger }) => {
    const [key, missing] = [param(error, 'property'), param(error, 'missingProperty')]
    if (hasStranger) return undefined
    return { path: [...path, key], at: 'key', reason: `${key} is of no use without ${missing}` }
  },
  enum: ({ error }) => {
    const known = valuesOf(error.params['allowedValues'])
    return {
      reason: `there is no ${titleOf(error)} "${String(error.data)}"${didYouMean(String(error.data), known)}`,
    }
  },
  pattern: ({ error, path }) => ({
    reason: `${nameOf(path)} ${String(error.parentSchema?.['patternErrorMessage'])}, not ${JSON.stringify(error.data)}`,
  }),
  uniqueItems: ({ error, path }) => ({
    path: [...path, Math.max(Number(error.params['i']), Number(error.params['j']))],
    reason: `${nameOf(path)} has this twice`,
  }),
  minLength: ({ path }) => ({ reason: `${nameOf(path)} is empty` }),
  maxLength: ({ error, path }) => ({
    reason: `${nameOf(path)} has ${String(String(error.data).length)} characters, at most ${limit(error)} fit`,
  }),
  minItems: ({ path }) => ({ at: 'key', reason: `${nameOf(path)} has nothing in it` }),
  maxItems: ({ error, path }) => ({
    at: 'key',
    reason: `${nameOf(path)} has more than ${limit(error)} entries`,
  }),
  minProperties: ({ path }) => ({ at: 'key', reason: `${nameOf(path)} has nothing in it` }),
  maxProperties: ({ error, path }) => ({
    at: 'key',
    reason: `${nameOf(path)} has more than ${limit(error)} entries`,
  }),
  minimum: ({ error, path }) => ({ reason: `${nameOf(path)} must be at least ${limit(error)}` }),
  maximum: ({ error, path }) => ({ reason: `${nameOf(path)} must be at most ${limit(error)}` }),
}

/** Of the names in a `oneOf`, none is there or several are. */
function alternatives({ error, path, hasStranger }: Found): Explained | undefined {
  if (hasStranger) return undefined
  const branches = error.schema as readonly { readonly required: readonly string[] }[]
  const names = branches.flatMap(({ required }) => required)
  const there = Object.keys(error.data as object).filter((name) => names.includes(name))
  const second = there[1]
  const isStep = titleOf(error) === 'step'
  if (second !== undefined)
    return {
      ...{ path: [...path, second], at: 'key' },
      reason: isStep
        ? `this step has several actions (${there.join(', ')}): make a step of each`
        : `${ownerOf(error)} takes ${names.join(' or ')}, not both`,
    }
  return {
    at: 'key',
    reason: isStep
      ? `this step has no action: ${oneOf(names)}`
      : `${ownerOf(error)} lacks ${names.join(' or ')}`,
  }
}

function unknownName(error: ErrorObject, key: string): string {
  const title = titleOf(error)
  if (title === 'Options')
    return `an option cannot be called "${key}": lower-case letters, digits and dashes, a letter first`
  const known = Object.keys((error.parentSchema?.['properties'] ?? {}) as object)
  if (title !== 'step') return `there is no field "${key}" in ${ownerOf(error)}${didYouMean(key, known)}`
  const branches = (error.parentSchema?.['oneOf'] ?? []) as readonly {
    readonly required: readonly string[]
  }[]
  const actions = branches.flatMap(({ required }) => required)
  const near = nearest(key, known)
  const isField = near[0] !== undefined && !actions.includes(near[0])
  if (isField) return `there is no field "${key}" in a step${didYouMean(key, known)}`
  return `there is no action "${key}"${didYouMean(key, near.length > 0 ? known : actions)}`
}

function oneOf(names: readonly string[]): string {
  return `there are ${names.join(', ')}`
}

/** `/steps/2/push` as parts. */
function pathOf(pointer: string): Path {
  const parts = pointer.split('/').slice(1)
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** What a person calls the value at a path. */
function nameOf(path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return 'a demo'
  return /^\d+$/.test(String(last)) ? `an entry of ${nameOf(path.slice(0, -1))}` : String(last)
}

/** What a person calls that which a schema is about. */
function ownerOf(error: ErrorObject): string {
  const title = titleOf(error)
  if (title === 'Demo of play') return 'a demo'
  return title === 'step' ? 'this step' : title
}

function titleOf(error: ErrorObject): string {
  return String(error.parentSchema?.['title'])
}

function param(error: ErrorObject, name: string): string {
  return String(error.params[name])
}

function limit(error: ErrorObject): string {
  return String(error.params['limit'])
}

function valuesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  object: 'a mapping',
  array: 'a list',
  integer: 'a whole number',
}

function typeNames(error: ErrorObject): string {
  const wanted = error.params['type'] as string | readonly string[]
  return [wanted]
    .flat()
    .map((type) => typeWords[type] ?? type)
    .join(' or ')
}

function described(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'string' ? 'a text' : `the ${typeof value} ${JSON.stringify(value)}`
}

/** What most often has to be done about a text that YAML takes for something else. */
function quoted({ data, params }: ErrorObject): string {
  const wantsText = [params['type'] as string | readonly string[]].flat().includes('string')
  return wantsText && ['number', 'boolean'].includes(typeof data) ? ': put it in quotes' : ''
}
