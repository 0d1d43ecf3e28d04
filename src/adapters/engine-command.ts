/** Runs the command line of docker or podman, and reads their failures: absent, down, or failed. */
import { PlayError } from '../domain/errors.ts'
import type { ProcessResult, ProcessRunner } from '../domain/ports.ts'
import { TimeoutError } from '../engine/wait.ts'
import type { FileInputOptions } from './execa-process-runner.ts'

/** The engines that play knows. */
export type EngineName = 'docker' | 'podman'

/** How long an engine may take for each kind of request, milliseconds. */
export const enginePatience = {
  /** A question: answered in a tenth of a second, unless the machine is drowning in work. */
  read: 30_000,
  /** Starting and removing: a node has systemd to stop and gigabytes to unlink. */
  change: 120_000,
  /** Loading an image, and commands inside a node, which import images. */
  long: 900_000,
} as const

/** One request to an engine. */
interface EngineRequest {
  /** Completes "docker could not …". */
  readonly what: string
  readonly args: readonly string[]
  readonly signal: AbortSignal
  readonly timeoutMs?: number
  readonly inputFile?: string
}

/**
 * What docker (20.10 to 28) and podman (4 and 5) say when the daemon, or podman's machine, does not answer. The
 * nil pointer is what `docker info` of 20.10 runs into then.
 */
const downWords =
  /nil pointer to embedded struct field Info|cannot connect to (the docker daemon|podman)|failed to connect to the docker api|error during connect|unable to connect to podman|permission denied while trying to connect/i

/** What both say of a container, volume, image, network or object that is not there. */
const absentWords =
  /no such (container|volume|image|object|network)|image not known|network not found|network \S+ not found/i

/** True when an engine's failure says that what was asked for is not there. */
export function saysAbsent(result: ProcessResult): boolean {
  return result.exitCode !== 0 && absentWords.test(result.stderr)
}

/** The command line of one engine. `environment` is added to what its process sees. */
export class EngineCommand {
  readonly name: EngineName
  private readonly processes: ProcessRunner
  private readonly environment: Readonly<Record<string, string>>

  constructor(
    name: EngineName,
    processes: ProcessRunner,
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.name = name
    this.processes = processes
    this.environment = environment
  }

  /** The output of a request that must succeed. Throws ENGINE_FAILED, ENGINE_DOWN or ENGINE_MISSING. */
  async output(request: EngineRequest): Promise<string> {
    const result = await this.run(request)
    if (result.exitCode !== 0) throw this.failure(request.what, result)
    return result.stdout
  }

  /** The output, or undefined when the engine says that what is asked for is not there. Throws like output. */
  async outputIfThere(request: EngineRequest): Promise<string | undefined> {
    const result = await this.run(request)
    if (result.exitCode === 0) return result.stdout
    if (saysAbsent(result)) return undefined
    throw this.failure(request.what, result)
  }

  /** Whatever came of it. Throws ENGINE_DOWN when nobody answers, in words or in time, and ENGINE_MISSING. */
  async run(request: EngineRequest): Promise<ProcessResult> {
    const { args, signal, timeoutMs = enginePatience.read, inputFile } = request
    const options: FileInputOptions = {
      signal,
      timeoutMs,
      env: this.environment,
      ...(inputFile === undefined ? {} : { inputFile }),
    }
    try {
      const result = await this.processes.run(this.name, args, options)
      if (result.exitCode !== 0 && downWords.test(result.stderr)) throw this.down(result.stderr)
      return result
    } catch (error) {
      throw this.translate(error, timeoutMs)
    }
  }

  /** The error of a request that failed, with the engine's last words. */
  failure(what: string, result: ProcessResult): PlayError {
    const details = [...lastLines(result), `exit code ${String(result.exitCode)}`]
    return PlayError.of('ENGINE_FAILED', { engine: this.name, what }, { details })
  }

  private translate(error: unknown, timeoutMs: number): unknown {
    if (error instanceof PlayError && error.id === 'TOOL_MISSING') {
      return PlayError.of('ENGINE_MISSING', { looked: [this.name] }, { cause: error })
    }
    // Long work that takes too long is a timeout; a question without an answer is an engine that hangs.
    if (error instanceof TimeoutError && timeoutMs <= enginePatience.read)
      return this.down(error.message, error)
    return error
  }

  private down(words: string, cause?: unknown): PlayError {
    const details = words.trim().split('\n').slice(-5)
    const extras = { details, ...(cause === undefined ? {} : { cause }) }
    if (!/permission denied/i.test(words)) return PlayError.of('ENGINE_DOWN', { engine: this.name }, extras)
    const suggestions = [
      `sudo usermod --append --groups ${this.name} $USER, then log in again`,
      'play doctor',
    ]
    return PlayError.of('ENGINE_DOWN', { engine: this.name }, { ...extras, suggestions })
  }
}

function lastLines({ stdout, stderr }: ProcessResult): string[] {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-40)
}
