/** A playground's folder with a stand-in for pulumi behind the real Automation API, for each test of a file. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { createProcessRunner } from '../../src/adapters/execa-process-runner.ts'
import { PlayError } from '../../src/domain/errors.ts'
import type { StackRunner } from '../../src/domain/ports.ts'
import { createStackRunner, type StackRunnerOptions } from '../../src/pulumi/stack-runner.ts'
import { FakeClock } from './fake-clock.ts'
import { readNotes, writePulumi, type PulumiNote, type PulumiScript } from './pulumi-stand-in.ts'
import { RecordingReporter } from './recording-reporter.ts'

/** The cluster's name in the engine's words. */
export const clusterUrn = 'urn:pulumi:dev::play::play:index:KindCluster::cluster'
/** What the stack's secrets are locked with. */
export const passphrase = 'correct-horse-battery'

/** What a person's shell may hold and no engine of ours may see. */
const userEnv = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/home/somebody',
  PULUMI_ACCESS_TOKEN: 'pul-secret',
  PULUMI_CONFIG_PASSPHRASE: 'their-secret',
  PULUMI_BACKEND_URL: 's3://theirs',
  PULUMI_STACK: 'theirs',
  AWS_SECRET_ACCESS_KEY: 'aws-secret',
}

/** A diagnostic event of the engine. */
export function diagnostic(severity: string, message: string, urn?: string): object {
  return { diagnosticEvent: { message, color: 'never', severity, ...(urn === undefined ? {} : { urn }) } }
}

/** What `work` throws, which has to be an error of the catalog. */
export async function thrownBy(work: Promise<unknown>): Promise<PlayError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(PlayError)
  return error as PlayError
}

/** What a test has at hand; made anew for each. */
export class StackStage {
  readonly clock = new FakeClock()
  readonly report = new RecordingReporter()
  /** Interrupts what runs. */
  readonly over = new AbortController()
  /** The stack's folder. */
  readonly folder: string
  private readonly home: string

  private constructor(home: string) {
    this.home = home
    this.folder = join(home, 'playground', 'pulumi')
  }

  static async make(): Promise<StackStage> {
    const stage = new StackStage(await mkdtemp(join(tmpdir(), 'play-stack-runner-')))
    await mkdir(stage.folder, { recursive: true })
    return stage
  }

  remove(): Promise<void> {
    return rm(this.home, { recursive: true })
  }

  /** A runner whose engine does what the script says. */
  runner(script: PulumiScript, changed: Partial<StackRunnerOptions> = {}): StackRunner {
    const { clock, folder, home } = this
    return createStackRunner({
      playground: 'dev',
      ...{ clock, folder, launcherFolder: '/play/bin' },
      pulumi: { path: writePulumi(home, script), version: '3.259.0', origin: 'bundle' },
      env: { PATH: userEnv.PATH, PLAY_KIND: '/bundle/kind' },
      processes: createProcessRunner({ env: userEnv }),
      newPassphrase: () => passphrase,
      lockOwnerIsDead: () => Promise.resolve(true),
      ...changed,
    })
  }

  up(stack: StackRunner, program = (): Promise<void> => Promise.resolve(), refresh = false): Promise<void> {
    return stack.up(program, { signal: this.over.signal, report: this.report, refresh })
  }

  destroy(stack: StackRunner): Promise<void> {
    return stack.destroy({ signal: this.over.signal, report: this.report })
  }

  /** Leaves lock files of these contents, as the engine names them; answers their paths. */
  async writeEngineLocks(...texts: readonly string[]): Promise<string[]> {
    const locks = join(this.folder, 'backend', '.pulumi', 'locks', 'organization', 'play', 'dev')
    await mkdir(locks, { recursive: true })
    const paths = texts.map((_, index) => join(locks, `${String(index)}.json`))
    await Promise.all(paths.map((path, index) => writeFile(path, texts[index] ?? '')))
    return paths
  }

  /** The calls of pulumi, in order. */
  calls(): Extract<PulumiNote, { verb: string }>[] {
    return readNotes(this.home).flatMap((note) => ('verb' in note ? [note] : []))
  }

  /** What happened to pulumi, in words: `up`, `interrupt up`, `end up`. */
  story(): string[] {
    return readNotes(this.home).map((note) =>
      'verb' in note ? note.verb : 'interrupt' in note ? `interrupt ${note.interrupt}` : `end ${note.end}`,
    )
  }
}

/** Makes a stage before each test, and fails a test that leaves a rejection without a handler. */
export function useStackStage(): { readonly stage: StackStage } {
  const world = {} as { stage: StackStage }
  const unhandled: unknown[] = []
  let listeners = 0
  /** While a program runs, the SDK listens too and makes a failure of the run of whatever it hears. */
  const keep = (reason: unknown): void => {
    if (process.listenerCount('unhandledRejection') === listeners) unhandled.push(reason)
  }
  beforeEach(async () => {
    world.stage = await StackStage.make()
    unhandled.length = 0
    process.on('unhandledRejection', keep)
    listeners = process.listenerCount('unhandledRejection')
  })
  afterEach(async () => {
    // What has no handler is told after the microtasks, at the latest now.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', keep)
    await world.stage.remove()
    expect(unhandled).toEqual([])
  })
  return world
}
