/** The ProcessRunner port on execa: argument arrays, a cleaned environment, bounded capture, never a shell. */
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { constants, platform } from 'node:os'
import { basename } from 'node:path'
import type { ResultPromise } from 'execa'
import { PlayError } from '../domain/errors.ts'
import type { ProcessOptions, ProcessResult, ProcessRunner } from '../domain/ports.ts'
import { TimeoutError } from '../engine/wait.ts'
import { childEnvironment, type Environment } from './child-environment.ts'
import { followOutput, type OutputTail } from './output-tail.ts'

/** ProcessOptions with a file that becomes the child's standard input, whatever its size. */
export interface FileInputOptions extends ProcessOptions {
  readonly inputFile?: string
}

/** Settings of a runner; `env` is the user's environment before cleaning. */
export interface ProcessRunnerSettings {
  readonly env: Environment
  /** Milliseconds between asking a child to end and killing it; 5 s unless told. */
  readonly killGraceMs?: number
  /** Milliseconds for the orderly end of an interrupted child, before it is asked to end like any other; 90 s unless told. */
  readonly interruptGraceMs?: number
}

interface Graces {
  readonly killMs: number
  readonly interruptMs: number
}

type Child = ResultPromise<ReturnType<typeof execaOptions>>

/** Any descriptor will do, but execa's types end at 9. */
type InputDescriptor = 3 | 4 | 5 | 6 | 7 | 8 | 9

/** What is read of execa's result, which has a type for every combination of options. */
interface Ended {
  readonly exitCode?: number | undefined
  readonly signal?: NodeJS.Signals | undefined
  readonly code?: string | undefined
  readonly shortMessage?: string | undefined
  readonly cause?: unknown
}

/** Groups need setsid; a detached child on Windows would open a console window of its own. */
const ownGroup = platform() !== 'win32'

/**
 * Makes the runner. Every child leads a process group of its own: a Ctrl-C in the terminal reaches play
 * alone, and ending a child ends what it started too. stdout and stderr are returned as they came, line
 * ends included, the last mebibyte of each. A child killed by signal N has exit code 128 + N. Children
 * that still run when play exits are killed: nothing may go on working on what play no longer holds a lock for.
 */
export function createProcessRunner(settings: ProcessRunnerSettings): ProcessRunner {
  const endWithUs = killOnExit()
  const graces = { killMs: settings.killGraceMs ?? 5000, interruptMs: settings.interruptGraceMs ?? 90_000 }
  return {
    run: async (file, args, options: FileInputOptions) => {
      options.signal.throwIfAborted()
      const { execa } = await import('execa')
      const input = options.inputFile === undefined ? undefined : await open(options.inputFile)
      try {
        const descriptor = input?.fd as InputDescriptor | undefined
        const start = (): Child => execa(file, args, execaOptions(settings.env, options, descriptor))
        const child = withUmask(options.umask, start)
        const forget = endWithUs(child)
        if (child.pid !== undefined) options.onStart?.(child.pid)
        return await settle(child, file, args, options, graces).finally(forget)
      } finally {
        await input?.close()
      }
    },
  }
}

/** Children inherit what is set while they are started, which takes no turn of the event loop; Node has no option for it. */
function withUmask<T>(umask: number | undefined, start: () => T): T {
  if (umask === undefined) return start()
  const former = process.umask(umask)
  try {
    return start()
  } finally {
    process.umask(former)
  }
}

/** Returns a function that has a child killed when this process exits, which returns how to call that off. */
function killOnExit(): (child: Child) => () => void {
  const running = new Set<Child>()
  const killAll = (): void => {
    for (const child of running) signalGroup(child, 'SIGKILL')
  }
  return (child) => {
    if (running.size === 0) process.on('exit', killAll)
    running.add(child)
    return () => {
      running.delete(child)
      if (running.size === 0) process.off('exit', killAll)
    }
  }
}

