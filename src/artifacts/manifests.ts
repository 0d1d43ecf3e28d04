// The objects of a component's upstream manifest: from the bundle's JSON, else from the pinned YAML files.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { KubeObject } from '../domain/cluster.ts'
import { PlayError } from '../domain/errors.ts'
import type { Reporter } from '../engine/step.ts'
import { entryFile, findEntry, type Bundle } from './bundle.ts'
import type { Cache } from './cache.ts'
import type { FetchOptions, PinnedFiles } from './pinned-files.ts'
import type { ManifestPin, PinnedFile, Pins } from './pins.ts'

/** What the search for manifests knows and may touch. */
export interface ManifestSearch {
  readonly pins: Pins
  readonly bundle: Bundle | undefined
  readonly offline: boolean
  readonly cache: Cache
  readonly files: PinnedFiles
  readonly offlineError: (what: string) => PlayError
}

const MAX_MANIFEST_BYTES = 32 * 1024 * 1024
/** Enough to hide the round trips of many small files without crowding a proxy. */
const PARALLEL_DOWNLOADS = 4

const sha256Of = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex')

function parseObjects(json: Buffer | string): readonly KubeObject[] {
  const objects: unknown = JSON.parse(json.toString())
  if (!Array.isArray(objects)) throw new Error('it is not a list of objects')
  const strange = objects.findIndex((object: unknown) => !isKubeObject(object))
  if (strange >= 0) throw new Error(`object ${String(strange)} has no apiVersion, kind or name`)
  return objects as KubeObject[]
}

function isKubeObject(value: unknown): value is KubeObject {
  const object = value as Partial<KubeObject> | null | undefined
  return (
    typeof object?.apiVersion === 'string' &&
    typeof object.kind === 'string' &&
    typeof object.metadata?.name === 'string'
  )
}

async function fromBundle(search: ManifestSearch, name: string): Promise<readonly KubeObject[] | undefined> {
  const { bundle } = search
  const entry = bundle && findEntry(bundle, 'manifest', (candidate) => candidate.name === name)
  if (bundle === undefined || entry?.path === undefined) return undefined
  const content = await readFile(await entryFile(bundle, { ...entry, path: entry.path }))
  try {
    // It is read whole anyway, so its sum costs nothing worth saving.
    if (sha256Of(content) !== entry.sha256) throw new Error('wrong content')
    return parseObjects(content)
  } catch (error) {
    const entries = [`${name} (${error instanceof Error ? error.message : String(error)})`]
    throw PlayError.of('BUNDLE_DAMAGED', { path: bundle.folder, entries }, { cause: error })
  }
}

/** Parsing megabytes of YAML takes more than a second, so what comes out is kept, by the sums of what went in. */
const parsedKey = (pin: ManifestPin): string =>
  `objects/1:${pin.files.map((file) => file.sha256 ?? file.url).join(',')}`

async function fromParsed(
  search: ManifestSearch,
  pin: ManifestPin,
): Promise<readonly KubeObject[] | undefined> {
  const receipt = await search.cache.recall(parsedKey(pin))
  const found = receipt && (await search.cache.find(receipt.sha256))
  if (found === undefined) return undefined
  const content = await readFile(found.path)
  return sha256Of(content) === found.sha256 ? parseObjects(content) : undefined
}

async function fetchAll(
  search: ManifestSearch,
  pin: ManifestPin,
  options: FetchOptions,
): Promise<readonly string[]> {
  const { report, ...quiet } = options
  const total = pin.files.length
  const texts = new Array<string>(total)
  const queue = [...pin.files.entries()]
  let done = 0
  const fetchNext = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, file]: [number, PinnedFile] = next
      const cached = await search.files.fetch(file, total === 1 ? options : quiet)
      texts[index] = await readFile(cached.path, 'utf8')
      done += 1
      if (total > 1)
        report?.progress(`${options.what}: ${String(done)} of ${String(total)} files`, done / total)
    }
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL_DOWNLOADS, total) }, fetchNext))
  return texts
}

async function keepParsed(
  search: ManifestSearch,
  pin: ManifestPin,
  objects: readonly KubeObject[],
): Promise<void> {
  const json = JSON.stringify(objects)
  const to = await search.cache.temporary()
  await writeFile(to, json)
  await search.cache.adopt(to, sha256Of(json), 'data')
  await search.cache.remember(parsedKey(pin), sha256Of(json))
}

/** The objects of the pinned manifest, never from a bundle: what a bundle is filled with. */
export async function pinnedObjects(
  search: ManifestSearch,
  name: string,
  signal: AbortSignal,
  report?: Reporter,
): Promise<readonly KubeObject[]> {
  const pin = search.pins.manifests[name]
  if (pin === undefined) throw new Error(`versions.json has no manifest "${name}"`)
  const kept = await fromParsed(search, pin)
  if (kept !== undefined) return kept
  const what = `manifest of ${name} ${pin.version}`
  if (search.offline) {
    const cached = await Promise.all(pin.files.map((file) => search.files.cached(file)))
    if (cached.includes(undefined)) throw search.offlineError(what)
  }
  const texts = await fetchAll(search, pin, {
    what,
    maxBytes: MAX_MANIFEST_BYTES,
    mode: 'data',
    signal,
    ...(report ? { report } : {}),
  })
  const { parseYamlObjects } = await import('./yaml-objects.ts')
  const objects = texts.flatMap((text) => parseYamlObjects(text))
  await keepParsed(search, pin, objects)
  return objects
}

/** The objects of a manifest by its name, from the bundle first. */
export async function findManifest(
  search: ManifestSearch,
  name: string,
  signal: AbortSignal,
  report?: Reporter,
): Promise<readonly KubeObject[]> {
  return (await fromBundle(search, name)) ?? pinnedObjects(search, name, signal, report)
}
