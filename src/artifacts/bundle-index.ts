// The format of a bundle's index.json: its types, and the one parser that decides whether a document is such an index.

/** Version of the index format. A reader refuses any other number, since it could not know what the fields mean. */
export const BUNDLE_FORMAT_VERSION = 1

/** Name of the index file, relative to the bundle's folder. */
export const BUNDLE_INDEX_FILE = 'index.json'

/** The two sizes of bundle: what `up` and `hello` need, and that plus what later components need. */
export const BUNDLE_PROFILES = ['core', 'full'] as const

/** One of the bundle sizes. */
export type BundleProfile = (typeof BUNDLE_PROFILES)[number]

/** What an entry can be. A tool is an executable; a manifest is a JSON array of Kubernetes objects; images are docker archives. */
export const BUNDLE_ENTRY_KINDS = ['tool', 'node-image', 'image', 'manifest'] as const

/** One of the kinds of entry. */
export type BundleEntryKind = (typeof BUNDLE_ENTRY_KINDS)[number]

/** One artifact of a bundle. Either `path` or `containedIn` is present, never both and never neither. */
export interface BundleEntry {
  /** Unique within the index, e.g. `kind`, `node`, `argocd`, `argo-cd-full`. */
  readonly name: string
  readonly kind: BundleEntryKind
  /** Version of what is inside, as its project writes it. */
  readonly version: string
  /** What it really is, for a person, e.g. "Argo CD 3.5.7 rebuilt from its Go module on Debian 12; not the upstream image". */
  readonly description: string
  /** Where it came from, e.g. `go:sigs.k8s.io/kind@v0.32.0`. */
  readonly source: string
  /** Size in bytes of the file; of an image contained in a node image, the bytes of its unpacked layers. */
  readonly size: number
  /** Lower-case hex sha256 of the file; of a contained image, its image id (the digest of its configuration). */
  readonly sha256: string
  /** File of the artifact, relative to the bundle's folder, with forward slashes. Absent when `containedIn` is present. */
  readonly path?: string
  /** Image reference exactly as manifests and kind name it. Present on every `image` and `node-image`. */
  readonly reference?: string
  /** Name of the `node-image` entry that carries this image, already unpacked. */
  readonly containedIn?: string
}

/** The whole index of one bundle. */
export interface BundleIndex {
  readonly formatVersion: typeof BUNDLE_FORMAT_VERSION
  readonly profile: BundleProfile
  readonly platform: 'linux/amd64'
  /** Kubernetes version of the node image, with its `v`. */
  readonly kubernetesVersion: string
  /** ISO 8601 instant at which this index was first written. */
  readonly createdAt: string
  readonly entries: readonly BundleEntry[]
}

/** An index that cannot be used. `problems` has one sentence for each defect, in document order. */
export class BundleIndexError extends Error {
  override readonly name = 'BundleIndexError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The bundle index is not valid: ${problems.join('; ')}`)
    this.problems = problems
  }
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const SHA256 = /^[0-9a-f]{64}$/

// A path leaves the bundle's folder if it is absolute or climbs; a backslash is a separator on one platform only.
const staysInside = (path: string): boolean =>
  !path.startsWith('/') &&
  !path.includes('\\') &&
  path.split('/').every((part) => !['', '.', '..'].includes(part))

function textProblems(fields: Fields, names: readonly string[], where: string): string[] {
  return names.filter((name) => !isText(fields[name])).map((name) => `${where} has no text in "${name}"`)
}

function placeProblems(fields: Fields, where: string): string[] {
  const { path, containedIn } = fields
  if ((path === undefined) === (containedIn === undefined))
    return [`${where} must have exactly one of "path" and "containedIn"`]
  if (containedIn !== undefined)
    return fields['kind'] === 'image'
      ? []
      : [`${where} is contained in an image, so its kind must be "image"`]
  return isText(path) && staysInside(path)
    ? []
    : [`${where} has a "path" that is not a relative path inside the bundle`]
}

function identityProblems(fields: Fields, where: string): string[] {
  const { size, sha256 } = fields
  const problems: string[] = []
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    problems.push(`${where} has a "size" that is not a number of bytes`)
  if (!isText(sha256) || !SHA256.test(sha256))
    problems.push(`${where} has a "sha256" that is not 64 lower-case hex digits`)
  return problems
}

