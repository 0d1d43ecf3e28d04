/** A row of `play doctor`. */

/** What was looked at, what was found, what is needed and how to get there. */
export interface Check {
  /** Stable id, such as engine.podman. */
  readonly id: string
  readonly subject: string
  readonly status: 'ok' | 'warning' | 'missing'
  readonly found: string
  readonly needed: string
  /** A command or a sentence; empty when there is nothing to do. */
  readonly fix: string
}
