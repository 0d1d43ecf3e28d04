// Makes a Debian root file system with debootstrap and takes out what nothing in it needs.
import { glob, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildError } from './build-error.ts'
import type { DebianSystem } from './debian-systems.ts'
import { runCommand, runInRootfs } from './run-command.ts'

/** Where Debian's packages come from: the machine's own setting, so that a mirror set for apt serves here too. */
async function debianMirror(aptFolder = '/etc/apt'): Promise<string | undefined> {
  const files = [join(aptFolder, 'sources.list')]
  for await (const file of glob(join(aptFolder, 'sources.list.d/*.{list,sources}'))) files.push(file)
  for (const file of files.sort()) {
    const text = await readFile(file, 'utf8').catch(() => '')
    const found = mirrorIn(text)
    if (found !== undefined) return found
  }
  return undefined
}

/** The first Debian main archive that the text of an apt source file names, in either of its two styles. */
export function mirrorIn(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => !line.trim().startsWith('#'))
  for (const line of lines) {
    const address = /^(?:deb\s+(?:\[[^\]]*\]\s+)?|URIs:\s*)(https?:\/\/\S+)/.exec(line)?.[1]
    if (address !== undefined && /\/debian\/?$/.test(address)) return address
  }
  return undefined
}

async function removePaths(rootfs: string, patterns: readonly string[]): Promise<void> {
  for (const pattern of patterns) {
    for await (const path of glob(pattern, { cwd: rootfs }))
      await rm(join(rootfs, path), { recursive: true, force: true })
  }
}

// What a package left behind for a program that is gone would only confuse; a program that lost a library must not ship.
async function checkLibraries(rootfs: string, signal: AbortSignal): Promise<void> {
  const script =
    'find /usr/bin /usr/sbin /usr/lib/git-core /usr/lib/systemd -type f -perm /111 2>/dev/null | ' +
    "xargs ldd 2>/dev/null | awk '/^\\//{file=$1} /not found/{print file, $1}'"
  const missing = await runInRootfs(rootfs, ['/bin/sh', '-c', script], { signal })
  if (missing.length > 0)
    throw new BuildError('the Debian system lost libraries that its programs need', [], missing.slice(0, 40))
}

/** Makes the system in the folder `target`, which must not exist yet. Takes about two minutes. */
export async function makeRootfs(system: DebianSystem, target: string, signal: AbortSignal): Promise<void> {
  const partial = `${target}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { recursive: true })
  const mirror = await debianMirror()
  const args = ['--variant=minbase', `--include=${system.packages.join(',')}`, system.suite, partial]
  await runCommand('debootstrap', mirror === undefined ? args : [...args, mirror], { signal })
  await removePaths(partial, system.remove)
  await checkLibraries(partial, signal)
  // Engines bring their own devices, and a device would look like a removed file inside an unpacked image.
  await removePaths(partial, ['dev/*'])
  await writeFile(join(partial, 'etc/resolv.conf'), '')
  await writeFile(join(partial, 'etc/hostname'), 'localhost\n')
  await moveOutOfVar(partial, 'var/lib/dpkg', 'usr/lib/dpkg-database')
  await rename(partial, target)
}

/** Moves a folder out of /var, which kind copies into a volume for every node, and leaves a link in its place. */
async function moveOutOfVar(rootfs: string, from: string, to: string): Promise<void> {
  await mkdir(join(rootfs, to, '..'), { recursive: true })
  await rename(join(rootfs, from), join(rootfs, to))
  await symlink(`/${to}`, join(rootfs, from))
}