function kindProblems(fields: Fields, where: string): string[] {
  const kind = BUNDLE_ENTRY_KINDS.find((known) => known === fields['kind'])
  if (kind === undefined) return [`${where} has a "kind" that is none of ${BUNDLE_ENTRY_KINDS.join(', ')}`]
  const isImage = kind === 'image' || kind === 'node-image'
  return isImage && !isText(fields['reference']) ? [`${where} is an image without a "reference"`] : []
}

function entryProblems(value: unknown, position: number): string[] {
  if (!isFields(value)) return [`entry ${String(position)} is not an object`]
  const where = isText(value['name']) ? `entry "${value['name']}"` : `entry ${String(position)}`
  return [
    ...textProblems(value, ['name', 'version', 'description', 'source'], where),
    ...kindProblems(value, where),
    ...identityProblems(value, where),
    ...placeProblems(value, where),
  ]
}

function relationProblems(entries: readonly Fields[]): string[] {
  const problems: string[] = []
  const names = new Set<unknown>()
  const nodes = new Set(
    entries.filter((entry) => entry['kind'] === 'node-image').map((entry) => entry['name']),
  )
  for (const { name, containedIn } of entries) {
    if (names.has(name)) problems.push(`two entries are named "${shown(name)}"`)
    names.add(name)
    if (containedIn !== undefined && !nodes.has(containedIn))
      problems.push(
        `entry "${shown(name)}" is contained in "${shown(containedIn)}", which is no node-image of this index`,
      )
  }
  return problems
}

function headProblems(index: Fields): string[] {
  const problems = textProblems(index, ['kubernetesVersion'], 'the index')
  if (!BUNDLE_PROFILES.some((profile) => profile === index['profile']))
    problems.push(`the "profile" is none of ${BUNDLE_PROFILES.join(', ')}`)
  if (index['platform'] !== 'linux/amd64') problems.push('the "platform" is not linux/amd64')
  if (!isText(index['createdAt']) || Number.isNaN(Date.parse(index['createdAt'])))
    problems.push('"createdAt" is not an instant')
  return problems
}

function entryOf(fields: Fields): BundleEntry {
  const { name, kind, version, description, source, size, sha256, path, reference, containedIn } =
    fields as unknown as BundleEntry
  return {
    ...{ name, kind, version, description, source, size, sha256 },
    ...(path === undefined ? {} : { path }),
    ...(reference === undefined ? {} : { reference }),
    ...(containedIn === undefined ? {} : { containedIn }),
  }
}

/**
 * Turns a decoded JSON document into an index, dropping fields it does not know.
 * @throws BundleIndexError naming every defect at once; another format version is the only defect reported alone.
 */
export function validateBundleIndex(document: unknown): BundleIndex {
  if (!isFields(document)) throw new BundleIndexError(['it is not a JSON object'])
  if (document['formatVersion'] !== BUNDLE_FORMAT_VERSION)
    throw new BundleIndexError([
      `its format version is ${String(document['formatVersion'])}, and this program reads only ${String(BUNDLE_FORMAT_VERSION)}`,
    ])
  const entries: unknown = document['entries']
  if (!Array.isArray(entries)) throw new BundleIndexError(['"entries" is not a list'])
  const problems = [...headProblems(document), ...entries.flatMap(entryProblems)]
  const fields = entries.filter(isFields)
  problems.push(...relationProblems(fields))
  if (problems.length > 0) throw new BundleIndexError(problems)
  const { profile, kubernetesVersion, createdAt } = document as unknown as BundleIndex
  return {
    ...{
      formatVersion: BUNDLE_FORMAT_VERSION,
      profile,
      platform: 'linux/amd64',
      kubernetesVersion,
      createdAt,
    },
    entries: fields.map(entryOf),
  }
}

/**
 * Parses the text of an index.json.
 * @throws BundleIndexError when it is not JSON or not a valid index.
 */
export function parseBundleIndex(text: string): BundleIndex {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw new BundleIndexError([`it is not JSON (${error instanceof Error ? error.message : String(error)})`])
  }
  return validateBundleIndex(document)
}

/** The text of an index file: stable field order, two spaces, a final newline. */
export function formatBundleIndex(index: BundleIndex): string {
  return `${JSON.stringify(index, undefined, 2)}\n`
}
