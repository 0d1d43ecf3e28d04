/** A watch that does not end: list, watch on from there, and repair whatever breaks. Knows nothing of HTTP. */
import type { KubeObject } from '../../domain/cluster.ts'
import type { WatchEvent } from '../../domain/ports.ts'
import type { Clock } from '../../engine/clock.ts'
import {
  ApiStatusError,
  ConnectionError,
  isExpired,
  isNotFound,
  isTransient,
  statusErrorOfEvent,
} from './api-errors.ts'
import { delayAfter } from './retry.ts'

/** All objects at one revision. */
export interface Listed {
  readonly items: readonly KubeObject[]
  readonly resourceVersion: string
}

/** Where a watch gets its data. Both throw ApiStatusError, ConnectionError or the abort reason. */
export interface WatchSource {
  list(): Promise<Listed>
  /** The lines of one watch request; ends when the server ends it. */
  open(resourceVersion: string): Promise<AsyncIterable<string>>
}

/** Bounds of a watch. */
export interface WatchBounds {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** For how many milliseconds nothing at all may work before the watch gives up. */
  readonly patienceMs: number
}

/**
 * Yields every object as added, then each change; after a gap (410) it lists anew and yields the differences. Returns when
 * the signal aborts. Throws what the source threw when the server refuses, or when nothing has worked for too long.
 */
export async function* watchObjects(
  source: WatchSource,
  bounds: WatchBounds,
): AsyncGenerator<WatchEvent, void, undefined> {
  const run = new WatchRun(source, bounds)
  while (!bounds.signal.aborted) {
    let failure: { readonly error: unknown } | undefined
    try {
      yield* run.once()
    } catch (error) {
      failure = { error }
    }
    if (!(await run.goOn(failure))) return
  }
}

/** The memory of a watch between its requests. */
class WatchRun {
  readonly #source: WatchSource
  readonly #bounds: WatchBounds
  readonly #known = new Map<string, KubeObject>()
  /** Where to watch on from; undefined when everything must be listed. */
  #revision: string | undefined
  /** Requests in a row that brought nothing, for the back-off. */
  #fruitless = 0
  /** Since when nothing has worked; undefined while something does. */
  #failingSince: number | undefined

  constructor(source: WatchSource, bounds: WatchBounds) {
    this.#source = source
    this.#bounds = bounds
  }

  /** One list if needed, and one watch request to its end. */
  async *once(): AsyncGenerator<WatchEvent, void, undefined> {
    const { signal } = this.#bounds
    if (this.#revision === undefined) {
      const listed = await this.#source.list()
      yield* this.#differences(listed.items)
      this.#revision = listed.resourceVersion
      this.#failingSince = undefined
    }
    const answer = await this.#source.open(this.#revision)
    this.#failingSince = undefined
    for await (const line of answer) {
      const change = parseChange(line)
      this.#fruitless = 0
      this.#revision = change.object.metadata.resourceVersion ?? this.#revision
      if (change.type !== 'BOOKMARK') yield this.#note(change.type === 'DELETED', change.object)
      if (signal.aborted) return
    }
  }

  /** Decides after a request has ended whether to go on, and waits a little if it failed. Throws what is final. */
  async goOn(failure: { readonly error: unknown } | undefined): Promise<boolean> {
    const { clock, signal } = this.#bounds
    if (signal.aborted) return false
    if (failure !== undefined) {
      this.#failingSince ??= clock.now()
      if (this.#isFinal(failure.error, clock.now() - this.#failingSince)) throw failure.error
      // A revision that keeps failing, for example at an event that does not parse, is left behind by listing anew.
      if (isExpired(failure.error) || this.#fruitless >= 3) this.#revision = undefined
    }
    // Also after an orderly end: a server that ends each watch at once must not be stormed.
    const delay = delayAfter(failure?.error, this.#fruitless)
    this.#fruitless += 1
    return await clock.sleep(delay, signal).then(
      () => true,
      () => false,
    )
  }

  #isFinal(failure: unknown, failingMs: number): boolean {
    if (failingMs > this.#bounds.patienceMs) return true
    if (failure instanceof ConnectionError) return failure.fault === 'wrong' || failure.fault === 'closed'
    if (!(failure instanceof ApiStatusError)) return true
    // A kind may come to be served while we wait for it; 429 and 5xx pass.
    return !(failure.status >= 500 || isTransient(failure) || isNotFound(failure) || isExpired(failure))
  }

  #note(gone: boolean, object: KubeObject): WatchEvent {
    const key = keyOf(object)
    const known = this.#known.has(key)
    if (gone) this.#known.delete(key)
    else this.#known.set(key, object)
    return { type: gone ? 'deleted' : known ? 'modified' : 'added', object }
  }

  /** What must have happened between what was known and `items`. */
  *#differences(items: readonly KubeObject[]): Generator<WatchEvent> {
    const present = new Set(items.map(keyOf))
    for (const [key, object] of [...this.#known]) if (!present.has(key)) yield this.#note(true, object)
    for (const object of items) {
      const before = this.#known.get(keyOf(object))
      if (before?.metadata.resourceVersion === object.metadata.resourceVersion && before !== undefined)
        continue
      // Deleted and made again under the same name.
      if (before !== undefined && before.metadata.uid !== object.metadata.uid) yield this.#note(true, before)
      yield this.#note(false, object)
    }
  }
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'

/** Reads one line of a watch. Throws the error that it carries, or a transient ConnectionError when it is broken. */
function parseChange(line: string): { readonly type: ChangeType; readonly object: KubeObject } {
  const { type, object } = parseLine(line)
  if (type === 'ERROR') throw statusErrorOfEvent(object)
  if (!isChangeType(type) || typeof object !== 'object' || object === null || !('metadata' in object))
    throw new ConnectionError('broken', 'the watch sent something that is no change')
  return { type, object: object as KubeObject }
}

function parseLine(line: string): { readonly type?: unknown; readonly object?: unknown } {
  try {
    return (JSON.parse(line) ?? {}) as { type?: unknown; object?: unknown }
  } catch (error) {
    throw new ConnectionError('broken', 'the watch sent half a line', error)
  }
}

function isChangeType(type: unknown): type is ChangeType {
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK'
}