// The literal type is what lets execa say that both output streams are there.
function execaOptions(
  env: Environment,
  options: ProcessOptions,
  inputDescriptor: InputDescriptor | undefined,
) {
  return {
    env: childEnvironment(env, options.env),
    extendEnv: false,
    // The child reads an input file by itself. Without any input it gets none: on an open pipe that nobody
    // writes to, a child that reads its input would wait for ever.
    ...(options.input === undefined
      ? { stdin: inputDescriptor ?? ('ignore' as const) }
      : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.argv0 === undefined ? {} : { argv0: options.argv0 }),
    buffer: false,
    reject: false,
    detached: ownGroup,
    windowsHide: true,
  } as const
}

async function settle(
  child: Child,
  file: string,
  args: readonly string[],
  options: FileInputOptions,
  graces: Graces,
): Promise<ProcessResult> {
  const { onLine, timeoutMs } = options
  const stdout = followOutput(child.stdout, 'stdout', onLine)
  const stderr = followOutput(child.stderr, 'stderr', onLine)
  const expiry = timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)]
  const stop = AbortSignal.any([options.signal, ...expiry])
  const endStopping = stopOn(stop, child, options, graces)
  const ended: Ended = await child
  endStopping()
  options.signal.throwIfAborted()
  if (stop.aborted) {
    throw new TimeoutError(
      `${basename(file)} ${args[0] ?? ''}`.trim(),
      timeoutMs ?? 0,
      lastLine(stderr, stdout),
    )
  }
  return { exitCode: exitCodeOf(ended, child, file, options), stdout: stdout.text(), stderr: stderr.text() }
}

/**
 * When `stop` aborts: interrupts the child and waits, or asks its group to end; what does not is killed after a grace.
 * Running out of time is never a mere interrupt. Returns how to call that off.
 */
function stopOn(stop: AbortSignal, child: Child, options: ProcessOptions, graces: Graces): () => void {
  let timer: NodeJS.Timeout | undefined
  const interrupts = (): boolean => options.onAbort === 'interrupt' && options.signal.aborted
  const end = (): void => {
    if (!interrupts()) {
      terminate()
      return
    }
    child.kill('SIGINT')
    timer = setTimeout(terminate, graces.interruptMs)
  }
  const terminate = (): void => {
    signalGroup(child, 'SIGTERM')
    timer = setTimeout(() => {
      signalGroup(child, 'SIGKILL')
      // Whoever left the group and still holds the pipes must not keep us waiting.
      child.stdout.destroy()
      child.stderr.destroy()
    }, graces.killMs)
  }
  if (stop.aborted) end()
  else stop.addEventListener('abort', end, { once: true })
  return () => {
    stop.removeEventListener('abort', end)
    clearTimeout(timer)
    // The child has ended; what it started and did not end itself goes with it.
    if (stop.aborted && !interrupts()) signalGroup(child, 'SIGKILL')
  }
}

function signalGroup(child: Child, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  if (!ownGroup) {
    child.kill(signal)
    return
  }
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The group has ended by itself in the meantime.
  }
}

function exitCodeOf(ended: Ended, child: Child, file: string, options: ProcessOptions): number {
  if (ended.exitCode !== undefined) return ended.exitCode
  if (ended.signal !== undefined) return 128 + constants.signals[ended.signal]
  const cwdIsThere = options.cwd === undefined || existsSync(options.cwd)
  const code = ended.code ?? ''
  if (child.pid === undefined && cwdIsThere && ['ENOENT', 'EACCES'].includes(code)) {
    const details = code === 'EACCES' ? [`${file} is not executable`] : []
    throw PlayError.of(
      'TOOL_MISSING',
      { tool: basename(file), version: '(any version)' },
      { cause: ended, details },
    )
  }
  throw new Error(`${basename(file)} could not be run: ${ended.shortMessage ?? code}`, {
    cause: ended.cause,
  })
}

function lastLine(...tails: readonly OutputTail[]): string | undefined {
  return tails.map((tail) => tail.lastLine()).find((line) => line !== '')
}
