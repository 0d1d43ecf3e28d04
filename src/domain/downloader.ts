/** The port that fetches files; src/adapters/verified-downloader.ts implements it. */
import type { Reporter } from '../engine/step.ts'

/** One file to fetch. */
export interface DownloadRequest {
  readonly url: string
  /** For a person: "kind 0.32.0". */
  readonly what: string
  /** Final path in a folder that exists. It appears only whole, durable and, where a sum is given, verified. */
  readonly to: string
  /** Lower-case hex. Without it nothing is claimed about the content. */
  readonly sha256?: string
  /** A larger file is refused. */
  readonly maxBytes: number
  readonly signal: AbortSignal
  readonly report?: Reporter
}

/** What was fetched. */
export interface Downloaded {
  readonly sha256: string
  readonly size: number
}

/** Fetches files over https. Throws DOWNLOAD_FAILED, CHECKSUM_MISMATCH, or the abort reason; leaves nothing behind then. */
export interface Downloader {
  download(request: DownloadRequest): Promise<Downloaded>
}
