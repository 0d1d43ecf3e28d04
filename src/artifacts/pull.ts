// Fills a bundle from the pins, where the internet is reachable.
import { constants } from 'node:fs'
import { copyFile, link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PlayError } from '../domain/errors.ts'
import type { ToolName } from '../domain/ports.ts'
import type { Reporter } from '../engine/step.ts'
import { openBundle, type Bundle } from './bundle.ts'
import { BUNDLE_INDEX_FILE, formatBundleIndex, type BundleEntry, type BundleIndex } from './bundle-index.ts'
import type { Cache, CachedFile } from './cache.ts'
import { fileSha256 } from './file-hash.ts'
import { pinnedObjects, type ManifestSearch } from './manifests.ts'
import type { ImagePin, Pins, Platform } from './pins.ts'
import { pinnedProgram, type ToolSearch } from './tools.ts'

/** What a container engine must do for a bundle to hold images. */
export interface ImageEngine {
  readonly name: string
  /** Pulls by tag or digest; `onLine` hears the engine's progress. */
  pullImage(reference: string, signal: AbortSignal, onLine: (line: string) => void): Promise<void>
  /** Gives an image that is there another name. */
  tagImage(reference: string, name: string, signal: AbortSignal): Promise<void>
  /** Writes images into a new docker archive at `path`. */
  saveImages(references: readonly string[], path: string, signal: AbortSignal): Promise<void>
}

/** What a pull may use. */
export interface PullMeans {
  readonly pins: Pins
  readonly platform: string
  readonly cache: Cache
  readonly tools: ToolSearch
  readonly manifests: ManifestSearch
  readonly now: () => number
  /** Without one the bundle holds programs and manifests, and nodes pull their images. */
  readonly engine?: ImageEngine
}

/** One pull. */
export interface PullRequest {
  /** The finished bundle's folder; what is there is replaced in one step at the end. */
  readonly folder: string
  /** Without a v; one of the pins. */
  readonly kubernetesVersion: string
  readonly signal: AbortSignal
  readonly report: Reporter
}

/** kubectl is not among them: `up` and `hello` do without it. */
const TOOLS: readonly ToolName[] = ['kind', 'pulumi']
/** The manifests of the core profile. */
const MANIFESTS = ['argo-cd', 'argo-workflows'] as const

/** A pull under way: what to do, with what, and the folder that is being filled. */
interface Pull extends PullRequest {
  readonly means: PullMeans
  readonly staging: string
  /** The bundle that will be replaced; its images are kept where they are still right. */
  readonly former: Bundle | undefined
}

async function describeFile(
  pull: Pull,
  entry: Omit<BundleEntry, 'size' | 'sha256'> & { path: string },
): Promise<BundleEntry> {
  const path = join(pull.staging, entry.path)
  const sha256 = await fileSha256(path, { signal: pull.signal })
  return { ...entry, size: (await stat(path)).size, sha256 }
}

/** Copies a cached program and reads the copy back: a bundle must not inherit a disk's damage. */
async function copyProgram(pull: Pull, program: CachedFile, to: string): Promise<boolean> {
  await copyFile(program.path, to, constants.COPYFILE_FICLONE)
  if ((await fileSha256(to, { signal: pull.signal })) === program.sha256) return true
  await pull.means.cache.discard(program.sha256)
  return false
}

async function addTool(pull: Pull, name: ToolName): Promise<BundleEntry> {
  const { pins, platform, tools } = pull.means
  const path = `tools/${name}`
  const to = join(pull.staging, path)
  const fetchOne = (): Promise<CachedFile> => pinnedProgram(tools, name, pull.signal, pull.report)
  const copied =
    (await copyProgram(pull, await fetchOne(), to)) || (await copyProgram(pull, await fetchOne(), to))
  if (!copied) throw new Error(`the copy of ${name} differs from its source twice`)
  const pin = pins.tools[name]
  return describeFile(pull, {
    name,
    kind: 'tool',
    version: `v${pin.version}`,
    description: `${name} ${pin.version}, its vendor's release for ${platform}`,
    source: pin.downloads[platform as Platform]?.url ?? '',
    path,
  })
}

async function addManifest(pull: Pull, name: string): Promise<BundleEntry> {
  const { manifests, pins } = pull.means
  const objects = await pinnedObjects(manifests, name, pull.signal, pull.report)
  const pin = pins.manifests[name]
  const path = `manifests/${name}.json`
  await writeFile(join(pull.staging, path), JSON.stringify(objects))
  return describeFile(pull, {
    name,
    kind: 'manifest',
    version: pin?.version ?? '',
    description: `upstream's install manifest of ${name}, unchanged, as ${String(objects.length)} objects`,
    source: pin?.files[0]?.url ?? '',
    path,
  })
}

/** "docker.io/kindest/node" for "kindest/node:v1.34.8@sha256:…": podman guesses no registry and takes no tag with a digest. */
function repositoryOf(reference: string): string {
  const plain = reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
  const [host = '', ...path] = plain.split('/')
  return path.length > 0 && /[.:]|^localhost$/.test(host) ? plain : `docker.io/${plain}`
}

type ImageEntry = Pick<BundleEntry, 'name' | 'kind' | 'version' | 'description' | 'source'> & {
  readonly reference: string
}

