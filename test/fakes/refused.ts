/** What the object store refuses, in the words of the catalog. */
import { PlayError } from '../../src/domain/errors.ts'
import { StoreRefusal } from './object-store.ts'

/** What `attempt` answers; a refusal is thrown as API_REJECTED of `object`. */
export function refused<T>(object: string, attempt: () => T): T {
  try {
    return attempt()
  } catch (error) {
    if (error instanceof StoreRefusal) throw PlayError.of('API_REJECTED', { object, reason: error.message })
    throw error
  }
}
