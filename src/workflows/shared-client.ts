/** One API client for all steps of a run, so that they share its connections. */
import type { ClusterAccess } from '../domain/cluster.ts'
import type { ClusterClient, Ports } from '../domain/ports.ts'

/** A client for the access last asked for; a different access closes the former client. */
export interface SharedClient {
  readonly get: (access: ClusterAccess) => Promise<ClusterClient>
  close(): Promise<void>
}

/** Makes the holder; nothing is opened before the first `get`. */
export function shareClient(ports: Ports): SharedClient {
  let held: { access: ClusterAccess; client: Promise<ClusterClient> } | undefined
  const close = async (): Promise<void> => {
    const former = held
    held = undefined
    // A client that could not be opened has told so to whoever asked for it.
    ;(await former?.client.catch(() => undefined))?.close()
  }
  return {
    get(access) {
      if (held?.access === access) return held.client
      const closing = close()
      // At once, or two that ask at the same time would each open one.
      const open = async (): Promise<ClusterClient> => {
        await closing
        return (await ports.clusters()).open(access)
      }
      held = { access, client: open() }
      return held.client
    },
    close,
  }
}
