/** Observes one run of a pipeline: a watch for the run itself and one for each kind of its parts, read as one state. */
import type { KubeObject } from '../../domain/cluster.ts'
import { PlayError } from '../../domain/errors.ts'
import { isFinal } from '../../domain/pipeline-phase.ts'
import type { ObserveOptions, PipelineRun, Pipelines, PipelineState } from '../../domain/pipelines.ts'
import type { ResourceRef, WatchEvent } from '../../domain/ports.ts'

type Client = Parameters<Pipelines['observe']>[0]

/** Where a product keeps what it knows of a run. */
export interface RunKinds {
  readonly run: Pick<ResourceRef, 'apiVersion' | 'kind'>
  /** Kinds of what a run is made of, and the label by which they bear the run's name. */
  readonly parts: readonly Pick<ResourceRef, 'apiVersion' | 'kind'>[]
  readonly runLabel: string
  /** The state by the run and by those of its parts that were seen. */
  readonly read: (run: KubeObject, parts: readonly KubeObject[]) => PipelineState
}

/** As Pipelines.observe promises. */
export async function* observeRun(
  client: Client,
  kinds: RunKinds,
  run: PipelineRun,
  options: ObserveOptions,
): AsyncGenerator<PipelineState, void, undefined> {
  const end = new AbortController()
  const signal = AbortSignal.any([options.signal, end.signal])
  const { namespace, name } = run
  const ref = { ...kinds.run, namespace }
  const parts = kinds.parts.map((part) => ({
    ...part,
    namespace,
    labelSelector: `${kinds.runLabel}=${name}`,
  }))
  const quietly = (error: unknown): void => {
    options.signal.throwIfAborted()
    options.onTrouble(error)
  }
  const found = await client.get({ ...ref, name }, signal)
  if (found === undefined) throw gone(ref.kind, run)
  let object = found
  const seen = new Map<string, KubeObject>()
  let state = kinds.read(object, [])
  const events = merge([
    client.watch({ ...ref, fieldSelector: `metadata.name=${name}` }, signal),
    ...parts.map((part) => forgiving(client.watch(part, signal), quietly)),
  ])
  try {
    while (!isFinal(state.phase)) {
      yield state
      const next = await events.next()
      options.signal.throwIfAborted()
      if (next.done === true) throw new Error('the watch ended before the run')
      const { type, object: changed } = next.value
      if (changed.kind !== ref.kind) note(seen, next.value)
      else if (type === 'deleted') throw gone(ref.kind, run)
      else object = changed
      state = kinds.read(object, [...seen.values()])
    }
    // The run may be over before the watches have told of its last parts.
    const lists = await Promise.all(parts.map((part) => client.list(part, signal).catch(quietly)))
    for (const part of lists.flatMap((list) => list ?? [])) note(seen, { type: 'modified', object: part })
    yield kinds.read(object, [...seen.values()])
  } finally {
    end.abort()
    await events.return()
  }
}

function note(seen: Map<string, KubeObject>, { type, object }: WatchEvent): void {
  const key = `${object.kind}/${object.metadata.name}`
  if (type === 'deleted') seen.delete(key)
  else seen.set(key, object)
}

function gone(kind: string, { namespace, name }: PipelineRun): PlayError {
  return PlayError.of('PIPELINE_GONE', { run: `${kind} ${namespace}/${name}` })
}

/** `events`, less the error with which they may end. */
async function* forgiving<T>(events: AsyncIterable<T>, onError: (error: unknown) => void): AsyncGenerator<T> {
  try {
    yield* events
  } catch (error) {
    onError(error)
  }
}

interface Answer<T> {
  readonly source: AsyncIterator<T>
  readonly result: IteratorResult<T>
}

/** The values of all sources as they come, until all have ended. */
async function* merge<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T, void, undefined> {
  const pending = new Map<AsyncIterator<T>, Promise<Answer<T>>>()
  const ask = (source: AsyncIterator<T>): void => {
    const answer = source.next().then((result) => ({ source, result }))
    // Its error may come while nobody asks for the next value; whoever does gets it.
    answer.catch(() => undefined)
    pending.set(source, answer)
  }
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  iterators.forEach(ask)
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values())
      pending.delete(source)
      if (result.done === true) continue
      ask(source)
      yield result.value
    }
  } finally {
    await Promise.allSettled(pending.values())
    // One that has just answered stands at its next value, with its connection open, until it is told that it is not wanted.
    await Promise.allSettled(iterators.map(async (iterator) => iterator.return?.()))
  }
}
