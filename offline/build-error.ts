// The one error of the kit: what went wrong, the lines that explain it, and what to do next.

/** A failure a person can act on. `details` are lines of output, `next` are commands or sentences. */
export class BuildError extends Error {
  override readonly name = 'BuildError'
  readonly details: readonly string[]
  readonly next: readonly string[]

  constructor(
    message: string,
    next: readonly string[] = [],
    details: readonly string[] = [],
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.details = details
    this.next = next
  }
}
