// Node images and component images: archives from the bundle, or references that the engine and the nodes pull.
import { PlayError } from '../domain/errors.ts'
import type { NodeImage } from '../domain/ports.ts'
import { entryFile, findEntry, type Bundle } from './bundle.ts'
import type { BundleEntry } from './bundle-index.ts'
import type { KubernetesPins } from './pins.ts'

/** What the search for images knows. */
export interface ImageSearch {
  readonly kubernetes: KubernetesPins
  readonly bundle: Bundle | undefined
  readonly offline: boolean
  readonly offlineError: (what: string) => PlayError
}

const withoutV = (version: string): string => version.replace(/^v/, '')

/** The bundle's node image, if it has one. A bundle without one (pulled without an engine) leaves images to the nodes. */
export function bundledNode(bundle: Bundle | undefined): BundleEntry | undefined {
  return bundle && findEntry(bundle, 'node-image', () => true)
}

/** The Kubernetes versions to be had, without a v, newest first: the bundle's one, or those that kind publishes. */
export function availableVersions(search: ImageSearch): readonly string[] {
  if (search.bundle !== undefined && bundledNode(search.bundle) !== undefined)
    return [withoutV(search.bundle.index.kubernetesVersion)]
  return Object.keys(search.kubernetes.images)
}

/** The version used where nobody asks for one. */
export function defaultVersion(search: ImageSearch): string {
  const bundled = bundledNode(search.bundle) && search.bundle?.index.kubernetesVersion
  return withoutV(bundled ?? search.kubernetes.default)
}

/** A whole version, or a minor one ("1.34") for its only release here. */
function chooseVersion(wanted: string, available: readonly string[]): string {
  const version = withoutV(wanted)
  const found = available.find((candidate) => candidate === version || candidate.startsWith(`${version}.`))
  if (found !== undefined && /^\d+\.\d+/.test(version)) return found
  throw PlayError.of('USAGE_KUBERNETES_VERSION', { version, available })
}

/** The node image of that Kubernetes version. Throws USAGE_KUBERNETES_VERSION with what there is. */
export async function findNodeImage(search: ImageSearch, wanted: string): Promise<NodeImage> {
  const kubernetesVersion = chooseVersion(wanted, availableVersions(search))
  const { bundle } = search
  const entry = bundledNode(bundle)
  if (bundle === undefined || entry?.path === undefined) {
    if (search.offline) throw search.offlineError(`the node image of Kubernetes ${kubernetesVersion}`)
    return { reference: search.kubernetes.images[kubernetesVersion] ?? '', kubernetesVersion, contains: [] }
  }
  return {
    reference: entry.reference ?? '',
    kubernetesVersion,
    archive: await entryFile(bundle, { ...entry, path: entry.path }),
    contains: bundle.index.entries.flatMap(({ containedIn, reference }) =>
      containedIn === entry.name && reference !== undefined ? [reference] : [],
    ),
  }
}

/** Archive of a component image, or undefined when it is inside the node image or the nodes are to pull it. */
export async function findImage(search: ImageSearch, reference: string): Promise<string | undefined> {
  const { bundle } = search
  const entry = bundle && findEntry(bundle, 'image', (candidate) => candidate.reference === reference)
  if (bundle === undefined || entry === undefined) {
    if (search.offline) throw search.offlineError(`the image ${reference}`)
    return undefined
  }
  return entry.path === undefined ? undefined : entryFile(bundle, { ...entry, path: entry.path })
}

/** True where the bundle holds the image in any form, or where nodes pull for themselves. */
export function canHaveImage(bundle: Bundle | undefined, reference: string): boolean {
  if (bundle === undefined || bundledNode(bundle) === undefined) return true
  return findEntry(bundle, 'image', (entry) => entry.reference === reference) !== undefined
}
