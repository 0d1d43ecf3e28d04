/** A forward for commands that would stay open until somebody ends them. */
import { PlayError } from '../../src/domain/errors.ts'
import type { Forward } from '../../src/domain/ports.ts'

/** Listens on port 4242 until `stop` is told to end the command, which is as soon as it listens. */
export function forwardOnce(stop: AbortController): Promise<Forward> {
  const closed = new Promise<void>((resolve) => {
    setImmediate(() => {
      stop.abort(PlayError.of('CANCELLED', { resume: [] }))
      resolve()
    })
  })
  return Promise.resolve({ port: 4242, closed })
}
