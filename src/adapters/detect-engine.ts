/** Finds the container engine that play works with: the one asked for, else docker, else podman. */
import { PlayError } from '../domain/errors.ts'
import type { ContainerEngine } from '../domain/ports.ts'
import { createContainerEngine, type ContainerEngineSettings } from './container-engine.ts'
import { EngineCommand, type EngineName } from './engine-command.ts'

/** What looking for an engine needs. */
export interface DetectEngineOptions extends ContainerEngineSettings {
  /** The value of PLAY_ENGINE, else of KIND_EXPERIMENTAL_PROVIDER; undefined or empty for the usual order. */
  readonly prefer?: string | undefined
  readonly signal: AbortSignal
}

/** An engine that answers does so in well under a second; a hanging daemon must not hang play. */
const answerTimeoutMs = 10_000

type Answer = 'answers' | PlayError

/**
 * The engine to use: the preferred one and no other, else docker if its daemon answers, else podman.
 * Throws ENGINE_DOWN when a client is installed but nobody answers it, ENGINE_MISSING when there is none,
 * USAGE_INVALID for a preference that play does not know. Both are asked at the same time.
 */
export async function detectEngine(options: DetectEngineOptions): Promise<ContainerEngine> {
  const preferred = parsePreference(options.prefer)
  if (preferred !== undefined) {
    const answer = await ask(preferred, options, options.signal)
    if (answer === 'answers') return createContainerEngine(preferred, options)
    throw answer
  }
  const enough = new AbortController()
  const signal = AbortSignal.any([options.signal, enough.signal])
  const podman = ask('podman', options, signal)
  // It is only waited for when docker does not answer.
  podman.catch(() => undefined)
  const docker = await ask('docker', options, options.signal)
  if (docker === 'answers') {
    enough.abort()
    return createContainerEngine('docker', options)
  }
  const second = await podman
  if (second === 'answers') return createContainerEngine('podman', options)
  throw nobody(docker, second)
}

function parsePreference(prefer: string | undefined): EngineName | undefined {
  if (prefer === undefined || prefer === '') return undefined
  if (prefer === 'docker' || prefer === 'podman') return prefer
  throw PlayError.of('USAGE_INVALID', { reason: `play works with docker and podman, not with "${prefer}"` })
}

async function ask(name: EngineName, options: DetectEngineOptions, signal: AbortSignal): Promise<Answer> {
  const command = new EngineCommand(
    name,
    options.processes,
    name === 'podman' ? options.podmanEnvironment : {},
  )
  // `podman info` would tell more, but asks the package manager about its helpers, which takes a second.
  const args =
    name === 'docker' ? ['version', '--format', '{{.Server.Version}}'] : ['ps', '--quiet', '--last', '1']
  try {
    const request = { what: 'answer', args, signal, timeoutMs: answerTimeoutMs }
    const output = (await command.output(request)).trim()
    // The docker command that podman offers has no server, and kind cannot work with it.
    if (name === 'docker' && !/^\d+\./.test(output)) return down(name, [`it says its version is "${output}"`])
    return 'answers'
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof PlayError)) throw error
    return error.id === 'ENGINE_FAILED' ? down(name, error.details, error) : error
  }
}

function down(engine: EngineName, details: readonly string[], cause?: unknown): PlayError {
  return PlayError.of('ENGINE_DOWN', { engine }, cause === undefined ? { details } : { details, cause })
}

/** An installed engine that is off is the better advice; of two, docker's, which is the usual one. */
function nobody(docker: PlayError, podman: PlayError): PlayError {
  if (docker.id === 'ENGINE_MISSING' && podman.id === 'ENGINE_MISSING') {
    return PlayError.of('ENGINE_MISSING', { looked: ['docker', 'podman'] })
  }
  return docker.id === 'ENGINE_MISSING' ? podman : docker
}
