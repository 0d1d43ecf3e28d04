/** A downloader whose internet is a map from address to content. */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { Downloaded, Downloader, DownloadRequest } from '../../src/domain/downloader.ts'
import { PlayError } from '../../src/domain/errors.ts'

/** Passes the contract of the real downloader; an address that is not in the map answers 404. */
export class MemoryDownloader implements Downloader {
  readonly internet = new Map<string, Buffer>()
  /** Addresses asked for, in order. */
  readonly asked: string[] = []

  async download(request: DownloadRequest): Promise<Downloaded> {
    request.signal.throwIfAborted()
    const { url, what } = request
    this.asked.push(url)
    const body = this.internet.get(url)
    if (body === undefined) throw PlayError.of('DOWNLOAD_FAILED', { url, reason: 'the server answered 404' })
    if (body.length > request.maxBytes) throw PlayError.of('DOWNLOAD_FAILED', { url, reason: 'it is larger' })
    const sha256 = createHash('sha256').update(body).digest('hex')
    if (request.sha256 !== undefined && request.sha256 !== sha256)
      throw PlayError.of('CHECKSUM_MISMATCH', { what, expected: request.sha256, actual: sha256 })
    request.report?.progress(what, 1)
    await writeFile(request.to, body)
    return { sha256, size: body.length }
  }
}
