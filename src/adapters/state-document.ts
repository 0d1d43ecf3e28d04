/** Reads a playground's state document and refuses what is not one. */
import { stateSchemaVersion, type PlaygroundState } from '../domain/playground.ts'

type Test = (value: unknown) => boolean

const isText: Test = (value) => typeof value === 'string' && value !== ''
const isInstant: Test = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value))
const isFlag: Test = (value) => typeof value === 'boolean'
const oneOf =
  (...values: readonly unknown[]): Test =>
  (value) =>
    values.includes(value)

/** Each field that must be there, by its path, and what it must look like. */
const fields: Readonly<Record<string, Test>> = {
  id: (value) => typeof value === 'string' && /^[0-9a-z]{26}$/.test(value),
  'spec.name': isText,
  'spec.source': oneOf('kind'),
  'spec.kubernetesVersion': isText,
  'spec.nodes': (value) => Number.isInteger(value) && Number(value) >= 1,
  'spec.components': (value) => Array.isArray(value) && value.every(isText),
  phase: oneOf('creating', 'ready', 'failed', 'destroying'),
  createdAt: isInstant,
  updatedAt: isInstant,
  cluster: isText,
  engine: oneOf('docker', 'podman'),
  networkExistedBefore: isFlag,
}

const expiryFields: Readonly<Record<string, Test>> = { expiresAt: isInstant }

const engineFields: Readonly<Record<string, Test>> = { engineIdentity: isText }

const portFields: Readonly<Record<string, Test>> = { 'spec.ports': Array.isArray }

const gitFields: Readonly<Record<string, Test>> = { 'spec.git.url': isText, 'spec.git.branch': isText }

const versionsFields: Readonly<Record<string, Test>> = {
  versions: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(isText),
}

const registryFields: Readonly<Record<string, Test>> = { 'spec.registry.url': isText }

const mergedContextFields: Readonly<Record<string, Test>> = {
  'mergedContext.path': isText,
  'mergedContext.context': isText,
  'mergedContext.formerContext': (value) => value === null || isText(value),
}

/**
 * The state that `text` holds. Throws an Error whose message is a reason for a person: no JSON, made by a
 * newer play, or the first field that is wrong. Fields it does not know are kept.
 */
export function parseState(text: string): PlaygroundState {
  const document = parseObject(text)
  const version = document['schemaVersion']
  if (typeof version === 'number' && version > stateSchemaVersion) {
    throw new Error(
      `it was made by a newer play (its format is ${String(version)}, this play knows up to ${String(stateSchemaVersion)})`,
    )
  }
  if (version !== stateSchemaVersion) throw new Error('its field schemaVersion is missing or wrong')
  const expected = {
    ...fields,
    ...optionalFields(document),
  }
  for (const [path, test] of Object.entries(expected)) {
    if (!test(valueAt(document, path))) throw new Error(`its field ${path} is missing or wrong`)
  }
  return document as unknown as PlaygroundState
}

/** Fields of those parts that are there, of all that may be missing. */
function optionalFields(document: Record<string, unknown>): Readonly<Record<string, Test>> {
  const parts = {
    mergedContext: mergedContextFields,
    versions: versionsFields,
    expiresAt: expiryFields,
    engineIdentity: engineFields,
    'spec.ports': portFields,
    'spec.git': gitFields,
    'spec.registry': registryFields,
  }
  return Object.fromEntries(
    Object.entries(parts).flatMap(([path, tests]) =>
      valueAt(document, path) === undefined ? [] : Object.entries<Test>(tests),
    ),
  )
}

function parseObject(text: string): Record<string, unknown> {
  if (text.trim() === '') throw new Error('it is empty')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`it is not JSON (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('it is not a JSON object')
  return value as Record<string, unknown>
}

function valueAt(document: Record<string, unknown>, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    return (value as Record<string, unknown>)[key]
  }, document)
}
