/** What draws a run: a sink of events that can be closed. */
import type { RunEvent, Sink } from '../engine/events.ts'

/** A view of one run. It never throws: a picture that cannot be drawn must not fail the work. */
export interface Renderer {
  readonly onEvent: Sink
  /** Resolves when everything is drawn and the terminal is as it was; later events are ignored. Twice is fine. */
  close(): Promise<void>
  /** Puts a word into the picture that belongs to no run; false where no picture is being drawn, and it has to be printed. */
  notice?(text: string): boolean
}

/** One sink that hands each event to all of `sinks`, in order. */
export function fanOut(sinks: readonly Sink[]): Sink {
  return (event: RunEvent) => {
    for (const sink of sinks) sink(event)
  }
}
