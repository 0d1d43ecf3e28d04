/** The verbs of `play bundle`: list, verify, pull. Plain functions on a port, plain objects as answers. */
import { PlayError } from '../domain/errors.ts'
import type { Reporter } from '../engine/step.ts'

/** An entry of a bundle as its index tells of it. */
export interface BundleEntryView {
  readonly name: string
  readonly kind: string
  readonly version: string
  readonly description: string
  readonly source: string
  readonly size: number
  readonly sha256: string
  readonly containedIn?: string
}

/** An open bundle. */
export interface BundleView {
  readonly folder: string
  readonly index: {
    readonly profile: string
    readonly platform: string
    readonly kubernetesVersion: string
    readonly createdAt: string
    readonly entries: readonly BundleEntryView[]
  }
}

/** The bundles of this machine, as far as these verbs need them. `Engine` saves images; it is only passed on. */
export interface BundlePort<Bundle extends BundleView, Engine> {
  readonly folders: readonly string[]
  open(): Promise<Bundle | undefined>
  check(
    bundle: Bundle,
    signal: AbortSignal,
    onBytes: (count: number) => void,
  ): Promise<
    readonly { readonly entry: BundleEntryView; readonly status: EntryStatus; readonly detail: string }[]
  >
  pull(options: {
    readonly kubernetesVersion?: string
    readonly engine?: Engine
    readonly signal: AbortSignal
    readonly report: Reporter
  }): Promise<Bundle>
}

export type EntryStatus = 'ok' | 'damaged' | 'missing'

/** A row of `play bundle list`. */
export interface BundleRow {
  readonly name: string
  readonly kind: string
  readonly version: string
  readonly sizeBytes: number
  /** What it really is. */
  readonly description: string
  readonly source: string
  /** The entry that carries this one; null for a file of its own. */
  readonly inside: string | null
}

/** A bundle as a person sees it. */
export interface BundleListing {
  readonly folder: string
  readonly profile: string
  readonly platform: string
  /** Without a v. */
  readonly kubernetesVersion: string
  readonly createdAt: string
  /** Bytes of its files. */
  readonly sizeBytes: number
  /** False for one that leaves node and component images to the engine and the nodes. */
  readonly hasImages: boolean
  readonly rows: readonly BundleRow[]
}

/** The answer of `play bundle list`. */
export interface BundleList {
  /** Null when there is none. */
  readonly bundle: BundleListing | null
  readonly looked: readonly string[]
}

/** The answer of `play bundle verify`. */
export interface BundleVerification {
  readonly folder: string
  readonly ok: boolean
  readonly rows: readonly {
    readonly name: string
    readonly kind: string
    readonly status: EntryStatus
    readonly detail: string
  }[]
}

const sizeOfFiles = (entries: readonly BundleEntryView[]): number =>
  entries.reduce((sum, { size, containedIn }) => (containedIn === undefined ? sum + size : sum), 0)

function toListing({ folder, index }: BundleView): BundleListing {
  const { profile, platform, createdAt, entries } = index
  return {
    folder,
    profile,
    platform,
    kubernetesVersion: index.kubernetesVersion.replace(/^v/, ''),
    createdAt,
    sizeBytes: sizeOfFiles(entries),
    hasImages: entries.some(({ kind }) => kind === 'node-image'),
    rows: entries.map(({ name, kind, version, size, description, source, containedIn }) => ({
      name,
      kind,
      version,
      sizeBytes: size,
      description,
      source,
      inside: containedIn ?? null,
    })),
  }
}

/** What the bundle in use holds. Reads its index only; throws BUNDLE_INVALID. */
export async function listBundle<Bundle extends BundleView, Engine>(
  port: BundlePort<Bundle, Engine>,
): Promise<BundleList> {
  const bundle = await port.open()
  return { bundle: bundle === undefined ? null : toListing(bundle), looked: port.folders }
}

/** Reads every file of the bundle in use and compares its sum. Throws BUNDLE_INVALID, also when there is no bundle. */
export async function verifyBundle<Bundle extends BundleView, Engine>(
  port: BundlePort<Bundle, Engine>,
  options: { readonly signal: AbortSignal; readonly report: Reporter },
): Promise<BundleVerification> {
  const bundle = await port.open()
  if (bundle === undefined) {
    const path = port.folders.join(', ')
    throw PlayError.of(
      'BUNDLE_INVALID',
      { path, reason: 'there is none' },
      { suggestions: ['make bundle', 'play bundle pull'] },
    )
  }
  const total = sizeOfFiles(bundle.index.entries)
  let read = 0
  const checks = await port.check(bundle, options.signal, (count) => {
    read += count
    const gigabytes = `${(read / 1e9).toFixed(2)} of ${(total / 1e9).toFixed(2)} GB`
    options.report.progress(`read ${gigabytes}`, total === 0 ? undefined : read / total)
  })
  const rows = checks.map(({ entry, status, detail }) => ({
    name: entry.name,
    kind: entry.kind,
    status,
    detail,
  }))
  return { folder: bundle.folder, ok: rows.every(({ status }) => status === 'ok'), rows }
}

/** BUNDLE_DAMAGED naming every entry that is not ok, for the exit code after the table; undefined when all are. */
export function damageOf(verification: BundleVerification): PlayError | undefined {
  if (verification.ok) return undefined
  const bad = verification.rows.filter(({ status }) => status !== 'ok')
  const entries = bad.map(({ name, status }) => `${name} (${status})`)
  const details = bad.map(({ name, detail }) => `${name}: ${detail}`)
  return PlayError.of('BUNDLE_DAMAGED', { path: verification.folder, entries }, { details })
}

/**
 * Makes or renews the core bundle from the internet. Without an engine it holds programs and manifests only, and
 * `hasImages` says so. Throws DOWNLOAD_FAILED, CHECKSUM_MISMATCH, USAGE_KUBERNETES_VERSION, or what the engine throws.
 */
export async function pullBundle<Bundle extends BundleView, Engine>(
  port: BundlePort<Bundle, Engine>,
  options: {
    readonly kubernetesVersion?: string
    readonly engine?: Engine
    readonly signal: AbortSignal
    readonly report: Reporter
  },
): Promise<BundleListing> {
  return toListing(await port.pull(options))
}
