/** The container engine that holds a playground: another one knows nothing of it, and must not be believed. */
import { PlayError } from '../../domain/errors.ts'
import { isEnginePresumed } from '../../domain/presumed-state.ts'
import type { ContainerEngine } from '../../domain/ports.ts'
import type { SourceContext } from '../../domain/source.ts'

/**
 * The recorded engine, or whichever answers where none was recorded. Throws ENGINE_CHANGED when another answers, and
 * ENGINE_DOWN, ENGINE_MISSING or ENGINE_FAILED when none does.
 */
export async function recordedEngine(
  { ports, state, folder }: Pick<SourceContext, 'ports' | 'state' | 'folder'>,
  signal: AbortSignal,
): Promise<ContainerEngine> {
  if (isEnginePresumed(state)) return ports.engine(signal)
  const { engine: recorded, engineIdentity } = state
  const engine = await ports.engine(signal, recorded)
  const identity = engineIdentity === undefined ? undefined : await engine.identity(signal)
  if (engine.name === recorded && identity === engineIdentity) return engine
  throw PlayError.of('ENGINE_CHANGED', {
    name: state.spec.name,
    recorded: inWords(recorded, engineIdentity),
    found: inWords(engine.name, identity),
    folder,
  })
}

function inWords(name: string, identity: string | undefined): string {
  return identity === undefined ? name : `${name} ${identity}`
}
