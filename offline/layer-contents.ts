// Fills folders with what the layers of component images hold.
import { chmod, copyFile, link, lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runCommand, runInRootfs } from './run-command.ts'

/** A file of a layer: `from` is an absolute path on this machine, `to` a path inside the layer. */
export interface LayerFile {
  readonly from: string
  readonly to: string
  /** Permission bits; an executable's by default. */
  readonly mode?: number
}

/** Links a file into a layer, so that no byte is copied; copies where the file systems differ. */
export async function placeFile(folder: string, file: LayerFile): Promise<void> {
  const target = join(folder, file.to)
  await mkdir(dirname(target), { recursive: true })
  const mode = file.mode ?? 0o755
  // A link shares its mode with the original, so only a file that has the wanted one already may be linked.
  const linkable = ((await lstat(file.from)).mode & 0o7777) === mode
  if (
    linkable &&
    (await link(file.from, target)
      .then(() => true)
      .catch(() => false))
  )
    return
  await copyFile(file.from, target)
  await chmod(target, mode)
}

/** Writes a text file into a layer. */
export async function placeText(folder: string, to: string, text: string, mode = 0o644): Promise<void> {
  const target = join(folder, to)
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, text, { mode })
  await chmod(target, mode)
}

/** What a static program expects around it: a /tmp, name resolution by DNS, and the certificate authorities of `rootfs`. */
export async function placeSurroundings(folder: string, rootfs: string): Promise<void> {
  await mkdir(join(folder, 'tmp'), { recursive: true })
  await chmod(join(folder, 'tmp'), 0o1777)
  await placeText(folder, 'etc/nsswitch.conf', 'hosts: files dns\n')
  await placeText(
    folder,
    'etc/passwd',
    'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n',
  )
  await placeText(folder, 'etc/group', 'root:x:0:\nnogroup:x:65534:\n')
  const authorities = await readFile(join(rootfs, 'etc/ssl/certs/ca-certificates.crt'))
  await mkdir(join(folder, 'etc/ssl/certs'), { recursive: true })
  await writeFile(join(folder, 'etc/ssl/certs/ca-certificates.crt'), authorities)
}

/** The shared libraries that files of a root file system need, as paths inside it, each once and sorted. */
export async function librariesOf(
  rootfs: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const lines: string[] = []
  // ldd fails for a static program, which needs nothing.
  for (const file of files)
    lines.push(...(await runInRootfs(rootfs, ['ldd', file], { signal }).catch(() => [])))
  signal.throwIfAborted()
  return [...new Set(lines.flatMap((line) => /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1] ?? []))].sort()
}

/** Copies files of a root file system, following links at the end of a path, to the same place in a layer. */
export async function placeFromRootfs(
  folder: string,
  rootfs: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, dirname(path)), { recursive: true })
    await runCommand(
      'cp',
      ['--dereference', '--preserve=mode,timestamps', join(rootfs, path), join(folder, path)],
      { signal },
    )
  }
}

/** Links /bin, /sbin and /lib to their places under /usr, as Debian does; the folders must not exist yet. */
export async function mergeUsr(folder: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib']) {
    await mkdir(join(folder, 'usr', name), { recursive: true })
    await symlink(`usr/${name}`, join(folder, name))
  }
}

/** Makes symbolic links in a layer, each pointing to `target`. */
export async function placeLinks(folder: string, target: string, links: readonly string[]): Promise<void> {
  for (const path of links) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await symlink(target, join(folder, path))
  }
}
