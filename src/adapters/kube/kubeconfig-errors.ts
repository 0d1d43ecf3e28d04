/** What can be wrong with a kubeconfig, in the words of the catalog. */
import { PlayError } from '../../domain/errors.ts'

/** The catalog's word for a kubeconfig that cannot be used. */
export function damaged(path: string, reason: string, cause?: unknown): PlayError {
  return PlayError.of('KUBECONFIG_DAMAGED', { path, reason }, { cause })
}

/** The catalog's word for a kubeconfig that cannot be written. */
export function unwritable(path: string, error: unknown): PlayError {
  if (error instanceof PlayError) return error
  return PlayError.of('KUBECONFIG_UNWRITABLE', { path, reason: reasonOf(error) }, { cause: error })
}

/** What an error says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
