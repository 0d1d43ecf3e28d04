/** A watch as the server side sees it: the test's hand on its wire. */
import type { ServerResponse } from 'node:http'

/** One watch that is open. */
export interface OpenWatch {
  /** Where it watches on from. */
  readonly resourceVersion: string
  /** Writes text as it is, without a line break. */
  write(text: string | Buffer): void
  /** Writes one event. */
  send(event: { readonly type: string; readonly object: unknown }): void
  /** Ends the answer in order, as the server does after timeoutSeconds. */
  end(): void
  /** Breaks the connection. */
  cut(): void
}

/** The watch that `response` answers. */
export function openWatch(response: ServerResponse, resourceVersion: string): OpenWatch {
  return {
    resourceVersion,
    write: (text) => response.write(text),
    send: (event) => response.write(`${JSON.stringify(event)}\n`),
    end: () => response.end(),
    cut: () => response.destroy(),
  }
}
