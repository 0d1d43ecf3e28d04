/** Pulls, names and saves images with docker or podman, for a bundle made from the internet. */
import { PlayError } from '../domain/errors.ts'
import type { ContainerEngine, ProcessRunner } from '../domain/ports.ts'

/** What src/artifacts/pull.ts asks of an engine. Throws ENGINE_FAILED with the engine's last lines. */
export interface CommandLineImages {
  readonly name: string
  pullImage(reference: string, signal: AbortSignal, onLine: (line: string) => void): Promise<void>
  tagImage(reference: string, name: string, signal: AbortSignal): Promise<void>
  saveImages(references: readonly string[], path: string, signal: AbortSignal): Promise<void>
}

/** The images of an engine that answers. */
export function createImageEngine(engine: ContainerEngine, processes: ProcessRunner): CommandLineImages {
  const { name } = engine
  const run = async (
    what: string,
    args: readonly string[],
    signal: AbortSignal,
    onLine?: (line: string) => void,
  ): Promise<void> => {
    const options = { signal, env: engine.kindEnvironment, ...(onLine ? { onLine } : {}) }
    const { exitCode, stderr } = await processes.run(name, args, options)
    if (exitCode === 0) return
    throw PlayError.of(
      'ENGINE_FAILED',
      { engine: name, what },
      { details: stderr.trim().split('\n').slice(-40) },
    )
  }
  return {
    name,
    pullImage: (reference, signal, onLine) => run(`pull ${reference}`, ['pull', reference], signal, onLine),
    tagImage: (reference, as, signal) => run(`name ${reference} ${as}`, ['tag', reference, as], signal),
    saveImages(references, path, signal) {
      // Podman writes one image per archive unless told otherwise; docker knows no such flag.
      const several = name === 'podman' ? ['--multi-image-archive'] : []
      return run('save images', ['save', ...several, '--output', path, ...references], signal)
    },
  }
}
