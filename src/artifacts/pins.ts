// What assets/versions.json says: everything from outside that play may fetch, by version, address and sha256.
import { readFile } from 'node:fs/promises'
import type { ToolName } from '../domain/ports.ts'

/** Version of the format of versions.json that this program reads. */
const PINS_FORMAT_VERSION = 1

/** The machines that play fetches programs for, in the words of Go's GOOS and GOARCH. */
export type Platform = 'linux/amd64' | 'linux/arm64' | 'darwin/amd64' | 'darwin/arm64'

/** Where a file is. Every address serves the same bytes; mirrors are tried in order when `url` fails. */
interface Address {
  readonly url: string
  readonly mirrors?: readonly string[]
}

/**
 * One file and what proves that it is the right one: either its sha256, known to this version of play, or the
 * address of the vendor's own checksum document, which is trusted on first use and remembered after that.
 */
export type PinnedFile = Address &
  (
    | { readonly sha256: string; readonly checksumUrl?: never }
    | { readonly checksumUrl: string; readonly sha256?: never }
  )

/** Versions from `from` on and before `below`, without a v. */
export interface VersionRange {
  readonly from: string
  readonly below: string
}

/** A program: the version that is fetched, and the versions that a person may bring instead. */
export interface ToolPin {
  /** Without a v. */
  readonly version: string
  readonly accepts: VersionRange
  /** For a reader of the diff: where the sums come from. */
  readonly provenance: string
  /** `member` is the program's name inside a tar.gz archive; absent when the file is the program. */
  readonly downloads: Readonly<Partial<Record<Platform, PinnedFile & { readonly member?: string }>>>
}

/** The node images that go with the pinned version of kind: each release publishes its own, to be named by digest. */
export interface KubernetesPins {
  /** Used where nobody asks for a version. */
  readonly default: string
  readonly provenance: string
  /** Kubernetes version without a v to image@digest; newest first. */
  readonly images: Readonly<Record<string, string>>
}

/** A component's upstream manifest: its files in the order in which their objects are listed. */
export interface ManifestPin {
  readonly version: string
  readonly provenance: string
  readonly files: readonly PinnedFile[]
}

/** A component image that a pulled bundle holds. Without `digest` the tag is trusted. */
export interface ImagePin {
  readonly name: string
  readonly version: string
  /** As manifests name it. */
  readonly reference: string
  readonly digest?: string
}

/** The whole of versions.json. */
export interface Pins {
  readonly formatVersion: typeof PINS_FORMAT_VERSION
  readonly tools: Readonly<Record<ToolName, ToolPin>>
  readonly kubernetes: KubernetesPins
  readonly manifests: Readonly<Record<string, ManifestPin>>
  readonly images: readonly ImagePin[]
}

/** Parses versions.json. It ships with play and its content is proven by tests, so only the format is checked here. */
export function parsePins(text: string): Pins {
  const pins = JSON.parse(text) as Pins
  const format: number = pins.formatVersion
  if (format !== PINS_FORMAT_VERSION)
    throw new Error(
      `versions.json has format ${String(format)}; this program reads ${String(PINS_FORMAT_VERSION)}`,
    )
  return pins
}

/** Reads the pins from the file at `path`, which is assets/versions.json of the package. */
export async function loadPins(path: string): Promise<Pins> {
  return parsePins(await readFile(path, 'utf8'))
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * The platform that Node calls `os` and `arch` (process.platform and process.arch). A machine that play fetches
 * nothing for keeps a name that no pin has, so that everything else still works there.
 */
export function platformOf(os: string, arch: string): string {
  return `${os}/${ARCHITECTURES[arch] ?? arch}`
}
