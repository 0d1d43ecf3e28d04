// Checks before anything starts that this machine can build a bundle, and says how to mend what it lacks.
import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { BuildError } from './build-error.ts'
import type { BuildFolders } from './build-folders.ts'
import type { Recipe } from './recipe.ts'
import { runCommand } from './run-command.ts'

const OLDEST_GO = [1, 26, 3] as const

const BYTES_PER_GIGABYTE = 1e9

/** Programs that some recipe calls, with the Debian package that has each. */
const NEEDED_PROGRAMS: ReadonlyMap<string, string> = new Map([
  ['debootstrap', 'debootstrap'],
  ['tar', 'tar'],
  ['unshare', 'util-linux'],
  ['mount', 'mount'],
  ['chroot', 'coreutils'],
  ['find', 'findutils'],
  ['gzip', 'gzip'],
])

async function isOnPath(program: string, path: string): Promise<boolean> {
  const looks = path.split(delimiter).map((folder) =>
    access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    ),
  )
  return (await Promise.all(looks)).includes(true)
}

/** The numbers of `go version`'s answer, e.g. [1, 26, 8]; undefined for anything else. */
export function goNumbers(text: string): readonly number[] | undefined {
  const found = /\bgo(\d+)\.(\d+)(?:\.(\d+))?/.exec(text)
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)]
}

/** True when a Go of these numbers can build every program. */
export function isNewEnoughGo(numbers: readonly number[]): boolean {
  for (const [position, oldest] of OLDEST_GO.entries()) {
    const number = numbers[position] ?? 0
    if (number !== oldest) return number > oldest
  }
  return true
}

/** The installed Go, e.g. `go1.26.8`. @throws BuildError when there is none or it is too old. */
export async function checkGo(signal: AbortSignal): Promise<string> {
  const fix = [`Install Go ${OLDEST_GO.join('.')} or newer and put it on PATH.`]
  const [line = ''] = await runCommand('go', ['version'], { signal, env: { GOTOOLCHAIN: 'local' } }).catch(
    (error: unknown) => {
      signal.throwIfAborted()
      throw new BuildError('the bundle is built with Go, which is not installed', fix, [], error)
    },
  )
  const numbers = goNumbers(line)
  if (numbers === undefined || !isNewEnoughGo(numbers))
    throw new BuildError(`this Go is too old: ${line}`, fix)
  return `go${numbers.join('.')}`
}

/** Checks the user, and brings programs that are missing. @throws BuildError naming everything that could not be had. */
export async function checkHost(
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new BuildError('a bundle is built on Linux on amd64 only', [
      'Where the internet is reachable, no bundle is needed.',
    ])
  if (process.getuid?.() !== 0)
    throw new BuildError('a bundle is built as root: Debian systems are installed and images unpacked', [
      'Run: sudo make bundle',
    ])
  const missing: string[] = []
  for (const program of NEEDED_PROGRAMS.keys())
    if (!(await isOnPath(program, `${env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`)))
      missing.push(program)
  if (missing.length > 0) await installPackages(missing, signal)
}

/** Debian's own packages, installed like doctor's --fix does; elsewhere the error says what to install. */
async function installPackages(missing: readonly string[], signal: AbortSignal): Promise<void> {
  const packages = [...new Set(missing.map((program) => NEEDED_PROGRAMS.get(program) ?? program))]
  try {
    const options = { signal, env: { DEBIAN_FRONTEND: 'noninteractive' } }
    await runCommand('apt-get', ['update', '-qq'], options)
    await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options)
  } catch (error) {
    signal.throwIfAborted()
    throw new BuildError(
      `programs that build the bundle are missing: ${missing.join(', ')}`,
      [`Install the Debian packages ${packages.join(' ')}`],
      [],
      error,
    )
  }
}

/** Gigabytes that must be free before the given recipes are made: what they need while they run, and some air. */
export function neededGigabytes(missing: readonly Recipe[]): number {
  return Math.ceil(missing.reduce((sum, recipe) => sum + recipe.diskGigabytes, missing.length === 0 ? 0 : 1))
}

/** Checks the disk before the first recipe. `cached` is what of the need is on the disk already, in gigabytes. */
export async function checkDisk(
  folders: BuildFolders,
  missing: readonly Recipe[],
  cached: number,
): Promise<void> {
  const needed = Math.max(0, neededGigabytes(missing) - cached)
  if (needed === 0) return
  await mkdir(folders.root, { recursive: true })
  const { bavail, bsize } = await statfs(folders.root)
  const free = (bavail * bsize) / BYTES_PER_GIGABYTE
  if (free >= needed) return
  throw new BuildError(
    `the bundle needs ${String(needed)} GB of free disk in ${folders.root}, and there are ${free.toFixed(1)} GB`,
    [
      `Point XDG_CACHE_HOME at a larger disk, or make room:`,
      `what an earlier build left: rm -rf ${folders.build}`,
      'images and volumes that nothing uses: podman system prune, or docker system prune',
    ],
  )
}
