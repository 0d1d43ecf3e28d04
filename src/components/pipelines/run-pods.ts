/** What any product's pods tell of themselves: how far they are, and what their programs write. */
import type { KubeObject } from '../../domain/cluster.ts'
import { given } from '../../domain/given.ts'
import type { PipelinePod, PipelineProgram, PipelineRun, Pipelines } from '../../domain/pipelines.ts'

/** How a container is, in the API's words. Times are ISO 8601. */
export interface ContainerState {
  readonly waiting?: { readonly reason?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: {
    readonly exitCode?: number
    readonly reason?: string
    readonly message?: string
    readonly startedAt?: string
    readonly finishedAt?: string
  }
}

interface PodStatus {
  readonly phase?: string
  readonly containerStatuses?: readonly { readonly name: string; readonly state?: ContainerState }[]
}

/** How each container of a pod is; those are missing of which nothing is known. */
export function containerStates(pod: KubeObject | undefined): ReadonlyMap<string, ContainerState> {
  const { containerStatuses = [] } = (pod?.['status'] ?? {}) as PodStatus
  return new Map(containerStatuses.map(({ name, state }) => [name, state ?? {}]))
}

/** A pod of a run; `steps` are those of its containers that run a program of a step, by the container's name. */
export function pipelinePod(pod: KubeObject, steps: ReadonlyMap<string, string>): PipelinePod {
  const states = containerStates(pod)
  const programs = [...steps].map(([container, step]) => programOf(container, step, states.get(container)))
  const waiting = [...states.values()].map((state) => state.waiting?.reason).find(Boolean)
  const ends = programs.map(({ finishedAt }) => finishedAt)
  return {
    name: pod.metadata.name,
    state: waiting ?? ((pod['status'] ?? {}) as PodStatus).phase ?? 'Pending',
    programs,
    ...given('createdAt', pod.metadata.creationTimestamp),
    ...given('startedAt', sorted(programs.map(({ startedAt }) => startedAt))[0]),
    ...given('finishedAt', ends.every(isGiven) ? sorted(ends).at(-1) : undefined),
  }
}

function programOf(container: string, step: string, state: ContainerState = {}): PipelineProgram {
  const { running, terminated } = state
  return {
    container,
    step,
    hasStarted: running !== undefined || terminated !== undefined,
    ...given('startedAt', (running ?? terminated)?.startedAt),
    ...given('finishedAt', terminated?.finishedAt),
  }
}

/** Those instants that are given, the earliest first. */
export function sorted(instants: readonly (string | undefined)[]): string[] {
  return instants.filter(isGiven).toSorted()
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null
}

/**
 * What a program writes, less `executorWords`, which the product's executor puts in between: behind a last line without a
 * break, too.
 */
export async function* programLines(
  client: Parameters<Pipelines['logs']>[0],
  { namespace }: PipelineRun,
  { pod, container }: Parameters<Pipelines['logs']>[2],
  executorWords: RegExp,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  for await (const line of client.logs({ namespace, name: pod, container, follow: true }, signal)) {
    const own = line.replace(executorWords, '')
    if (own !== '' || line === '') yield own
  }
}

interface Parameter {
  readonly name: string
  readonly value: unknown
}

/** The object's own parameters with the values that were asked for, and those that it does not list. */
export function withValues(
  own: readonly Parameter[] = [],
  values: Readonly<Record<string, string>>,
): readonly Parameter[] {
  const merged = new Map(own.map((parameter) => [parameter.name, parameter]))
  for (const [name, value] of Object.entries(values)) merged.set(name, { name, value })
  return [...merged.values()]
}

/** What a run answers, by name; lists and objects as JSON. */
export function outputsOf(
  results: readonly { readonly name: string; readonly value?: unknown }[],
): Readonly<Record<string, string>> {
  const texts = results
    .filter(({ value }) => isGiven(value))
    .map(({ name, value }) => [name, typeof value === 'string' ? value : JSON.stringify(value)])
  return Object.fromEntries(texts) as Readonly<Record<string, string>>
}