/** Links the archive of a former pull of the very same image, if it is still whole. */
async function keepImage(pull: Pull, wanted: ImageEntry): Promise<BundleEntry | undefined> {
  const { former } = pull
  const entry = former?.index.entries.find(
    ({ name, source, reference }) =>
      name === wanted.name && source === wanted.source && reference === wanted.reference,
  )
  // A tag without a digest may have moved since.
  if (former === undefined || entry?.path === undefined || !entry.source.includes('@sha256:'))
    return undefined
  const path = join(former.folder, entry.path)
  const sum = await fileSha256(path, { signal: pull.signal }).catch(() => '')
  if (sum !== entry.sha256) return undefined
  const to = join(pull.staging, entry.path)
  await link(path, to).catch(() => copyFile(path, to, constants.COPYFILE_FICLONE))
  return entry
}

async function addImage(pull: Pull, engine: ImageEngine, wanted: ImageEntry): Promise<BundleEntry> {
  const kept = await keepImage(pull, wanted)
  if (kept !== undefined) return kept
  const { signal, report } = pull
  const digest = /@(sha256:.*)$/.exec(wanted.source)?.[1]
  const repository = repositoryOf(wanted.reference)
  const tag = /:([^/:]+)$/.exec(wanted.reference)?.[1] ?? 'latest'
  const pulled = digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`
  const path = `images/${wanted.name}.tar`
  report.progress(`${engine.name}: pulling ${pulled}`)
  await engine.pullImage(pulled, signal, (line) => {
    report.log(line, engine.name)
  })
  // An image that was pulled by digest has no tag, and an archive without a tag loads as an image without a name.
  if (digest !== undefined) await engine.tagImage(pulled, `${repository}:${tag}`, signal)
  report.progress(`${engine.name}: saving ${wanted.reference}`)
  await engine.saveImages([`${repository}:${tag}`], join(pull.staging, path), signal)
  return describeFile(pull, { ...wanted, path })
}

function nodeEntry(pins: Pins, kubernetesVersion: string): ImageEntry {
  const source = pins.kubernetes.images[kubernetesVersion] ?? ''
  const kind = pins.tools.kind.version
  return {
    name: 'node',
    kind: 'node-image',
    version: `v${kubernetesVersion}`,
    description: `kind's own node image with Kubernetes ${kubernetesVersion}, published with kind ${kind}`,
    source,
    reference: source.replace(/@.*$/, ''),
  }
}

function componentEntry(pin: ImagePin): ImageEntry {
  const { name, version, reference, digest } = pin
  const source = digest === undefined ? reference : `${reference}@${digest}`
  return { name, kind: 'image', version, description: `upstream's image ${reference}`, source, reference }
}

async function addImages(pull: Pull, engine: ImageEngine): Promise<readonly BundleEntry[]> {
  const { pins } = pull.means
  const wanted = [nodeEntry(pins, pull.kubernetesVersion), ...pins.images.map(componentEntry)]
  const entries: BundleEntry[] = []
  // One after the other: they share one line to the registry and one engine.
  for (const image of wanted) entries.push(await addImage(pull, engine, image))
  return entries
}

async function addEntries(pull: Pull): Promise<readonly BundleEntry[]> {
  for (const folder of ['tools', 'manifests', 'images'])
    await mkdir(join(pull.staging, folder), { recursive: true })
  const entries: BundleEntry[] = []
  for (const name of TOOLS) entries.push(await addTool(pull, name))
  for (const name of MANIFESTS) entries.push(await addManifest(pull, name))
  const { engine } = pull.means
  return engine === undefined ? entries : [...entries, ...(await addImages(pull, engine))]
}

/** Puts the finished folder in its place; what was there goes, and comes back if the last step fails. */
async function install(staging: string, folder: string, aside: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const replaced = await rename(folder, aside).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    },
  )
  try {
    await rename(staging, folder)
  } catch (error) {
    if (replaced) await rename(aside, folder)
    throw error
  }
  await rm(aside, { recursive: true, force: true })
}

/** Names and sums of the content: what makes two bundles the same. */
const contentOf = (index: BundleIndex): string =>
  JSON.stringify([index.kubernetesVersion, index.entries.map(({ name, sha256 }) => [name, sha256])])

/**
 * Makes or renews the bundle in `folder`: programs and manifests from the pins, and, with an engine, the node image
 * and the component images. The bundle appears whole or not at all. Throws what a download or the engine throws, and
 * USAGE_INVALID on a machine that the index format has no name for.
 */
export async function pullBundle(means: PullMeans, request: PullRequest): Promise<Bundle> {
  const { folder, kubernetesVersion } = request
  const platform: BundleIndex['platform'] = 'linux/amd64'
  if (means.platform !== platform)
    throw PlayError.of('USAGE_INVALID', {
      reason: `Bundles exist for ${platform} only; this machine is ${means.platform}`,
    })
  const available = Object.keys(means.pins.kubernetes.images)
  if (!available.includes(kubernetesVersion))
    throw PlayError.of('USAGE_KUBERNETES_VERSION', { version: kubernetesVersion, available })
  // A damaged one is what a pull repairs, so it counts as none.
  const former = await openBundle(folder).catch(() => undefined)
  const staging = await means.cache.temporary()
  const aside = await means.cache.temporary()
  try {
    const entries = await addEntries({ ...request, means, staging, former })
    const index: BundleIndex = {
      formatVersion: 1,
      profile: 'core',
      platform,
      kubernetesVersion: `v${kubernetesVersion}`,
      createdAt: new Date(means.now()).toISOString(),
      entries,
    }
    const same = former !== undefined && contentOf(former.index) === contentOf(index)
    const finished = same ? { ...index, createdAt: former.index.createdAt } : index
    await writeFile(join(staging, BUNDLE_INDEX_FILE), formatBundleIndex(finished))
    await install(staging, folder, aside)
    return { folder, index: finished }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}
