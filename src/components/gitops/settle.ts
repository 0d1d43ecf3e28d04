/** Waits for applications of Argo CD until nothing differs from git, and has those compared again that hang. */
import { PlayError } from '../../domain/errors.ts'
import type { ApplicationState, GitOps, SettleOptions } from '../../domain/slots.ts'

type Client = Parameters<GitOps['settle']>[0]

/** Between two requests to compare what is not in line, milliseconds. Argo CD itself looks again after minutes only. */
const againMs = 5000

/** What it is made of. */
export interface Observer {
  readonly observe: (client: Client, signal: AbortSignal) => AsyncIterable<readonly ApplicationState[]>
  readonly refresh: (client: Client, names: readonly string[], signal: AbortSignal) => Promise<void>
}

/** As GitOps.settle promises. */
export async function settle(
  client: Client,
  { observe, refresh }: Observer,
  options: SettleOptions,
): Promise<readonly ApplicationState[]> {
  const { clock, revision, onPending } = options
  const end = new AbortController()
  const signal = AbortSignal.any([options.signal, end.signal])
  let pending: readonly ApplicationState[] = []
  const nudge = async (): Promise<never> => {
    for (;;) {
      await clock.sleep(againMs, signal)
      const names = pending.filter(({ health }) => health !== 'missing').map(({ name }) => name)
      await refresh(client, names, signal)
    }
  }
  const follow = async (): Promise<readonly ApplicationState[]> => {
    for await (const states of observe(client, signal)) {
      refuseBroken(states)
      pending = states.filter((state) => !isInLine(state, revision))
      if (pending.length === 0) return states
      onPending(pending.map(inWords).join(', '), 1 - pending.length / states.length)
    }
    signal.throwIfAborted()
    throw PlayError.of('BUG_UNEXPECTED', { reason: 'the watch of applications ended by itself' })
  }
  try {
    return await Promise.race([follow(), nudge()])
  } finally {
    end.abort(new Error('settled'))
  }
}

function isInLine({ sync, health, revision }: ApplicationState, wanted: string | undefined): boolean {
  return sync === 'synced' && health === 'healthy' && (wanted === undefined || revision === wanted)
}

function refuseBroken(states: readonly ApplicationState[]): void {
  const broken = states.find((state) => state.broken)
  if (broken !== undefined)
    throw PlayError.of('APPLICATION_BROKEN', { application: broken.name, reason: broken.message })
}

const syncWords: Readonly<Record<ApplicationState['sync'], string>> = {
  synced: '',
  'out-of-sync': 'out of sync',
  unknown: 'not compared yet',
}

function inWords({ name, sync, health, message }: ApplicationState): string {
  return `${name} ${message || syncWords[sync] || health}`
}
