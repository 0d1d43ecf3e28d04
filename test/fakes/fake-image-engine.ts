/** A container engine that pulls, tags and saves images in memory. */
import { writeFile } from 'node:fs/promises'
import type { ImageEngine } from '../../src/artifacts/pull.ts'

/** Saves only what has a tag and was pulled, as docker and podman do with a use. */
export class FakeImageEngine implements ImageEngine {
  readonly name = 'podman'
  readonly pulled: string[] = []
  private readonly images = new Set<string>()

  pullImage(reference: string, signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
    signal.throwIfAborted()
    if (/:[^/]+@/.test(reference)) return Promise.reject(new Error('references with a tag and a digest'))
    if (!/^[^/]*[.]/.test(reference)) return Promise.reject(new Error('short names are not resolved'))
    onLine(`Trying to pull ${reference}...`)
    this.pulled.push(reference)
    this.images.add(reference)
    return Promise.resolve()
  }

  tagImage(reference: string, name: string): Promise<void> {
    if (!this.images.has(reference)) return Promise.reject(new Error(`no such image ${reference}`))
    this.images.add(name)
    return Promise.resolve()
  }

  async saveImages(references: readonly string[], path: string): Promise<void> {
    for (const reference of references)
      if (reference.includes('@') || !this.images.has(reference)) throw new Error(`no such tag ${reference}`)
    await writeFile(path, `archive of ${references.join(', ')}`, { flag: 'wx' })
  }
}
