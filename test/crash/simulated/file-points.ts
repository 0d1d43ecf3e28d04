/** Every file call of a simulated run becomes a numbered point, and a place where the file system may fail. */
import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { currentRun, Died, never, type SimulatedRun } from './simulated-run.ts'
import { turn } from './sim-clock.ts'
import { statOf } from './sim-pids.ts'

type Call = (...args: unknown[]) => unknown
type Calls = Record<string, Call>

/** The file system as it was, for those who are no simulated run: the engine, the plug-in and the witness. */
export const realFiles = withoutRun({ ...fs })

/** Functions that are outside of every run: some of them call others of node:fs. */
function withoutRun(files: typeof fs): typeof fs {
  const calls = files as unknown as Calls
  for (const name of Object.keys(calls).filter((key) => key.endsWith('Sync'))) {
    const own = calls[name] as Call
    calls[name] = (...args) => currentRun.exit(() => own(...args))
  }
  return files
}

const mutating = new Set(
  [
    'write',
    'writeFile',
    'appendFile',
    'fsync',
    'fdatasync',
    'rename',
    'link',
    'symlink',
    'unlink',
    'mkdir',
  ].concat(['mkdtemp', 'rmdir', 'truncate', 'ftruncate', 'chmod', 'fchmod', 'chown', 'copyFile', 'utimes']),
)
const reading = [
  'readFile',
  'readdir',
  'readlink',
  'lstat',
  'stat',
  'fstat',
  'access',
  'realpath',
  'exists',
  'read',
]
const all = [...mutating, ...reading, 'open', 'close', 'rm']

let installed = false

/** Puts itself between everything in this process and its files; calls outside of a simulated run are left alone. */
export function instrumentFiles(): void {
  if (installed) return
  installed = true
  const sync = fs as unknown as Calls
  const later = promises as unknown as Calls
  const real = realFiles as unknown as Calls
  for (const name of all) {
    const own = real[`${name}Sync`]
    if (own === undefined) continue
    sync[`${name}Sync`] = (...args) => {
      const run = currentRun.getStore()
      return run === undefined ? own(...args) : perform(run, name, args)
    }
    const former = later[name]
    if (former === undefined) continue
    later[name] = (...args) => {
      const run = currentRun.getStore()
      if (run === undefined) return former(...args)
      return asyncly(run, () => {
        const value = perform(run, name, args)
        return name === 'open' ? new SimulatedFile(run, value as number) : value
      })
    }
  }
  syncBuiltinESMExports()
}

/** The real call takes no time here, so that the order of points is the same each time. */
async function asyncly<T>(run: SimulatedRun, work: () => T): Promise<T> {
  await turn()
  if (isDead(run)) return never()
  try {
    const value = work()
    return isDead(run) ? await never() : value
  } catch (error) {
    if (error instanceof Died || isDead(run)) return never()
    throw error
  }
}

/** Asked anew each time: it may die in any call. */
function isDead({ dead }: SimulatedRun): boolean {
  return dead
}

function perform(run: SimulatedRun, name: string, args: unknown[]): unknown {
  if (run.dead) throw new Died()
  // What a symbolic link says is its first argument.
  const path = pathOf(run, args[name === 'symlink' ? 1 : 0])
  if (path === undefined) return elsewhere(run, name, args)
  if (name === 'rm' && options(args).recursive === true) {
    removeTree(run, args[0] as string, options(args).force === true)
    return undefined
  }
  const mutates = changes(name, args)
  const fault = run.fault(name, mutates)
  if (fault !== undefined) throw fault
  if (mutates) pass(run, `${name} ${path} before`)
  const value = noted(run, name, args, realCall(name, args))
  if (mutates) pass(run, `${name} ${path} after`)
  return value
}

function elsewhere(run: SimulatedRun, name: string, args: unknown[]): unknown {
  if (name !== 'readFile') return realCall(name, args)
  return statOf(args[0]) ?? ofProcess(run, args[0], realCall(name, args))
}

function changes(name: string, args: unknown[]): boolean {
  return mutating.has(name) || name === 'rm' || (name === 'open' && writes(args[1]))
}

function realCall(name: string, args: unknown[]): unknown {
  const calls = realFiles as unknown as Calls
  return calls[`${name}Sync`]?.(...args)
}

