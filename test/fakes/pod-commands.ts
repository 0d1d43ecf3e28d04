/** Commands in containers, as both fakes of a cluster answer them: by the test's handler, and strictly. */
import type { ExecResult, ExecTarget } from '../../src/domain/ports.ts'
import { StoreRefusal, type ObjectStore } from './object-store.ts'

/** What a command did; left out means 0 or nothing. */
export interface CommandAnswer {
  readonly exitCode?: number
  readonly stdout?: string
  readonly stderr?: string
}

/** Answers a command, whose stdin is whole; undefined for one that the test does not expect. */
export type CommandHandler = (
  call: Omit<ExecTarget, 'stdin'> & { readonly stdin: Buffer | undefined },
) => CommandAnswer | Promise<CommandAnswer> | undefined

/** Throws as the API does where the pod of that name is not there. */
export function requirePod(store: ObjectStore, namespace: string, name: string): void {
  if (store.get({ apiVersion: 'v1', kind: 'Pod', namespace, name }) !== undefined) return
  throw new StoreRefusal(404, 'NotFound', `pods "${name}" not found`)
}

/** Runs a command to its end, or the signal's; an error of the test when nobody expects it. */
export async function runCommand(
  handler: CommandHandler,
  target: ExecTarget,
  signal: AbortSignal,
): Promise<ExecResult> {
  const { stdin, ...rest } = target
  const bytes = typeof stdin === 'string' ? Buffer.from(stdin) : stdin && Buffer.from(stdin)
  const answer = handler({ ...rest, stdin: bytes })
  if (answer === undefined)
    throw new Error(`the fake cluster does not know the command ${target.command.join(' ')}`)
  return { exitCode: 0, stdout: '', stderr: '', ...(await unlessAborted(answer, signal)) }
}

async function unlessAborted<T>(answer: T | Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason as Error)
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
  return await Promise.race([answer, aborted]).finally(() => {
    signal.removeEventListener('abort', stop)
  })
}
