/** What any product's pods tell of themselves: how far they are, and what their programs write. */
import type { KubeObject } from '../../domain/cluster.ts'
import type { PipelinePod, PipelineRun, Pipelines } from '../../domain/pipelines.ts'

interface ContainerState {
  readonly waiting?: { readonly reason?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: { readonly startedAt?: string; readonly finishedAt?: string }
}

interface PodStatus {
  readonly phase?: string
  readonly containerStatuses?: readonly { readonly name: string; readonly state?: ContainerState }[]
}

/** A pod of a run, of whose containers those in `containers` run the programs of `step`. */
export function pipelinePod(pod: KubeObject, step: string, containers: readonly string[]): PipelinePod {
  const status = (pod['status'] ?? {}) as PodStatus
  const states = new Map(status.containerStatuses?.map(({ name, state }) => [name, state]))
  const programs = containers.map((name) => states.get(name))
  const starts = programs.map((state) => (state?.running ?? state?.terminated)?.startedAt)
  const ends = programs.map((state) => state?.terminated?.finishedAt)
  const waiting = [...states.values()].map((state) => state?.waiting?.reason).find(Boolean)
  return {
    name: pod.metadata.name,
    step,
    state: waiting ?? status.phase ?? 'Pending',
    containers,
    hasStarted: programs.every((state) => state?.running !== undefined || state?.terminated !== undefined),
    ...given('createdAt', pod.metadata.creationTimestamp),
    ...given('startedAt', starts.every(isGiven) ? starts.toSorted()[0] : undefined),
    ...given('finishedAt', ends.every(isGiven) ? ends.toSorted().at(-1) : undefined),
  }
}

/** Pods in the order in which they were made. */
export function oldestFirst(one: KubeObject, other: KubeObject): number {
  return (one.metadata.creationTimestamp ?? '').localeCompare(other.metadata.creationTimestamp ?? '')
}

/** A field, where there is something to put into it. */
export function given<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): Partial<Record<Name, Value>> {
  return isGiven(value) ? ({ [name]: value } as Record<Name, Value>) : {}
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null
}

/** What the pod's programs write, one after the other, less the lines that the product's executor puts in between. */
export async function* programLines(
  client: Parameters<Pipelines['logs']>[0],
  { namespace }: PipelineRun,
  { name, containers }: PipelinePod,
  executorLine: RegExp,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  for (const container of containers)
    for await (const line of client.logs({ namespace, name, container, follow: true }, signal))
      if (!executorLine.test(line)) yield line
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
