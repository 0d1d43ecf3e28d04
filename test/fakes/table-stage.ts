/** Real child processes under the names that the process table looks for, and a table that finds them. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { identify } from '../../src/adapters/process-identity.ts'
import { createProcessTable, type ProcessTableSettings } from '../../src/adapters/process-table.ts'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { playgroundVariable, type ProcessTable } from '../../src/domain/running-process.ts'
import { openSegment, readSegments } from '../../src/journal/segment.ts'

const processes = createProcessRunner({ env: process.env })

/** Runs until it is killed. */
export const stubborn = "trap '' INT TERM; while :; do sleep 0.02; done"
/** Ends in order, which takes a moment, and tells how often it was interrupted. */
export const orderly = [
  `trap 'echo INT >> "\${0%/*}/signals"; left=3' INT`,
  'while [ "$left" != 0 ]; do sleep 0.02; [ -n "$left" ] && left=$((left - 1)); done',
].join('; ')

/** What a test has at hand. */
export class TableStage {
  readonly table: ProcessTable
  /** Folder of the playground in question, and of another one. */
  readonly folder: string
  readonly other: string
  private readonly base: string
  private readonly children: ChildProcess[] = []

  private constructor(base: string, changed: Partial<ProcessTableSettings>) {
    this.base = base
    this.folder = join(base, 'dev')
    this.other = join(base, 'other')
    this.table = createProcessTable({
      clock: systemClock,
      processes,
      folders: () => Promise.resolve([this.folder, this.other]),
      readSegments: (folder) => Promise.resolve(readSegments(folder)),
      openSegment: (path, purpose) => openSegment(path, this.segmentSettings(process.pid, purpose)),
      ...changed,
    })
  }

  static async make(changed: Partial<ProcessTableSettings> = {}): Promise<TableStage> {
    const stage = new TableStage(await mkdtemp(join(tmpdir(), 'play-table-')), changed)
    await mkdir(stage.folder)
    await mkdir(stage.other)
    return stage
  }

  /** What a segment is opened with that `pid` writes. */
  segmentSettings(pid: number, purpose: string): Parameters<typeof openSegment>[1] {
    const stamp = { epoch: 'e', tool: 'play 0', now: () => Date.now() }
    return { ...stamp, identify: (each) => identify(each, processes), pid, purpose }
  }

  /** Starts a program of that name; resolves once it runs. `folder` is what its environment names, if anything. */
  async start(
    folder: string | undefined,
    name: string,
    args: readonly string[] = [],
    script = stubborn,
  ): Promise<number> {
    const bin = await mkdtemp(join(this.base, 'bin-'))
    const path = join(bin, name)
    await writeFile(path, `#!/bin/sh\necho here\n${script}\n`, { mode: 0o755 })
    const env = {
      PATH: process.env['PATH'],
      ...(folder === undefined ? {} : { [playgroundVariable]: folder }),
    }
    const child = spawn(path, args, { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true })
    this.children.push(child)
    if (child.pid === undefined) throw new Error(`${name} did not start`)
    await once(child.stdout, 'data')
    return child.pid
  }

  /** The signals that orderly programs noted. */
  async signals(): Promise<string> {
    const bins = this.children.map(({ spawnfile }) => join(spawnfile, '..', 'signals'))
    const texts = await Promise.all(bins.map((path) => readFile(path, 'utf8').catch(() => '')))
    return texts.join('')
  }

  async close(): Promise<void> {
    for (const child of this.children) {
      const exited = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, 'exit')
      if (exited !== undefined && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await exited
    }
    await rm(this.base, { recursive: true })
  }
}

/** True while a process of that number is there, a zombie included. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
