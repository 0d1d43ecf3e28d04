// Runs the programs that the kit stands on, and turns their failures into errors with their last lines.
import { execa } from 'execa'
import { BuildError } from './build-error.ts'

/** How many of a failing program's last lines its error carries. */
const TAIL_LINES = 40

const MOST_LINES = 5000

/** Where programs are in every root file system of the kit. */
export const ROOTFS_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Settings of one call. */
export interface CommandOptions {
  readonly signal: AbortSignal
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** True when the program is to see `env` alone; otherwise `env` is added to this process's own. */
  readonly isolated?: boolean
}

function failure(file: string, args: readonly string[], why: string, tail: readonly string[]): BuildError {
  const shown = [file, ...args].join(' ')
  const command = shown.length > 200 ? `${shown.slice(0, 200)}…` : shown
  return new BuildError(`${file} ${why}: ${command}`, [], tail)
}

/**
 * Runs a program to its end without a shell. Standard output and error are mixed, line by line.
 * @returns all lines of its output, at least the last 5,000.
 * @throws BuildError with the last lines when it cannot start or ends with another code than 0; the signal's reason when aborted.
 */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string[]> {
  const { signal, cwd, env, isolated = false } = options
  signal.throwIfAborted()
  const lines: string[] = []
  const child = execa(file, args, {
    ...(cwd === undefined ? {} : { cwd }),
    ...{ env: { LC_ALL: 'C.UTF-8', ...env }, extendEnv: !isolated, stdin: 'ignore' },
    ...{ all: true, buffer: false, reject: false, cancelSignal: signal, forceKillAfterDelay: 2000 },
  })
  for await (const line of child.iterable({ from: 'all' })) {
    lines.push(line)
    if (lines.length > 2 * MOST_LINES) lines.splice(0, MOST_LINES)
  }
  const { exitCode, shortMessage } = await child
  signal.throwIfAborted()
  if (exitCode === 0) return lines
  const why =
    exitCode === undefined
      ? `did not run (${shortMessage ?? 'no exit code'})`
      : `failed with exit code ${String(exitCode)}`
  throw failure(file, args, why, lines.slice(-TAIL_LINES))
}

/** Runs a program inside a root file system, with nothing of this machine's environment. */
export function runInRootfs(
  rootfs: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string[]> {
  return runCommand('chroot', [rootfs, ...args], {
    ...options,
    ...{ isolated: true, env: { PATH: ROOTFS_PATH, HOME: '/root', ...options.env } },
  })
}