function options(args: unknown[]): { readonly recursive?: boolean; readonly force?: boolean } {
  return args[1] ?? {}
}

function pass(run: SimulatedRun, name: string): void {
  run.point(name)
  if (run.dead) throw new Died()
}

/** A process of its own has a start time of its own (field 22 of proc_pid_stat(5)), which is what locks tell it by. */
function ofProcess(run: SimulatedRun, path: unknown, text: unknown): unknown {
  if (run.startTime === undefined || path !== `/proc/${String(process.pid)}/stat`) return text
  const end = String(text).lastIndexOf(')') + 2
  const fields = String(text).slice(end).split(' ')
  fields[19] = run.startTime
  return String(text).slice(0, end) + fields.join(' ')
}

/** Keeps the books on open files. A new lock is as old as the simulated time says, not the real one. */
function noted(run: SimulatedRun, name: string, args: unknown[], value: unknown): unknown {
  if (name === 'open') {
    const path = String(args[0])
    run.descriptors.set(value as number, path)
    const seconds = run.clock.now() / 1000
    if (path.endsWith('.lock') && writes(args[1])) realFiles.futimesSync(value as number, seconds, seconds)
  }
  if (name === 'close') run.descriptors.delete(args[0] as number)
  return value
}

function writes(flags: unknown): boolean {
  if (typeof flags === 'string') return /[wa+]/.test(flags)
  const { O_WRONLY, O_RDWR, O_CREAT } = fs.constants
  return typeof flags === 'number' && (flags & (O_WRONLY | O_RDWR | O_CREAT)) !== 0
}

/** The path below the run's root, without what is random in it; undefined for what is elsewhere. */
function pathOf(run: SimulatedRun, first: unknown): string | undefined {
  const path = typeof first === 'number' ? run.descriptors.get(first) : String(first)
  if (path?.startsWith(run.root) !== true) return undefined
  return path.slice(run.root.length).replaceAll(/\.[0-9a-f-]{12,36}(?=\.|$)/g, '.*')
}

/** One name at a time, as the system does it: a process may die with half of a folder gone. */
function removeTree(run: SimulatedRun, path: string, force: boolean): void {
  const stat = realFiles.lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined && force) return
  if (stat?.isDirectory() !== true) {
    perform(run, 'unlink', [path])
    return
  }
  for (const name of (perform(run, 'readdir', [path]) as string[]).sort())
    removeTree(run, join(path, name), force)
  perform(run, 'rmdir', [path])
}

/** As much of a FileHandle as play uses. */
class SimulatedFile {
  readonly fd: number
  private readonly run: SimulatedRun

  constructor(run: SimulatedRun, fd: number) {
    this.run = run
    this.fd = fd
  }

  writeFile(data: unknown, options?: unknown): Promise<unknown> {
    return this.call('writeFile', data, options)
  }

  appendFile(data: unknown, options?: unknown): Promise<unknown> {
    return this.call('appendFile', data, options)
  }

  readFile(options?: unknown): Promise<unknown> {
    return this.call('readFile', options)
  }

  async write(data: unknown, ...more: unknown[]): Promise<unknown> {
    return { bytesWritten: await this.call('write', data, ...more), buffer: data }
  }

  async read(
    buffer: Buffer,
    offset = 0,
    length = buffer.length,
    position: number | null = null,
  ): Promise<unknown> {
    return { bytesRead: await this.call('read', buffer, offset, length, position), buffer }
  }

  sync(): Promise<unknown> {
    return this.call('fsync')
  }

  datasync(): Promise<unknown> {
    return this.call('fdatasync')
  }

  stat(options?: unknown): Promise<unknown> {
    return this.call('fstat', ...(options === undefined ? [] : [options]))
  }

  truncate(length = 0): Promise<unknown> {
    return this.call('ftruncate', length)
  }

  chmod(mode: number): Promise<unknown> {
    return this.call('fchmod', mode)
  }

  close(): Promise<unknown> {
    return this.call('close')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  private call(name: string, ...args: unknown[]): Promise<unknown> {
    return asyncly(this.run, () => perform(this.run, name, [this.fd, ...args]))
  }
}
