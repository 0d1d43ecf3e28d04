/** One simulated process of play: it passes numbered points, and at one of them somebody dies. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { closeSync } from 'node:fs'
import type { SimClock } from './sim-clock.ts'

const closeForReal = closeSync

/** Thrown by synchronous calls of a process that is dead; it is past catching, since nothing that it does has an effect. */
export class Died extends Error {}

/** What the file system does to the n-th call. */
export interface FileFault {
  readonly code: 'ENOSPC' | 'EIO' | 'EACCES' | 'EROFS' | 'EMFILE'
  readonly at: number
  /** As a full disk does: every call from there on that it can befall. */
  readonly lasting: boolean
}

/** How a run is meddled with. */
export interface Meddling {
  /** Number of the point, from 1, and what happens there; `this run dies` is `run.die()`. */
  readonly at?: number
  readonly act?: (run: SimulatedRun) => void
  readonly fault?: FileFault
  /** In the system's words; the real one of this process, which lives, if left out. */
  readonly startTime?: string
}

/** Everything that one simulated process is known by. */
export class SimulatedRun {
  readonly clock: SimClock
  /** Files below this folder are the ones that count. */
  readonly root: string
  /** Names of the points that were passed, in order. */
  readonly points: string[] = []
  /** For each of them, whether a stack was at work. */
  readonly withStack: boolean[] = []
  /** Open files, with their paths. */
  readonly descriptors = new Map<number, string>()
  /** Resolves once it is dead. */
  readonly died: Promise<void>
  /** File calls so far. */
  fileCalls = 0
  /** Whether the fault has struck. */
  faulted = false
  readonly startTime: string | undefined
  /** A process number of its own; the real one of this process if left out. */
  pid: number | undefined
  /** Files that were still open when it ended. */
  leftOpen = 0
  isStackAtWork: () => boolean = () => false
  private readonly meddling: Meddling
  private isDead = false
  private tellDeath: () => void = () => undefined

  constructor(clock: SimClock, root: string, meddling: Meddling = {}) {
    this.clock = clock
    this.root = root
    this.startTime = meddling.startTime
    this.meddling = meddling
    this.died = new Promise((resolve) => (this.tellDeath = resolve))
  }

  get dead(): boolean {
    return this.isDead
  }

  /** kill -9. */
  die(): void {
    this.isDead = true
    this.tellDeath()
  }

  /** Passes a point; whoever calls looks afterwards whether it is still alive. */
  point(name: string): void {
    if (this.isDead) return
    this.clock.activity += 1
    this.points.push(name)
    this.withStack.push(this.isStackAtWork())
    if (this.points.length === this.meddling.at) this.meddling.act?.(this)
  }

  /** The error that this file call meets, if any. */
  fault(call: string, mutates: boolean): Error | undefined {
    this.clock.activity += 1
    this.fileCalls += 1
    const { fault } = this.meddling
    if (fault === undefined || !befalls(fault.code, call, mutates)) return undefined
    const isNow = fault.lasting ? this.fileCalls >= fault.at : this.fileCalls === fault.at
    if (!isNow) return undefined
    this.faulted = true
    const words = `${fault.code}: injected, ${call}`
    return Object.assign(new Error(words), { code: fault.code, errno: -1, syscall: call })
  }

  /** The system closes what a process had open. */
  reap(): void {
    this.leftOpen = this.descriptors.size
    for (const descriptor of this.descriptors.keys()) {
      try {
        closeForReal(descriptor)
      } catch {
        // It was closed.
      }
    }
    this.descriptors.clear()
  }
}

/** Which calls each error can come from. */
function befalls(code: FileFault['code'], call: string, mutates: boolean): boolean {
  const opens = /^(open|readFile|writeFile|readdir|appendFile)/.test(call)
  switch (code) {
    case 'EIO':
      return !call.startsWith('close')
    case 'EMFILE':
      return opens
    case 'EACCES':
      return opens || (mutates && !/^(write|fsync|fdatasync|sync|ftruncate)/.test(call))
    case 'EROFS':
      return mutates && !/^(write|fsync|fdatasync|sync)/.test(call)
    case 'ENOSPC':
      return mutates && !/^(unlink|rm|rmdir|chmod)/.test(call)
  }
}

/** The run that the current call belongs to. */
export const currentRun = new AsyncLocalStorage<SimulatedRun>()

/** What a dead process waits for. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

/** Which calls of a port count as a child that starts and ends. */
export type CountedCalls = ReadonlySet<string>

/**
 * A port as one run sees it: calls in `counted` are points before and after, and whoever dies in one never hears of its
 * end. Without `label` nothing is counted.
 */
export function seenBy<T extends object>(
  run: SimulatedRun,
  target: T,
  label: string,
  counted: CountedCalls,
): T {
  return new Proxy(target, {
    get(from, key) {
      const value: unknown = Reflect.get(from, key, from)
      if (typeof value !== 'function' || typeof key !== 'string') return value
      return (...args: unknown[]): unknown => {
        const first = typeof args[0] === 'string' ? ` ${args[0]}` : nameOf(args[0])
        const name = `${label}.${key}${first}`
        return call(run, counted.has(key) ? name : undefined, () => value.apply(from, args) as unknown)
      }
    },
  })
}

function nameOf(argument: unknown): string {
  const object = argument as { kind?: string; metadata?: { name?: string }; name?: string } | null | undefined
  const name = object?.metadata?.name ?? object?.name
  return object?.kind === undefined || name === undefined ? '' : ` ${object.kind} ${name}`
}

function call(run: SimulatedRun, name: string | undefined, work: () => unknown): unknown {
  if (run.dead) return never()
  run.clock.activity += 1
  if (name === undefined) return alive(run, work())
  run.point(`${name} before`)
  // It may have died there.
  if ((run as { readonly dead: boolean }).dead) return never()
  return Promise.resolve(work()).then(
    (value) => ended(run, name, value),
    (error: unknown) => ended(run, name, Promise.reject(error as Error)),
  )
}

function ended(run: SimulatedRun, name: string, value: unknown): unknown {
  run.point(`${name} after`)
  return alive(run, value)
}

/** What a call answers, as long as somebody is there to hear it. */
function alive(run: SimulatedRun, value: unknown): unknown {
  if (value instanceof Promise) {
    return value.then(
      (result: unknown) => (run.dead ? never() : result),
      (error: unknown) => (run.dead ? never() : Promise.reject(error as Error)),
    )
  }
  if (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
    return aliveIterable(run, value as AsyncIterable<unknown>)
  return run.dead ? never() : value
}

async function* aliveIterable(run: SimulatedRun, values: AsyncIterable<unknown>): AsyncGenerator {
  for await (const value of values) {
    run.clock.activity += 1
    if (run.dead) await never()
    yield value
  }
}
