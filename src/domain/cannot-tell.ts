/** Says that nothing can be claimed, where somebody who would know does not answer. */
import type { ErrorId } from './error-catalog.ts'
import { PlayError } from './errors.ts'

const silences: readonly ErrorId[] = ['ENGINE_DOWN', 'ENGINE_FAILED', 'ENGINE_MISSING', 'WAIT_TIMEOUT']

/** True for an error that says that the engine did not answer, and not what it answered. */
export function isSilence(error: unknown): boolean {
  return !(error instanceof PlayError) || silences.includes(error.id)
}

/** EMPTINESS_UNKNOWN for a silence, with its words and its advice; any other error is an answer, and stays. */
export function cannotTell(name: string, error: unknown): unknown {
  if (!isSilence(error)) return error
  const { message, details, suggestions } = asPlayError(error)
  const extras = {
    cause: error,
    details: [message, ...details],
    suggestions: [...suggestions, `play down ${name}`],
  }
  return PlayError.of('EMPTINESS_UNKNOWN', { name, what: 'the container engine' }, extras)
}

function asPlayError(error: unknown): Pick<PlayError, 'message' | 'details' | 'suggestions'> {
  if (error instanceof PlayError) return error
  return { message: error instanceof Error ? error.message : String(error), details: [], suggestions: [] }
}
