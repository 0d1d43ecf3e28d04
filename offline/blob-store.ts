// Keeps files by the sha256 of their content; what is in here is complete, or it is not here at all.
import { chmod, copyFile, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256OfFile } from './image-archive.ts'
import type { MadeFile, Output } from './recipe.ts'

/** Makes a file's content survive a power cut. */
export async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The blobs under one folder. */
export class BlobStore {
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** Where the blob of a digest is, whether or not it is there. */
  pathOf(sha256: string): string {
    return join(this.folder, sha256)
  }

  /** True when a file of that digest and size is there; its content is not read. */
  async has(output: Output): Promise<boolean> {
    const found = await stat(this.pathOf(output.sha256)).catch(() => undefined)
    return found?.isFile() === true && found.size === output.size
  }

  /** True when the content, read in full, still has the digest and size. */
  async isSound(output: Output, signal: AbortSignal): Promise<boolean> {
    if (!(await this.has(output))) return false
    return (await sha256OfFile(this.pathOf(output.sha256), signal)) === output.sha256
  }

  /** Takes a blob away, e.g. because its content is damaged. */
  async remove(sha256: string): Promise<void> {
    await rm(this.pathOf(sha256), { force: true })
  }

  /** Takes away every blob but the given ones. Bundles have links of their own and keep what they name. */
  async keepOnly(sha256: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.folder)) if (!sha256.has(name)) await this.remove(name)
  }

  /** Takes a file in: moves it where the file system allows, else copies. On return it is durable under its digest. */
  async take(made: MadeFile, signal: AbortSignal): Promise<Output> {
    const sha256 = await sha256OfFile(made.file, signal)
    const { size } = await stat(made.file)
    const output: Output = { name: made.name, sha256, size, executable: made.executable }
    await mkdir(this.folder, { recursive: true })
    const partial = `${this.pathOf(sha256)}.partial-${String(process.pid)}`
    await rm(partial, { force: true })
    await link(made.file, partial).catch(() => copyFile(made.file, partial))
    await chmod(partial, made.executable ? 0o755 : 0o644)
    await syncToDisk(partial)
    await rename(partial, this.pathOf(sha256))
    await syncToDisk(this.folder)
    return output
  }
}
