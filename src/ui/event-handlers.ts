/** Dispatch of events by their type, checked for completeness by the compiler. */
import type { EventBody } from '../engine/events.ts'

/** The body of one type of event. */
export type BodyOf<Type extends EventBody['type']> = Extract<EventBody, { readonly type: Type }>

/** One function for each type of event; a type that is missing is a compile error. */
export type EventHandlers = {
  readonly [Type in EventBody['type']]: (event: BodyOf<Type>, at: number) => void
}

/** Calls the one handler for this event; `at` is its instant in milliseconds since the epoch. */
export function dispatch(handlers: EventHandlers, event: EventBody, at: number): void {
  const handler = handlers[event.type] as (event: EventBody, at: number) => void
  handler(event, at)
}
