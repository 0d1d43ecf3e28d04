/** Follows one run of a pipeline to its end: the state of each pod, and its log as it is written. */
import type { DemoPart } from '../domain/demo.ts'
import type { PipelinePod, PipelineRun, Pipelines, PipelineState } from '../domain/pipelines.ts'
import type { ClusterClient } from '../domain/ports.ts'
import type { Reporter } from '../engine/step.ts'

/** How a run ended. */
export interface RunEnd {
  readonly succeeded: boolean
  /** Why it did not succeed. */
  readonly reason: string
  readonly parts: readonly DemoPart[]
  /** Every log line, in the order in which it came. */
  readonly log: readonly string[]
}

/** What following needs. */
export interface FollowOptions {
  readonly client: ClusterClient
  readonly pipelines: Pipelines
  readonly run: PipelineRun
  readonly report: Reporter
  readonly signal: AbortSignal
}

/** Follows the run until its phase is final. Only the signal bounds it: the caller's step has the deadline. */
export async function followRun(options: FollowOptions): Promise<RunEnd> {
  const { client, pipelines, run, report } = options
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const log: string[] = []
  const streams = new Map<string, Promise<void>>()
  // A log or a watch that breaks costs the show, not the outcome.
  const onTrouble = (error: unknown): void => {
    if (!signal.aborted) report.warn('API_REJECTED', error instanceof Error ? error.message : String(error))
  }
  const stream = async (pod: PipelinePod): Promise<void> => {
    for await (const line of pipelines.logs(client, run, pod, signal)) {
      log.push(line)
      report.log(line, pod.name)
    }
  }
  let state: PipelineState | undefined
  try {
    for await (const next of pipelines.observe(client, run, { signal, onTrouble })) {
      tell(next, state, report)
      for (const pod of next.pods)
        if (pod.hasStarted && !streams.has(pod.name)) streams.set(pod.name, stream(pod).catch(onTrouble))
      state = next
    }
    // The log of a pod ends with it; what is still on its way belongs on the screen.
    await Promise.all(streams.values())
    return { ...endOf(state), log }
  } finally {
    stop.abort()
    await Promise.all(streams.values())
  }
}

/** Says what has changed. */
function tell(state: PipelineState, before: PipelineState | undefined, report: Reporter): void {
  if (state.phase !== before?.phase)
    report.progress(
      `workflow ${state.phase === 'waiting' ? 'waiting for the controller' : capital(state.phase)}`,
    )
  const told = new Map(before?.pods.map((pod) => [pod.name, pod.state]))
  for (const pod of state.pods)
    if (told.get(pod.name) !== pod.state) report.progress(`${pod.name}: ${pod.state}`)
}

function endOf(state: PipelineState | undefined): Omit<RunEnd, 'log'> {
  const { phase = 'failed', message = '', steps = [] } = state ?? {}
  const parts = steps.flatMap(({ name, pod, phase: end, startedAt = '', finishedAt = '' }) =>
    pod === undefined
      ? []
      : [{ name, pod, phase: capital(end), durationMs: Date.parse(finishedAt) - Date.parse(startedAt) || 0 }],
  )
  return { succeeded: phase === 'succeeded', reason: message || capital(phase), parts }
}

/** As kubectl shows phases. */
function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
