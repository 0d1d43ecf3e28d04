/** When a command that stays is no longer wanted: whoever started it has gone. */
import type { Readable } from 'node:stream'
import { PlayError } from '../domain/errors.ts'

/** What is watched. */
export interface Surroundings {
  readonly stdin: Pick<Readable, 'resume' | 'pause' | 'once' | 'off'>
  /** True for a pipe. A shell gives /dev/null to what runs in the background, whose end means nothing. */
  readonly isPipe: boolean
  /** Process id of whoever started us; it changes when that process ends. */
  readonly parent: () => number
  /** Milliseconds between two looks at it, which nothing tells of. */
  readonly everyMs: number
}

/** Until closed. */
export interface Abandonment {
  /** Aborts once nobody is there any more. */
  readonly signal: AbortSignal
  close(): void
}

/** Watches, and keeps no process alive by it unless its standard input is a pipe. */
export function whenAbandoned({ stdin, isPipe, parent, everyMs }: Surroundings): Abandonment {
  const controller = new AbortController()
  const abandon = (): void => {
    controller.abort(PlayError.of('CANCELLED', { resume: [] }))
  }
  const first = parent()
  const timer = setInterval(() => {
    if (parent() !== first) abandon()
  }, everyMs)
  timer.unref()
  if (isPipe) {
    stdin.once('end', abandon)
    stdin.once('close', abandon)
    stdin.resume()
  }
  return {
    signal: controller.signal,
    close() {
      clearInterval(timer)
      if (!isPipe) return
      stdin.off('end', abandon)
      stdin.off('close', abandon)
      stdin.pause()
    },
  }
}
