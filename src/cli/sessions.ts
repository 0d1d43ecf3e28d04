/** One session for each run of a verb: what is drawn, what is logged, and what has been told already. */
import type { Clock } from '../engine/clock.ts'
import type { RunEvent } from '../engine/events.ts'
import type { Session } from '../workflows/session.ts'
import type { App } from './app.ts'
import type { Screen } from './screen.ts'

/** A file that takes events. */
export interface EventLog {
  sink(event: RunEvent): void
  close(): Promise<unknown>
}

/** What sessions are made of. */
export interface SessionParts {
  readonly newRenderer: Screen['newRenderer']
  /** The log of a run on the playground `subject`; undefined where there is no place for one. */
  readonly openLog: (subject: string, run: string) => Promise<EventLog | undefined>
  readonly signal: AbortSignal
  readonly env: Readonly<Record<string, string | undefined>>
  readonly newId: () => string
  readonly clock: Clock
}

/** The sessions of one command. */
export interface Sessions {
  readonly make: App['session']
  readonly hasRun: App['hasRun']
  readonly hasTold: App['hasTold']
  /** Puts a word into the picture that is being drawn; false where there is none. */
  readonly notice: (text: string) => boolean
  close(): Promise<void>
}

interface Listener {
  onEvent(event: RunEvent): void
  notice?(text: string): boolean
  close(): Promise<unknown>
}

/** Sessions draw on the screen and write their events into a log; a dry run leaves no log. */
export function createSessions({ newRenderer, openLog, signal, env, newId, clock }: SessionParts): Sessions {
  const listeners: Listener[] = []
  const told = new Set<string>()
  let runs = 0
  return {
    hasRun: () => runs > 0,
    hasTold: ({ id, message }) => told.has(`${id} ${message}`),
    notice: (text) => listeners.some((listener) => listener.notice?.(text) === true),
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()))
    },
    make(subject, command, dryRun = false, { logs = false, sinks = [] } = {}) {
      const run = newId()
      const log = dryRun ? [] : [lazily(() => openLog(subject, run))]
      const renderer = newRenderer({ logs })
      const own: Listener[] = [renderer, ...log, ...sinks]
      listeners.push(...own)
      const fault = injectedFault(env)
      return {
        sink(event) {
          if (event.type === 'run.started') runs += 1
          if (event.type === 'run.failed') told.add(`${event.error.id} ${event.error.message}`)
          if (event.type === 'run.cancelled') told.add('CANCELLED Interrupted')
          for (const listener of own) listener.onEvent(event)
        },
        signal,
        clock,
        run,
        command,
        dryRun,
        drawn: () => renderer.close(),
        ...(fault ? { afterStep: fault } : {}),
      }
    },
  }
}

/** Opens the log with the first event. A log that cannot be written must not fail the run it tells of. */
function lazily(open: () => Promise<EventLog | undefined>): Listener {
  let opening: Promise<EventLog | undefined> | undefined
  return {
    onEvent(event) {
      opening ??= open().catch(() => undefined)
      void opening.then((log) => log?.sink(event))
    },
    close: async () => (await opening)?.close(),
  }
}

/** Only for tests: PLAY_TEST_FAIL_AFTER names a step after which the run fails. */
function injectedFault(env: SessionParts['env']): Session['afterStep'] {
  const step = env['PLAY_TEST_FAIL_AFTER']
  if (step === undefined) return undefined
  return (id) => (id === step ? Promise.reject(new Error(`injected fault after ${id}`)) : Promise.resolve())
}
