/** Which failures of `play up` mean that a wish cannot be met, rather than that something went wrong on the way; pure. */
import { exitCodes } from '../domain/catalog-entry.ts'
import type { ErrorId } from '../domain/error-catalog.ts'
import { PlayError } from '../domain/errors.ts'

/** Kinds of errors that come before anything is made: a wish that cannot be met must not become a playground. */
export function isRefusal(error: unknown): boolean {
  const refusals: readonly number[] = [
    exitCodes.usage,
    exitCodes.prerequisite,
    exitCodes.conflict,
    exitCodes.network,
  ]
  return error instanceof PlayError && refusals.includes(error.exitCode)
}

/** What was asked for cannot be had, and nothing of it was begun. */
export function isOutOfReach(error: unknown): boolean {
  const ids: readonly ErrorId[] = [
    'BUNDLE_LACKS_IMAGE',
    'COMPONENT_CONFLICT',
    'PUBLISHED_UNKNOWN',
    'GIT_CREDENTIALS',
    'GIT_BRANCH_TAKEN',
    'GIT_REFUSED',
    'REGISTRY_CREDENTIALS',
  ]
  return error instanceof PlayError && ids.includes(error.id)
}
