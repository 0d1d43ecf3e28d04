/** The ProcessTable port on the system: by environment where it is shown, and by what processes noted of themselves. */
import { join } from 'node:path'
import { hasCode } from '../domain/system-error.ts'
import type { ProcessRunner } from '../domain/ports.ts'
import type { NotedProcess, ProcessTable, RunningProcess } from '../domain/running-process.ts'
import type { Clock } from '../engine/clock.ts'
import { TimeoutError, waitUntil } from '../engine/wait.ts'
import { bootId, identify, isRunning, startedAt } from './process-identity.ts'
import { listPlaygroundProcesses, type ListedProcess } from './process-listing.ts'

/** A process as a segment of a journal names it. */
export interface SegmentProcess extends NotedProcess {
  /** Name of the segment's file. */
  readonly segment: string
}

/** What the table reads and writes with; src/journal knows segments, and the composition brings it here. */
export interface ProcessTableSettings {
  readonly clock: Clock
  readonly processes: ProcessRunner
  /** Folders of all playgrounds. */
  readonly folders: () => Promise<readonly string[]>
  /** Processes that the segments in a folder name. */
  readonly readSegments: (folder: string) => Promise<readonly SegmentProcess[]>
  /** Notes this process in a new segment at that path; the function takes the note away. */
  readonly openSegment: (path: string, purpose: string) => Promise<{ remove(): void }>
  /** Every process that was started for a playground; undefined where the system does not tell. */
  readonly list?: () => readonly ListedProcess[] | undefined
}

const waitIntervalMs = 50
/** A killed process is gone in a moment; one that hangs in the system is not, whatever is done. */
const killDeadlineMs = 5000

/**
 * Makes the table. On Linux it finds what carries the playground's folder in its environment and what segments name; on
 * systems that do not show environments it finds what segments name alone, so a client of the container engine that
 * outlived kind is not found there.
 */
export function createProcessTable(settings: ProcessTableSettings): ProcessTable {
  return {
    find: (folder) => find(settings, folder),
    end: (processes, options) => end(settings, processes, options),
    async announce(folder, command) {
      const path = join(folder, `open-${String(process.pid)}.jsonl`)
      const segment = await settings.openSegment(path, command)
      return {
        end: async () => {
          await Promise.resolve()
          removeNote(segment)
        },
      }
    },
  }
}

function removeNote(segment: { remove(): void }): void {
  try {
    segment.remove()
  } catch (error) {
    // The playground was removed meanwhile, and its folder with the note.
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

async function find(settings: ProcessTableSettings, folder?: string): Promise<readonly RunningProcess[]> {
  const { processes, list = listPlaygroundProcesses } = settings
  const found = new Map<number, RunningProcess>()
  for (const noted of await notedProcesses(settings, folder)) found.set(noted.pid, noted)
  for (const listed of list() ?? []) {
    if (folder !== undefined && listed.folder !== folder) continue
    const identity = await identify(listed.pid, processes)
    if (identity !== undefined)
      found.set(listed.pid, { ...listed, startTime: identity.startTime, ...found.get(listed.pid) })
  }
  found.delete(process.pid)
  const sorted = [...found.values()].sort((one, other) => one.pid - other.pid)
  return Promise.all(sorted.map(withAge))
}

async function withAge(running: RunningProcess): Promise<RunningProcess> {
  const since = await startedAt(running.startTime)
  return since === undefined ? running : { ...running, startedAt: since }
}

/** Those that the segments name and that still run; numbers count only within the start of the machine they are from. */
async function notedProcesses(
  settings: ProcessTableSettings,
  folder: string | undefined,
): Promise<readonly RunningProcess[]> {
  const { folders, readSegments, processes } = settings
  const boot = await bootId()
  const running: RunningProcess[] = []
  for (const each of folder === undefined ? await folders() : [folder]) {
    for (const { segment, purpose, ...noted } of await readSegments(each)) {
      if (noted.bootId !== boot || !(await isRunning(noted, processes))) continue
      const { pid, startTime } = noted
      const forwards = segment.startsWith('open-')
      running.push({ pid, startTime, command: purpose, folder: each, ...(forwards ? { forwards } : {}) })
    }
  }
  return running
}

async function end(
  settings: ProcessTableSettings,
  processes: readonly RunningProcess[],
  { graceMs, signal }: { readonly graceMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const others = processes.filter(({ pid }) => pid !== process.pid)
  const orderly = others.filter((each) => each.forwards === true || isEngine(each))
  await send(settings, orderly, 'SIGINT')
  if (orderly.length > 0) await awaitEnd(settings, others, graceMs, signal).catch(ignoreTimeout)
  await send(settings, others, 'SIGKILL')
  await awaitEnd(settings, others, killDeadlineMs, signal)
}

function isEngine({ command }: RunningProcess): boolean {
  return command.split(' ')[0] === 'pulumi'
}

/** Looks at each right before it is signalled: a number may have been given to somebody else meanwhile. */
async function send(
  { processes }: ProcessTableSettings,
  to: readonly RunningProcess[],
  name: 'SIGINT' | 'SIGKILL',
): Promise<void> {
  for (const each of to) {
    if (!(await isRunning(each, processes))) continue
    try {
      process.kill(each.pid, name)
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) throw error
    }
  }
}

async function awaitEnd(
  { clock, processes }: ProcessTableSettings,
  ending: readonly RunningProcess[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  await waitUntil(
    async () => {
      const left = []
      for (const each of ending) if (await isRunning(each, processes)) left.push(each)
      return left.length === 0
        ? { done: true, value: undefined }
        : { done: false, seen: left.map(({ pid, command }) => `${command} (${String(pid)})`).join(', ') }
    },
    { waitedFor: 'the end of what still runs', timeoutMs, intervalMs: waitIntervalMs, signal, clock },
  )
}

function ignoreTimeout(error: unknown): void {
  if (!(error instanceof TimeoutError)) throw error
}
