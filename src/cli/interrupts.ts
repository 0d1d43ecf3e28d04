/** Ctrl-C, and what stands for it: the first stops in order, the second ends at once. */
import { PlayError } from '../domain/errors.ts'

/** What is listened on; `process` outside the tests. */
export interface SignalSource {
  on(signal: Interrupt, listener: (signal: Interrupt) => void): unknown
  off(signal: Interrupt, listener: (signal: Interrupt) => void): unknown
}

/** SIGHUP is a terminal that was closed. */
type Interrupt = 'SIGHUP' | 'SIGINT' | 'SIGTERM'

/** Exit codes that shells expect: 128 and the signal's number. */
const exitCode: Readonly<Record<Interrupt, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }
const listened = Object.keys(exitCode) as readonly Interrupt[]

/** A signal that aborts on the first interrupt. */
export interface Interrupts {
  readonly signal: AbortSignal
  /** 129, 130 or 143 once interrupted. */
  readonly exitCode: () => number | undefined
  close(): void
}

/** Listens until closed. `onFirst` is told once; `onSecond` has to end the process. */
export function listenForInterrupts(
  source: SignalSource,
  on: { readonly first: () => void; readonly second: (exitCode: number) => void },
): Interrupts {
  const controller = new AbortController()
  let code: number | undefined
  const listener = (signal: Interrupt): void => {
    if (code !== undefined) {
      on.second(exitCode[signal])
      return
    }
    code = exitCode[signal]
    on.first()
    controller.abort(PlayError.of('CANCELLED', { resume: [] }))
  }
  for (const signal of listened) source.on(signal, listener)
  return {
    signal: controller.signal,
    exitCode: () => code,
    close() {
      for (const signal of listened) source.off(signal, listener)
    },
  }
}
