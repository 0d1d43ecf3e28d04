/** The port that runs programs. */

/** One finished child process. */
export interface ProcessResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** How a child process is run. */
export interface ProcessOptions {
  readonly signal: AbortSignal
  readonly timeoutMs?: number
  /** Added to a cleaned environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Name under which the system lists it; its path unless told, which in the cache is that of a digest. */
  readonly argv0?: string
  /** Mode bits that files and folders of the child, and of its own children, never get; the user's setting unless told. */
  readonly umask?: number
  readonly input?: string
  /**
   * What an abort does. `terminate`: SIGTERM, then SIGKILL after a grace. `interrupt`: the child has a process
   * group of its own, so that the terminal's Ctrl-C does not reach it; it gets exactly one SIGINT and its
   * orderly end is awaited (Pulumi takes a second signal as "stop hard").
   */
  readonly onAbort?: 'terminate' | 'interrupt'
  /** Each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** The number of the child, as soon as it runs; never called for one that could not be started. */
  readonly onStart?: (pid: number) => void
}

/** The only way to run a program: an argument array, never a shell string. */
export interface ProcessRunner {
  /** Returns whatever the exit code; throws TOOL_MISSING if the program is not there, TimeoutError, or the abort reason. */
  run(file: string, args: readonly string[], options: ProcessOptions): Promise<ProcessResult>
}
